/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_CP_END_H
#define ENGINE_CP_END_H

#include <sys/stat.h>

#include "engine/cp-path.h"
#include "engine/cp.h"
#include "engine/mount-root.h"
#include "storage/tree.h"

/* One end of a copy, opened. */
struct cp_end {
	const struct engine_cp_place *place;
	struct cp_path path;
	const struct container_root *root; /* NULL: the host */
	int fd;                            /* O_PATH of what the path leads to; -1: nothing */
	struct stat st;
};

/* The containers of both ends, which may be one; opened in an order that is the same for all. */
struct cp_roots {
	struct container_root items[2];
	const struct container_root *from; /* NULL: the host */
	const struct container_root *to;
};
int cp_roots_open(struct engine *engine, const struct engine_cp_place *from,
	const struct engine_cp_place *to, struct cp_roots *ret, struct error *err);
void cp_roots_release(struct cp_roots *roots);
static inline void auto_cp_roots_release(struct cp_roots *roots)
{
	cp_roots_release(roots);
}

/* @root: of the place's container, NULL for the host; borrowed. Nothing being there is no error. */
int cp_end_open(const struct engine_cp_place *place, const struct container_root *root,
	struct cp_end *ret, struct error *err);
void cp_end_release(struct cp_end *end);
static inline void auto_cp_end_release(struct cp_end *end)
{
	cp_end_release(end);
}

/* '"/x" could not be found on container c: …'. Returns -@code. */
int cp_end_missing(const struct cp_end *end, int code, struct error *err);
/* O_PATH descriptor of a directory at that end. */
int cp_end_open_directory(const struct cp_end *end, const char *path, struct error *err);

/* The ids that a container's user has for us. */
void cp_container_user(const struct container_root *root, uint32_t *ret_uid, uint32_t *ret_gid);

#endif
