/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_MOUNT_H
#define STORAGE_MOUNT_H

#include <stdbool.h>

#include "base/idrange.h"
#include "storage/store.h"

/*
 * The one place that turns layers into a root file system. A plan is made by the monitor (or by a
 * command that wants to look into a container), and carried out by storage_mount() in the mount
 * namespace where the root file system is wanted. It lives and dies with that namespace.
 */
enum storage_driver {
	STORAGE_OVERLAY = 0, /* the kernel's overlayfs, userxattr */
	STORAGE_FUSE,        /* fuse-overlayfs, a process per container */
	STORAGE_COPY,        /* a copy of the merged tree */
};
const char *storage_driver_name(
	enum storage_driver driver); /* "overlay", "fuse-overlayfs", "copy" */
int storage_driver_parse(
	const char *text, enum storage_driver *ret); /* also "vfs", "fuse"; -EINVAL */

struct storage_driver_info {
	enum storage_driver driver;
	bool has_overlay; /* what the host can do; */
	bool has_fuse;
	char overlay_why[200]; /* and why not, with the remedy; "" when it can */
	char fuse_why[200];
};

/*
 * storage_probe_driver - which driver to use: the one asked for, else the best that works.
 * Tried once per boot and file system in a process of its own, and remembered in the run
 * directory. Must be called in the user namespace that owns the store.
 * Returns 0; -EOPNOTSUPP when the driver asked for cannot work, with cause and remedy.
 */
int storage_probe_driver(struct store *store, struct storage_driver_info *ret, struct error *err);

/*
 * storage_choose_driver - as storage_probe_driver(), for those who want to mount and no more.
 * @maps_ids: for a nested user namespace, whose owners the kernel's overlay cannot show
 */
int storage_choose_driver(
	struct store *store, bool maps_ids, enum storage_driver *ret, struct error *err);

struct mount_request {
	char *const *layers;   /* ChainIDs, base first (strv); NULL: an empty root */
	const char *container; /* directory relative to rootfd, "containers/ID" */
	bool no_sync;          /* auto-removed: nothing of it need survive a crash */
	/* A nested user namespace's map, the container's ids to ours; NULL: owners as they are. */
	const struct idmap *uids;
	const struct idmap *gids;
};

struct mount_plan {
	enum storage_driver driver;
	struct store *store; /* borrowed */
	char *container;     /* directory relative to rootfd */
	char **layers;       /* "layers/HEX/diff", relative to rootfd, top first (strv) */
	bool no_sync;
	int fuse_socket; /* takes the /dev/fuse descriptor from storage_mount(); -1: none */
	int fuse_pid;    /* a child that waits for it and becomes fuse-overlayfs; 0: none */
};

/*
 * storage_mount_plan - decide how the root file system is made, and prepare it.
 *
 * Makes upper/ and work/ in the container's directory (copy: rootfs/, the merged tree, once).
 * With STORAGE_FUSE a child is started that waits for storage_mount(). A nested map needs
 * STORAGE_FUSE or STORAGE_COPY and gets the first that works.
 * Call it in the user namespace that owns the store. Nothing of the plan may outlive the process
 * that made it, but clones of it may use it.
 */
int storage_mount_plan(struct store *store, const struct mount_request *request,
	struct mount_plan **ret, struct error *err);
/*
 * storage_mount - mount the root file system on a directory.
 * @target: existing directory in the caller's mount namespace, which must be private
 *
 * To be called where /dev and /proc of the host are still visible, with the capabilities of the
 * user namespace that owns the store (before a nested one is entered).
 * The mount has no flags set: read-only, nodev and the like are the caller's.
 */
int storage_mount(const struct mount_plan *plan, const char *target, struct error *err);
/*
 * storage_lower_text - the layers' directories as people know them from overlay's "lowerdir": whole
 * paths, the top first, with colons in between. To be shown, not to be mounted.
 * @layers: chain ids, base first.  Owned by the caller.
 */
char *storage_lower_text(const struct store *store, char *const *layers);
/* Closes what the plan holds in the calling process, once the one that mounts has been cloned. */
void mount_plan_release_fds(struct mount_plan *plan);
/*
 * Frees the plan. Does not touch a mount. A fuse-overlayfs that serves one ends with it; one that
 * still waits for storage_mount() ends now.
 */
void mount_plan_free(struct mount_plan *plan);
DEFINE_AUTO(struct mount_plan *, mount_plan_free);

#endif
