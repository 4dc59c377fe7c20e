/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file of a tree that is copied. Source and target may belong to containers that run, and put
 * something else in the place of a name at any moment. So a name is opened once, its type is looked
 * at then, and all that follows is done to what is open.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"
#include "storage/tree.h"
#include "storage/xattr.h"
#include "sys/file.h"

#define COPY_CHUNK (1 << 30)
#define BUFFER_SIZE (1 << 18)
#define PATH_SIZE 40 /* "/proc/self/fd/N" */

/* An owner that the map does not know stays ours, as it would show up unmapped anyway. */
static void map_owner(
	const struct stat *st, const struct tree_copy_options *options, uid_t *uid, gid_t *gid)
{
	*uid = st->st_uid;
	*gid = st->st_gid;
	if (options && options->has_owner) {
		*uid = options->uid;
		*gid = options->gid;
	} else if ((options && options->uids &&
			   !idmap_to_outside(options->uids, st->st_uid, uid)) ||
		   (options && options->gids &&
			   !idmap_to_outside(options->gids, st->st_gid, gid))) {
		*uid = *gid = (uid_t)-1;
	}
}

/* Owner, mode, times. @fd: may be O_PATH */
static int set_attributes(int fd, const struct stat *st, const struct tree_copy_options *options)
{
	struct timespec times[2] = {st->st_atim, st->st_mtim};
	mode_t mode = st->st_mode & (options && options->no_setid ? 01777 : 07777);
	char path[PATH_SIZE];
	uid_t uid;
	gid_t gid;

	map_owner(st, options, &uid, &gid);
	if (fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0 && errno != EINVAL && errno != EPERM)
		return -errno;
	/* Not fchmod(): it refuses O_PATH. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!S_ISLNK(st->st_mode) && chmod(path, mode) < 0)
		return -errno;
	return utimensat(fd, "", times, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

int tree_copy_attributes(
	int source, int target, const struct tree_copy_options *options, struct error *err)
{
	struct stat st;
	int r;

	if (fstat(source, &st) < 0)
		return error_sys(err, errno, "stat");
	r = set_attributes(target, &st, options);
	if (r == 0)
		r = xattr_copy(source, target, options && options->as_layer);
	return r < 0 ? error_sys(err, -r, "copy attributes") : 0;
}

/* Between file systems that copy_file_range() does not work with. */
static ssize_t copy_slowly(int source, off_t at, int target, size_t len)
{
	autofree char *buffer = xmalloc(BUFFER_SIZE);
	ssize_t got = pread(source, buffer, len < BUFFER_SIZE ? len : BUFFER_SIZE, at);
	ssize_t done;

	for (ssize_t put = 0; put < got; put += done) {
		done = pwrite(target, buffer + put, (size_t)(got - put), at + put);
		if (done < 0 && errno == EINTR)
			done = 0;
		else if (done < 0)
			return -errno;
	}
	return got < 0 ? -errno : got;
}

static ssize_t copy_some(int source, off_t at, int target, size_t len)
{
	ssize_t done;

	do {
		off_t in = at, out = at;

		done = copy_file_range(source, &in, target, &out, len, 0);
	} while (done < 0 && errno == EINTR);
	if (done >= 0)
		return done;
	if (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP || errno == ENOSYS ||
		errno == EIO)
		return copy_slowly(source, at, target, len);
	return -errno;
}

/* SEEK_DATA keeps holes; copy_file_range() lets the file system share or move the data itself. */
static int copy_data(int source, int target, off_t size)
{
	off_t at = 0;

	if (size == 0 || ioctl(target, FICLONE, source) == 0)
		return 0;
	if (ftruncate(target, size) < 0)
		return -errno;
	while (at < size) {
		off_t data = lseek(source, at, SEEK_DATA);
		off_t hole;

		if (data < 0)
			return errno == ENXIO ? 0 : -errno;
		hole = lseek(source, data, SEEK_HOLE);
		if (hole < 0)
			return -errno;
		/* It has been cut short. */
		if (hole <= data)
			return 0;
		/* What is written to it meanwhile would keep us for ever. */
		if (hole > size)
			hole = size;
		while (data < hole) {
			off_t len = hole - data < COPY_CHUNK ? hole - data : COPY_CHUNK;
			ssize_t done = copy_some(source, data, target, (size_t)len);

			if (done <= 0)
				return (int)done;
			data += done;
		}
		at = hole;
	}
	return 0;
}

/* What is known to be a regular file, opened for more than O_PATH. */
static int reopen(int file, int flags)
{
	char path[PATH_SIZE];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

static int fill_regular(
	int in, const struct stat *st, int out, const struct tree_copy_options *options)
{
	int r = copy_data(in, out, st->st_size);

	/* Owner before attributes: chown() clears file capabilities. */
	if (r == 0)
		r = set_attributes(out, st, options);
	if (r == 0)
		r = xattr_copy(in, out, options && options->as_layer);
	return r;
}

static int copy_regular(int file, const struct stat *st, int target, const char *target_name,
	const struct tree_copy_options *options)
{
	autoclose int in = reopen(file, O_RDONLY);
	autoclose int out = -1;

	if (in < 0)
		return in;
	out = openat(target, target_name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return out < 0 ? -errno : fill_regular(in, st, out, options);
}

int tree_copy_over(int file, int target, const struct tree_copy_options *options, struct error *err)
{
	autoclose int in = -1, out = -1;
	struct stat st, was;
	int r = 0;

	if (fstat(file, &st) < 0 || fstat(target, &was) < 0)
		return error_sys(err, errno, "stat");
	if (!S_ISREG(st.st_mode) || !S_ISREG(was.st_mode))
		return error_set(err, EINVAL, "only a file can be written over a file");
	in = reopen(file, O_RDONLY);
	out = in < 0 ? in : reopen(target, O_RDWR | O_TRUNC);
	r = out < 0 ? out : fill_regular(in, &st, out, options);
	return r < 0 ? error_sys(err, -r, "write over a file") : 0;
}

static int make_node(int file, const struct stat *st, int target, const char *target_name)
{
	autofree char *text = NULL;
	int r;

	if (!S_ISLNK(st->st_mode))
		return mknodat(target, target_name, st->st_mode, st->st_rdev) < 0 ? -errno : 0;
	r = link_read_at(file, "", &text);
	if (r == 0 && symlinkat(text, target, target_name) < 0)
		r = -errno;
	return r;
}

static int copy_special(int file, const struct stat *st, int target, const char *target_name,
	const struct tree_copy_options *options)
{
	autoclose int made = -1;
	struct stat now;
	int r = make_node(file, st, target, target_name);

	/* Sockets have no meaning without their process, devices may not be ours to make. */
	if (r == -EPERM || S_ISSOCK(st->st_mode))
		return 0;
	if (r < 0)
		return r;
	made = openat(target, target_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (made < 0)
		return -errno;
	/* Another one's by now: his attributes are not ours to give. */
	if (fstat(made, &now) < 0 || (now.st_mode & S_IFMT) != (st->st_mode & S_IFMT))
		return -ESTALE;
	r = xattr_copy(file, made, false);
	return r < 0 ? r : set_attributes(made, st, options);
}

int tree_copy_open(int file, int target, const char *target_name,
	const struct tree_copy_options *options, struct error *err)
{
	struct stat st;
	int r;

	if (fstat(file, &st) < 0)
		return error_sys(err, errno, "copy %s", target_name);
	if (S_ISDIR(st.st_mode))
		r = -EISDIR;
	else if (S_ISREG(st.st_mode))
		r = copy_regular(file, &st, target, target_name, options);
	else
		r = copy_special(file, &st, target, target_name, options);
	return r < 0 ? error_sys(err, -r, "copy %s", target_name) : 0;
}

int tree_copy_file(int source, const char *name, int target, const char *target_name,
	const struct tree_copy_options *options, struct error *err)
{
	autoclose int file = openat(source, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (file < 0)
		return error_sys(err, errno, "copy %s", name);
	return tree_copy_open(file, target, target_name, options, err);
}
