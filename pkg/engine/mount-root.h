/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_MOUNT_ROOT_H
#define ENGINE_MOUNT_ROOT_H

#include "container/container.h"
#include "engine/internal.h"
#include "spec/spec.h"
#include "storage/mount.h"

enum container_view {
	VIEW_FULL, /* with volumes and whatever else is mounted, as processes inside see it */
	VIEW_BARE, /* the root file system alone */
};

/*
 * struct container_root - the files of a container, by a descriptor of its root directory.
 *
 * Of one that runs, they are reached through its mount namespace. One that does not is mounted in a
 * mount namespace that this process makes for itself, once; its lock is held meanwhile, so that it
 * does not start. Paths below the descriptor are opened with root_open(): what the container has
 * there leads nowhere else.
 */
struct container_root {
	struct container *ctr;
	struct spec spec;
	const struct idmap *uids; /* the container's ids to ours; NULL: the same */
	const struct idmap *gids;
	int fd;       /* O_PATH of / */
	int lock;     /* -1: it runs */
	char *target; /* where it is mounted for us; NULL: nowhere */
	struct mount_plan *plan;
};

/* @ret is overwritten. -ENOENT "no such container"; "no container with name or ID …" else. */
int container_root_open(struct engine *engine, const char *name, enum container_view view,
	struct container_root *ret, struct error *err);
void container_root_release(struct container_root *root);
static inline void auto_container_root_release(struct container_root *root)
{
	container_root_release(root);
}

/* O_PATH descriptor of the root directory of a container that runs. */
int container_running_root(
	const struct container *ctr, enum container_view view, struct error *err);
/*
 * container_plan_mount - storage_mount_plan() with the driver that the container was made with, if
 * no other one was asked for: what one has written, another may not understand.
 */
int container_plan_mount(const struct container *ctr, const struct mount_request *request,
	struct mount_plan **ret, struct error *err);
/* Reads the container's spec. @ret: zeroed by the caller, who releases it in any case. */
int container_read_spec(const struct container *ctr, struct spec *ret, struct error *err);
/*
 * container_settle - opens a container that is not just starting: waits for that.
 * @ret_lock: the container's lock where it does not run; -1 where it does
 */
int container_settle(struct engine *engine, const char *name, struct container **ret, int *ret_lock,
	struct error *err);

#endif
