/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_XATTR_H
#define STORAGE_XATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Extended attributes of layers. All functions return 0 (or a length) or a negative errno. */
#define XATTR_OPAQUE "user.overlay.opaque"
#define XATTR_FUSE_OPAQUE "user.fuseoverlayfs.opaque"
/* "uid:gid:mode" (octal), read by fuse-overlayfs, where the owner could not be set. */
#define XATTR_OWNER "user.containers.override_stat"

/*
 * xattr_is_internal - attributes that steer overlayfs or fuse-overlayfs. Taken from an image, they
 * would make a layer show what does not belong to it.
 */
bool xattr_is_internal(const char *name);

/* Value into @value; its length. Works with O_PATH descriptors. */
ssize_t xattr_get_fd(int fd, const char *name, void *value, size_t size);
int xattr_set_fd(int fd, const char *name, const void *value, size_t size);

/*
 * xattr_names - the names that an image has of a file: neither internal ones nor labels.
 * @path: symlinks are not followed at its end.  @ret: strv, NULL for none
 */
int xattr_names(const char *path, char ***ret);

/*
 * xattr_copy - all attributes of one open file (or O_PATH) to another; what the target's file
 * system cannot hold is left out.  @no_internal: leaves out those that are internal.
 */
int xattr_copy(int source, int target, bool no_internal);

#endif
