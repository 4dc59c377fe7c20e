/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_IMAGE_SESSION_H
#define CORACLE_IMAGE_SESSION_H

#include "common/command.h"
#include "common/opts-image.h"
#include "image/platform.h"
#include "registry/client.h"
#include "storage/store.h"

/*
 * session_open - enter the user namespace and open the store in it; what dead processes have left
 * there is removed. Nothing that starts threads may have been called before.
 */
int session_open(const struct cli *cli, struct store **ret, struct error *err);

/* What a command line says about registries; borrows from @cli. */
struct registry_options session_registry(const struct registry_cli_options *cli);

/* The platform that was asked for: 1, or 0 when none was; -EINVAL. */
int session_platform(
	const struct platform_cli_options *cli, struct platform *ret, struct error *err);

int cmd_pull(struct cli *cli, void *options, char **args);
int cmd_import(struct cli *cli, void *options, char **args);
int cmd_login(struct cli *cli, void *options, char **args);
int cmd_logout(struct cli *cli, void *options, char **args);

#endif
