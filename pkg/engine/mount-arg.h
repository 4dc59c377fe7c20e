/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_MOUNT_ARG_H
#define ENGINE_MOUNT_ARG_H

#include "container/record.h"

/* Parsers of the mount flags: bytes in, struct out; nothing is looked up on the host. */

/* -v [[SRC:]DST[:OPT,…]]; a relative SRC ("./x", "~/x") is made absolute with @cwd and @home. */
int mount_arg_parse_volume(const char *text, const char *cwd, const char *home,
	struct container_mount *ret, struct error *err);
/* --mount type=bind|volume|tmpfs,src=…,dst=…,… */
int mount_arg_parse_mount(
	const char *text, const char *cwd, struct container_mount *ret, struct error *err);
/* --tmpfs DST[:OPT,…] */
int mount_arg_parse_tmpfs(const char *text, struct container_mount *ret, struct error *err);
void container_mount_release(struct container_mount *mount);

#endif
