/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_MOUNT_H
#define ENGINE_MOUNT_H

#include "engine/engine.h"

/*
 * Mounts of containers' root file systems, for people who work inside `coracle unshare`. They live
 * in its mount namespace and end with it. A container that is mounted so does not start.
 */

/* Are we where mounts can be made: in a mount namespace of the user namespace? */
bool engine_can_mount(void);

/*
 * engine_mount - mount a container, or count one that is mounted here already once more.
 * @ret_path: owned by the caller
 * -EBUSY: it is mounted in another `coracle unshare`.
 */
int engine_mount(struct engine *engine, const char *name, char **ret_path, struct error *err);
/*
 * engine_unmount - take one of the counted mounts back; the last one ends the mount.
 * @force: ends it at once, even if files in it are open
 * Returns 0, also where it is not mounted; -EBUSY in use, or mounted elsewhere.
 */
int engine_unmount(struct engine *engine, const char *name, bool force, struct error *err);

struct engine_mounted {
	char *id;
	char *name;
	char *path;
};
struct engine_mounts {
	struct engine_mounted *items;
	size_t count;
};
/* All that are mounted, here or elsewhere. */
int engine_mounts(struct engine *engine, struct engine_mounts *ret, struct error *err);
void engine_mounts_release(struct engine_mounts *list);
static inline void auto_engine_mounts_release(struct engine_mounts *list)
{
	engine_mounts_release(list);
}

#endif
