/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_MOUNT_H
#define SYS_MOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Mounts by descriptor (fsopen, open_tree, move_mount): what was looked up is what is mounted.
 * A detached mount lives as long as its descriptor, until it is attached.
 */

/* Mount option words of the runtime specification, understood. */
struct mount_options {
	uint64_t set;         /* MOUNT_ATTR_*, for the mount itself */
	uint64_t clear;
	uint64_t rec_set;     /* the same for all mounts below too ("rro") */
	uint64_t rec_clear;
	uint64_t propagation; /* MS_PRIVATE, MS_SHARED, MS_SLAVE, MS_UNBINDABLE; 0: not given */
	bool rec_propagation; /* "rprivate" */
	bool bind;
	bool recursive;       /* "rbind" */
	bool copy_up;         /* "tmpcopyup" */
	bool idmap;           /* "idmap" or "ridmap" */
	char **data;          /* words for the file system, in order */
};
/* @ret zeroed; cannot fail, as words that are not known belong to the file system. */
void mount_options_parse(char *const *words, struct mount_options *ret);
void mount_options_release(struct mount_options *options);
static inline void auto_mount_options_release(struct mount_options *options)
{
	mount_options_release(options);
}

/*
 * mount_new - a new file system as a detached mount.
 * @source: NULL: none
 * @data:   options of the file system, "key=value" or "flag"; NULL: none
 * @attr:   MOUNT_ATTR_*
 * Returns a descriptor of its root; negative errno, with the kernel's explanation in @err.
 */
int mount_new(const char *type, const char *source, char *const *data, uint64_t attr,
	struct error *err);

/* A detached copy of the mount at @path ("" for @dirfd itself), with those below if @recursive. */
int mount_clone(int dirfd, const char *path, bool recursive, struct error *err);

/* Changes attributes of a mount; @propagation 0 keeps it. -ENOSYS before Linux 5.12. */
int mount_set(int fd, uint64_t set, uint64_t clear, uint64_t propagation, bool recursive,
	struct error *err);
/* All attributes and the propagation of @options. */
int mount_apply(int fd, const struct mount_options *options, struct error *err);

/* Attaches a detached mount on what @target_fd refers to. */
int mount_attach(int fd, int target_fd, struct error *err);

/* All mounts of this namespace become private ones, or with @slave ones that only receive. */
int mount_isolate(bool slave, struct error *err);

/*
 * mount_pivot - make the mount at @rootfd the root directory and detach the old one.
 * The caller's working directory is / afterwards.
 */
int mount_pivot(int rootfd, struct error *err);

#endif
