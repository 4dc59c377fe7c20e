/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_IMAGE_CONTAINER_H
#define CORACLE_IMAGE_CONTAINER_H

#include "common/opts-container.h"
#include "engine/engine.h"

int cmd_commit(struct cli *cli, void *data, char **args);
int cmd_cp(struct cli *cli, void *data, char **args);
int cmd_export(struct cli *cli, void *data, char **args);

/* engine_open() with the options before the verb. */
int container_engine_open(const struct cli *cli, struct engine **ret, struct error *err);

#endif
