/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/str.h"
#include "storage/diff-private.h"
#include "storage/xattr.h"
#include "sys/file.h"

#define NOBODY 65534
#define COMPARE_SIZE (64 * 1024)
#define PATH_SIZE 320 /* "/proc/self/fd/N/" and a file name */

void diff_map_owner(const struct diff_side *side, struct stat *st)
{
	uint32_t id;

	if (side->uids)
		st->st_uid = idmap_to_inside(side->uids, st->st_uid, &id) ? id : NOBODY;
	if (side->gids)
		st->st_gid = idmap_to_inside(side->gids, st->st_gid, &id) ? id : NOBODY;
}

static bool same_time(const struct timespec *left, const struct timespec *right)
{
	return left->tv_sec == right->tv_sec && left->tv_nsec == right->tv_nsec;
}

static bool same_owner_and_mode(const struct stat *left, const struct stat *right)
{
	return left->st_mode == right->st_mode && left->st_uid == right->st_uid &&
	       left->st_gid == right->st_gid;
}

/* "NAME=LENGTH:VALUE" of each attribute that leaves, in one text. */
static void add_xattr(const char *path, const char *name, struct strbuf *ret)
{
	autofree char *value = NULL;
	ssize_t len = lgetxattr(path, name, NULL, 0);

	if (len > 0) {
		value = xmalloc((size_t)len);
		len = lgetxattr(path, name, value, (size_t)len);
	}
	if (len < 0)
		return;
	strbuf_addf(ret, "%s=%zd:", name, len);
	strbuf_add(ret, value ? value : "", (size_t)len);
}

static void describe_xattrs(const struct diff_file *file, struct strbuf *ret)
{
	AUTO(strv_free) char **names = NULL;
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", file->dirfd, file->name);
	if (xattr_names(path, &names) < 0)
		return;
	strv_sort(names);
	for (char **name = names; name && *name; name++)
		add_xattr(path, *name, ret);
}

static bool same_xattrs(const struct diff_file *file, const struct diff_file *other)
{
	AUTO(strbuf_release) struct strbuf left = STRBUF_INIT, right = STRBUF_INIT;

	describe_xattrs(file, &left);
	describe_xattrs(other, &right);
	return left.len == right.len && (!left.len || memcmp(left.data, right.data, left.len) == 0);
}

int diff_directory_differs(
	const struct diff_file *file, const struct diff_file *other, struct error *err)
{
	(void)err;
	return !same_owner_and_mode(&file->st, &other->st) || !same_xattrs(file, other);
}

int diff_directory_changed(
	const struct diff_file *file, const struct diff_file *other, struct error *err)
{
	if (!same_time(&file->st.st_mtim, &other->st.st_mtim))
		return 1;
	return diff_directory_differs(file, other, err);
}

static int read_block(int fd, char *block, size_t *ret)
{
	*ret = 0;
	while (*ret < COMPARE_SIZE) {
		ssize_t got = read(fd, block + *ret, COMPARE_SIZE - *ret);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		*ret += (size_t)got;
	}
	return 0;
}

/* Something else may have taken the name: only files are read. */
static int open_file(const struct diff_file *file)
{
	int fd = openat(
		file->dirfd, file->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -ESTALE;
	}
	return fd;
}

static int data_changed(const struct diff_file *file, const struct diff_file *other)
{
	autofree char *left = xmalloc(COMPARE_SIZE), *right = xmalloc(COMPARE_SIZE);
	autoclose int left_fd = open_file(file);
	autoclose int right_fd = open_file(other);
	size_t left_len, right_len;
	int r = left_fd < 0 ? left_fd : right_fd < 0 ? right_fd : 0;

	while (r == 0) {
		r = read_block(left_fd, left, &left_len);
		if (r == 0)
			r = read_block(right_fd, right, &right_len);
		if (r == 0 && (left_len != right_len || memcmp(left, right, left_len) != 0))
			return 1;
		if (left_len == 0)
			break;
	}
	/* It has become something else meanwhile. */
	return r == -ESTALE || r == -ENOENT ? 1 : r;
}

static int target_changed(const struct diff_file *file, const struct diff_file *other)
{
	autofree char *left = NULL, *right = NULL;
	int r = link_read_at(file->dirfd, file->name, &left);

	if (r == 0)
		r = link_read_at(other->dirfd, other->name, &right);
	return r < 0 ? 1 : !str_eq(left, right);
}

bool diff_file_differs(const struct diff_file *file, const struct diff_file *other)
{
	const struct stat *st = &file->st, *was = &other->st;

	return !same_owner_and_mode(st, was) || st->st_size != was->st_size ||
	       st->st_rdev != was->st_rdev || !same_time(&st->st_mtim, &was->st_mtim);
}

int diff_content_changed(
	const struct diff_file *file, const struct diff_file *other, struct error *err)
{
	int r;

	if (!same_xattrs(file, other))
		return 1;
	if (S_ISLNK(file->st.st_mode))
		return target_changed(file, other);
	r = S_ISREG(file->st.st_mode) ? data_changed(file, other) : 0;
	return r < 0 ? error_sys(err, -r, "compare %s", file->name) : r;
}
