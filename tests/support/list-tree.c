/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list-tree - one line for each entry below a folder, for comparing two trees with diff.
 *
 *   list-tree [-x] [-n] DIR     -x: other mounts are left out, -n: no owners
 *
 * Fields: path type mode uid:gid size mtime sha256|target|device xattrs, blank separated; odd bytes
 * as \xHH. Of a file with several links all paths are listed, each with the path that sorts first.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <openssl/evp.h>

struct link {
	uint64_t inode;
	char *path;
};

static struct link *links;
static size_t link_count;
static bool one_mount, no_owners;
static uint64_t root_mount;

static void put(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = bytes[i];

		if (c <= ' ' || c >= 127 || c == '\\')
			printf("\\x%02x", c);
		else
			putchar(c);
	}
}

static const char *first_link(uint64_t inode, const char *path)
{
	for (size_t i = 0; i < link_count; i++)
		if (links[i].inode == inode)
			return links[i].path;
	links = realloc(links, (link_count + 1) * sizeof(*links));
	if (!links)
		err(1, "realloc");
	links[link_count].inode = inode;
	links[link_count++].path = strdup(path);
	return path;
}

static void put_hash(int dirfd, const char *name)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int length;
	char buffer[65536];
	ssize_t n;
	int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (fd < 0) {
		printf(" unreadable:%s", strerrorname_np(errno));
		EVP_MD_CTX_free(ctx);
		return;
	}
	EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		EVP_DigestUpdate(ctx, buffer, n);
	EVP_DigestFinal_ex(ctx, sum, &length);
	EVP_MD_CTX_free(ctx);
	close(fd);
	printf(n < 0 ? " damaged:" : " ");
	for (unsigned int i = 0; i < length; i++)
		printf("%02x", sum[i]);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void put_xattrs(int dirfd, const char *name)
{
	char path[64 + 256], list[65536], value[65536];
	char *names[1024];
	size_t count = 0;
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dirfd, name);
	length = llistxattr(path, list, sizeof(list));
	for (ssize_t at = 0; at < length && count < 1024; at += strlen(list + at) + 1)
		names[count++] = list + at;
	qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 0; i < count; i++) {
		ssize_t n = lgetxattr(path, names[i], value, sizeof(value));

		if (!strncmp(names[i], "user.overlay.", 13))
			continue;
		printf(" %s=", names[i]);
		if (n > 0)
			put(value, n);
	}
}

static void put_entry(int dirfd, const char *name, const char *path, const struct statx *st)
{
	static const char types[] = "?pc?d?b?-?l?s???";
	char target[4096];
	ssize_t n;

	put(path, strlen(path));
	printf(" %c %04o", types[st->stx_mode >> 12], st->stx_mode & 07777);
	if (!no_owners)
		printf(" %u:%u", st->stx_uid, st->stx_gid);
	printf(" %llu %lld.%09u", S_ISDIR(st->stx_mode) ? 0ULL : (unsigned long long)st->stx_size,
		(long long)st->stx_mtime.tv_sec, st->stx_mtime.tv_nsec);
	if (S_ISREG(st->stx_mode)) {
		put_hash(dirfd, name);
	} else if (S_ISLNK(st->stx_mode)) {
		n = readlinkat(dirfd, name, target, sizeof(target));
		printf(" ->");
		put(target, n < 0 ? 0 : (size_t)n);
	} else if (S_ISCHR(st->stx_mode) || S_ISBLK(st->stx_mode)) {
		printf(" %u:%u", st->stx_rdev_major, st->stx_rdev_minor);
	}
	if (!S_ISDIR(st->stx_mode) && st->stx_nlink > 1) {
		printf(" links=%u:", st->stx_nlink);
		target[0] = 0;
		put(first_link(st->stx_ino, path), strlen(first_link(st->stx_ino, path)));
	}
	put_xattrs(dirfd, name);
	putchar('\n');
}

static void walk(int dirfd, const char *name, const char *path);

static void walk_children(int fd, const char *path)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	char **names = NULL, *child;
	size_t count = 0;

	while (dir && (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		names = realloc(names, (count + 1) * sizeof(*names));
		if (!names || !(names[count++] = strdup(entry->d_name)))
			err(1, "realloc");
	}
	if (count)
		qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 0; i < count; i++) {
		if (asprintf(&child, "%s/%s", strcmp(path, "/") ? path : "", names[i]) < 0)
			err(1, "asprintf");
		walk(fd, names[i], child);
		free(child);
		free(names[i]);
	}
	free(names);
	if (dir)
		closedir(dir);
}

static void walk(int dirfd, const char *name, const char *path)
{
	struct statx st;
	int fd;

	if (statx(dirfd, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_MNT_ID, &st) < 0) {
		printf("%s error %s\n", path, strerrorname_np(errno));
		return;
	}
	if (one_mount && (st.stx_mask & STATX_MNT_ID) && st.stx_mnt_id != root_mount)
		return;
	put_entry(dirfd, name, path, &st);
	if (!S_ISDIR(st.stx_mode))
		return;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		printf("%s unreadable %s\n", path, strerrorname_np(errno));
	else
		walk_children(fd, path);
}

int main(int argc, char **argv)
{
	struct statx st;
	int option, fd;

	while ((option = getopt(argc, argv, "xn")) != -1) {
		one_mount |= option == 'x';
		no_owners |= option == 'n';
	}
	if (optind + 1 != argc)
		errx(2, "usage: list-tree [-x] [-n] DIR");
	fd = open(argv[optind], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &st) < 0)
		err(1, "%s", argv[optind]);
	root_mount = st.stx_mnt_id;
	walk(fd, ".", "/");
	return fflush(stdout) || ferror(stdout);
}
