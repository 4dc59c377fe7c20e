/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_CP_H
#define ENGINE_CP_H

#include "engine/engine.h"

/* One end of a copy. */
struct engine_cp_place {
	const char *container; /* name, id or prefix; NULL: the host */
	const char *path;      /* in a container, from its root directory on */
};

struct engine_cp {
	struct engine_cp_place from;
	struct engine_cp_place to;
	bool keep_owners; /* in a container; else all belongs to its user */
	bool overwrite;   /* directories may be replaced by files, and files by directories */
};

/*
 * engine_cp - copy files between containers and the host. Containers may run: then volumes and
 * other mounts are what they see, else volumes are mounted for the copy.
 *
 * Paths of a container are resolved in it: no link there leads to the host. Where they end in a
 * link, that is followed; links below a directory are copied as links. With "/." at its end a
 * directory stands for what is in it.
 * What comes to the host belongs to the caller, without setuid and setgid bits.
 * Returns 0; -ENOENT; -ENOTDIR, -EISDIR; else as from the kernel. What was copied before stays.
 */
int engine_cp(struct engine *engine, const struct engine_cp *cp, struct error *err);

/*
 * engine_cp_out - files of a container as a tar: a directory with its name before its entries, or
 * with "/." without it. Owners are those that the container sees. (engine_archive_dep)
 * @fd: takes it
 */
int engine_cp_out(
	struct engine *engine, const struct engine_cp_place *from, int fd, struct error *err);
/*
 * engine_cp_in - unpack a tar, compressed or not, into a directory of a container, as cp->to,
 * keep_owners and overwrite say. (engine_archive_dep)
 * @fd: read to its end
 */
int engine_cp_in(struct engine *engine, const struct engine_cp *cp, int fd, struct error *err);

#endif
