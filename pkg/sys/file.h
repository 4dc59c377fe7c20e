/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_FILE_H
#define SYS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * root_open - open a path that an image, a container or a person named, inside @rootfd.
 * Symlinks, absolute ones too, are resolved as if @rootfd were /; magic links are refused.
 * O_CLOEXEC is added. Returns the descriptor; negative errno.
 */
int root_open(int rootfd, const char *path, int flags, mode_t mode, struct error *err);

/* Directories of @path below @rootfd, made where missing with @mode; returns an O_PATH fd of it. */
int root_make_dirs(int rootfd, const char *path, mode_t mode, struct error *err);

/*
 * file_read_at - the whole content of a regular file, NUL-terminated.
 * @limit: most bytes taken; -EFBIG beyond.  @ret_len: may be NULL.
 */
int file_read_at(
	int dirfd, const char *name, size_t limit, char **ret, size_t *ret_len, struct error *err);
/* As file_read_at(), from a descriptor to its end. */
int fd_read_all(int fd, size_t limit, char **ret, size_t *ret_len, struct error *err);

enum file_write_flags {
	FILE_WRITE_SYNC = 1, /* on disk before the new name is visible */
	FILE_WRITE_NEW = 2,  /* in a directory that nobody knows yet: made in place, -EEXIST */
	/*
	 * A lock keeps other writers away: one temporary for all of them, so that what a killed one
	 * leaves is written over by the next, or goes with file_remove_at().
	 */
	FILE_WRITE_LOCKED = 4,
};
/* file_write_at - replace @name as a whole: temporary beside it, then renameat(). */
int file_write_at(int dirfd, const char *name, const void *data, size_t len, mode_t mode,
	unsigned flags, struct error *err);
/* All of @data, over short writes and EINTR; 0 or negative errno. */
int fd_write_all(int fd, const void *data, size_t len);
/* file_remove_at - undo FILE_WRITE_LOCKED, complete or not; 0 also if there is nothing. */
int file_remove_at(int dirfd, const char *name, struct error *err);

/* mkdir -p: 0 or negative errno. The last component gets @mode, the others 0755 & ~umask. */
int dir_make_all(const char *path, mode_t mode, struct error *err);
/* Opens a directory O_RDONLY | O_DIRECTORY | O_CLOEXEC. */
int dir_open_at(int dirfd, const char *name, struct error *err);
/* rm -r of @name below @dirfd, never through a symlink; absence is success. */
int dir_remove_all_at(int dirfd, const char *name, struct error *err);
/* Names in a directory without "." and "..", unsorted; owned by the caller. */
int dir_list_at(int dirfd, const char *name, char ***ret, struct error *err);
/* Target of a symlink, owned by the caller; -ENOENT as from the kernel. */
int link_read_at(int dirfd, const char *name, char **ret);

/* Takes an flock() on @name, made when missing, and waits for it. Closing the fd releases it. */
int lock_open_at(int dirfd, const char *name, bool shared, struct error *err);

#endif
