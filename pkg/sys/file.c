/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"

int root_open(int rootfd, const char *path, int flags, mode_t mode, struct error *err)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.mode = flags & (O_CREAT | O_TMPFILE) ? mode : 0,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	/* EAGAIN: something was renamed while the kernel walked ".."; it asks us to repeat. */
	do {
		fd = syscall(SYS_openat2, rootfd, path, &how, sizeof(how));
	} while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return fd < 0 ? error_sys(err, errno, "open %s", path) : (int)fd;
}

int root_make_dirs(int rootfd, const char *path, mode_t mode, struct error *err)
{
	AUTO(strv_free) char **parts = strv_split(path, '/');
	AUTO(strbuf_release) struct strbuf sofar = STRBUF_INIT;
	autoclose int dirfd = root_open(rootfd, ".", O_PATH | O_DIRECTORY, 0, err);

	for (size_t i = 0; dirfd >= 0 && parts[i]; i++) {
		int next;

		if (!*parts[i] || str_eq(parts[i], "."))
			continue;
		if (str_eq(parts[i], ".."))
			return error_set(err, EINVAL, "%s: contains \"..\"", path);
		if (mkdirat(dirfd, parts[i], mode) < 0 && errno != EEXIST)
			return error_sys(err, errno, "create directory %s", path);
		/* From the root again, so that a symlink found here is resolved inside it. */
		strbuf_addf(&sofar, "/%s", parts[i]);
		next = root_open(rootfd, sofar.data, O_PATH | O_DIRECTORY, 0, err);
		close_fd(&dirfd);
		dirfd = next;
	}
	return take_fd(dirfd);
}

int fd_read_all(int fd, size_t limit, char **ret, size_t *ret_len, struct error *err)
{
	AUTO(strbuf_release) struct strbuf buf = STRBUF_INIT;
	struct stat st;
	size_t room = 4096;
	bool has_size = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;

	if (has_size)
		room = (size_t)st.st_size + 1;
	for (;;) {
		ssize_t got;

		if (room > limit + 1)
			room = limit + 1;
		buf.data = xrealloc(buf.data, room + 1, 1);
		buf.size = room + 1;
		got = read(fd, buf.data + buf.len, room - buf.len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_sys(err, errno, "read");
		buf.len += (size_t)got;
		buf.data[buf.len] = '\0';
		if (buf.len > limit)
			return error_set(err, EFBIG, "larger than %zu bytes", limit);
		/* As long as it said to be: another read would only say that there is no more. */
		if (got == 0 || (has_size && got == st.st_size))
			break;
		if (buf.len == room)
			room *= 2;
	}
	if (ret_len)
		*ret_len = buf.len;
	*ret = strbuf_take(&buf);
	return 0;
}

int file_read_at(
	int dirfd, const char *name, size_t limit, char **ret, size_t *ret_len, struct error *err)
{
	/* O_NONBLOCK: a fifo put in place of the file must not hang us. */
	autoclose int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int r;

	if (fd < 0)
		return error_sys(err, errno, "open %s", name);
	r = fd_read_all(fd, limit, ret, ret_len, err);
	return r < 0 ? error_wrap(err, r, "%s", name) : 0;
}

int fd_write_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t done = write(fd, at, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		at += done;
		len -= (size_t)done;
	}
	return 0;
}

static int write_temporary(
	int dirfd, const char *temporary, const void *data, size_t len, mode_t mode, unsigned flags)
{
	int how = flags & FILE_WRITE_LOCKED ? O_TRUNC | O_NOFOLLOW : O_EXCL;
	autoclose int fd = openat(dirfd, temporary, O_WRONLY | O_CREAT | O_CLOEXEC | how, mode);
	int r;

	if (fd < 0)
		return -errno;
	r = fd_write_all(fd, data, len);
	if (r == 0 && (flags & FILE_WRITE_SYNC) && fsync(fd) < 0)
		r = -errno;
	return r;
}

/* Where @name is written before it gets its name; NULL @serial: the one for locked files. */
static char *temporary_name(const char *name, unsigned *serial)
{
	const char *slash = strrchr(name, '/');
	int dir_len = slash ? (int)(slash - name) + 1 : 0;

	if (!serial)
		return xasprintf("%.*s.tmp-%s", dir_len, name, name + dir_len);
	return xasprintf(
		"%.*s.tmp-%d-%u-%s", dir_len, name, (int)getpid(), (*serial)++, name + dir_len);
}

int file_write_at(int dirfd, const char *name, const void *data, size_t len, mode_t mode,
	unsigned flags, struct error *err)
{
	static unsigned serial;
	bool is_new = flags & FILE_WRITE_NEW;
	bool is_locked = flags & FILE_WRITE_LOCKED;
	autofree char *temporary =
		is_new ? xstrdup(name) : temporary_name(name, is_locked ? NULL : &serial);
	int r = write_temporary(dirfd, temporary, data, len, mode, flags);

	if (r == 0 && !is_new && renameat(dirfd, temporary, dirfd, name) < 0)
		r = -errno;
	if (r < 0) {
		if (!is_new || r != -EEXIST)
			unlinkat(dirfd, temporary, 0);
		return error_sys(err, -r, "write %s", name);
	}
	return 0;
}

int file_remove_at(int dirfd, const char *name, struct error *err)
{
	autofree char *temporary = temporary_name(name, NULL);

	unlinkat(dirfd, temporary, 0);
	if (unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)
		return error_sys(err, errno, "remove %s", name);
	return 0;
}

int dir_make_all(const char *path, mode_t mode, struct error *err)
{
	autofree char *copy = xstrdup(path);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			return error_sys(err, errno, "create directory %s", copy);
		*slash = '/';
	}
	if (mkdir(copy, mode) < 0 && errno != EEXIST)
		return error_sys(err, errno, "create directory %s", path);
	return 0;
}

int dir_open_at(int dirfd, const char *name, struct error *err)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? error_sys(err, errno, "open directory %s", name) : fd;
}

/*
 * Deleting a tree. A container can make trees that are deeper than we have descriptors or stack, so
 * what lies too deep is first moved up into the top directory, which is looked through again.
 */
#define REMOVE_MAX_DEPTH 64

struct removal {
	int topfd;
	unsigned moved; /* names given to directories that were moved up */
};

static int remove_entry(struct removal *removal, int dirfd, const char *name, unsigned depth);

/* Opens a directory to be emptied; a container may leave it without our own bits. */
static int open_to_empty(int dirfd, const char *name)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
	int fd = openat(dirfd, name, flags);

	if (fd < 0 && errno == EACCES && fchmodat(dirfd, name, 0700, 0) == 0)
		fd = openat(dirfd, name, flags);
	return fd < 0 ? -errno : fd;
}

static int remove_children(struct removal *removal, int fd, unsigned depth)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;
	int r = 0;

	if (!dir) {
		r = -errno;
		if (copy >= 0)
			close(copy);
		return r;
	}
	rewinddir(dir);
	while (r == 0 && (errno = 0, entry = readdir(dir))) {
		if (str_eq(entry->d_name, ".") || str_eq(entry->d_name, ".."))
			continue;
		r = remove_entry(removal, fd, entry->d_name, depth);
	}
	if (r == 0 && errno)
		r = -errno;
	closedir(dir);
	return r;
}

static int move_up(struct removal *removal, int dirfd, const char *name)
{
	for (;;) {
		autofree char *target = xasprintf(".remove-%u", removal->moved++);

		if (renameat2(dirfd, name, removal->topfd, target, RENAME_NOREPLACE) == 0)
			return 0;
		if (errno != EEXIST)
			return -errno;
	}
}

static int remove_entry(struct removal *removal, int dirfd, const char *name, unsigned depth)
{
	autoclose int fd = -1;
	int r;

	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST && errno != EACCES)
		return -errno;
	if (depth >= REMOVE_MAX_DEPTH)
		return move_up(removal, dirfd, name);
	fd = open_to_empty(dirfd, name);
	r = fd < 0 ? fd : remove_children(removal, fd, depth + 1);
	if (r == 0 && unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		r = -errno;
	return r;
}

static int remove_tree(int dirfd, const char *name)
{
	struct removal removal = {.topfd = -1};
	int r;

	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return -errno;
	removal.topfd = open_to_empty(dirfd, name);
	if (removal.topfd < 0)
		return removal.topfd;
	do {
		r = remove_children(&removal, removal.topfd, 1);
		if (r == 0 && unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
			r = errno == ENOTEMPTY ? -EAGAIN : -errno;
		/* Not empty: something was moved up meanwhile. */
	} while (r == -EAGAIN && removal.moved);
	close_fd(&removal.topfd);
	return r;
}

int dir_remove_all_at(int dirfd, const char *name, struct error *err)
{
	int r = remove_tree(dirfd, name);

	return r < 0 ? error_sys(err, -r, "remove %s", name) : 0;
}

int dir_list_at(int dirfd, const char *name, char ***ret, struct error *err)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char **names = NULL;
	size_t count = 0, room = 0;
	struct dirent *entry;
	DIR *dir;
	int r;

	if (fd < 0)
		return error_sys(err, errno, "open directory %s", name);
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return error_sys(err, ENOMEM, "open directory %s", name);
	}
	while ((errno = 0, entry = readdir(dir))) {
		if (str_eq(entry->d_name, ".") || str_eq(entry->d_name, ".."))
			continue;
		/* Not strv_add(): directories are large, and it counts its list each time. */
		if (count + 2 > room) {
			room = room ? room * 2 : 16;
			names = xrealloc(names, room, sizeof(*names));
		}
		names[count++] = xstrdup(entry->d_name);
		names[count] = NULL;
	}
	/* Half a list is none: who collects garbage would take the other half for unused. */
	r = errno ? error_sys(err, errno, "read directory %s", name) : 0;
	closedir(dir);
	if (r < 0)
		strv_free(names);
	else
		*ret = names ? names : xcalloc(1, sizeof(*names));
	return r;
}

int link_read_at(int dirfd, const char *name, char **ret)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(dirfd, name, target, sizeof(target));

	if (len < 0)
		return -errno;
	if ((size_t)len == sizeof(target))
		return -ENAMETOOLONG;
	*ret = xstrndup(target, (size_t)len);
	return 0;
}

int lock_open_at(int dirfd, const char *name, bool shared, struct error *err)
{
	autoclose int fd = openat(dirfd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return error_sys(err, errno, "lock %s", name);
	while (flock(fd, shared ? LOCK_SH : LOCK_EX) < 0) {
		if (errno != EINTR)
			return error_sys(err, errno, "lock %s", name);
	}
	return take_fd(fd);
}
