/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_MOUNT_DRIVERS_H
#define STORAGE_MOUNT_DRIVERS_H

#include "storage/mount.h"

/* The three ways of mount.c. The mount functions run where storage_mount() is called. */

/* Attaches a detached mount to a directory. */
int mount_put(int fd, const char *target, struct error *err);

/* @storefd: the store's root, opened in the mount namespace of the caller: overlayfs refuses
 * directories that were looked up in another one. */
int mount_overlay(
	const struct mount_plan *plan, int storefd, const char *target, struct error *err);

/* Full path of the fuse-overlayfs program, owned by the caller; NULL: not installed. */
char *fuse_program(void);
/* Why fuse-overlayfs cannot be used on this host, with remedy; "" when it can. */
void fuse_probe(char *ret_why, size_t size);
/* Starts the process that will serve the plan's mount. */
int fuse_prepare(struct mount_plan *plan, const struct mount_request *request, struct error *err);
int mount_fuse(const struct mount_plan *plan, const char *target, struct error *err);
/* The -o option of fuse-overlayfs for a plan; owned by the caller. */
char *fuse_options(const struct mount_plan *plan, const struct mount_request *request);

/*
 * In the container's directory, made when its copy was complete: files that were not touched since
 * (by their ctime) are as in the image.
 */
#define COPY_MADE "rootfs.made"
/* Makes the merged tree of a plan, unless it is there. */
int copy_prepare(struct mount_plan *plan, const struct mount_request *request, struct error *err);
int mount_copy(const struct mount_plan *plan, int storefd, const char *target, struct error *err);

#endif
