/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mount points that are missing. Images have links to what only a booted system would have
 * (/etc/resolv.conf -> ../run/systemd/resolve/stub-resolv.conf), so a missing target is made
 * where the links lead, inside the rootfs.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "runtime/internal.h"
#include "sys/file.h"

/* As the kernel's limit for a path (path_resolution(7)). */
#define MAX_LINKS 40

/* A walk: what is behind us has no links and exists; what is ahead is text. */
struct walk {
	int rootfd;
	struct strbuf behind; /* "/a/b", "" for the root */
	char *ahead;
	bool directory; /* what the last component is to be */
	unsigned links;
};

static void go_up(struct walk *walk)
{
	char *slash = walk->behind.data ? strrchr(walk->behind.data, '/') : NULL;

	if (slash) {
		*slash = '\0';
		walk->behind.len = (size_t)(slash - walk->behind.data);
	}
}

/* Takes the first component off what is ahead; NULL when nothing is left. */
static char *next_component(struct walk *walk)
{
	const char *start = walk->ahead + strspn(walk->ahead, "/");
	size_t len = strcspn(start, "/");
	autofree char *old = walk->ahead;
	char *name = len ? xstrndup(start, len) : NULL;

	walk->ahead = xstrdup(start + len);
	return name;
}

static int follow(struct walk *walk, const char *target, struct error *err)
{
	autofree char *old = walk->ahead;

	walk->ahead = xasprintf("%s/%s", target, old);
	if (*target == '/')
		strbuf_release(&walk->behind);
	if (++walk->links > MAX_LINKS)
		return error_sys(err, ELOOP, "follow links");
	return 0;
}

static int make_one(int dir, const char *name, bool directory, struct error *err)
{
	autoclose int fd = -1;

	if (directory) {
		if (mkdirat(dir, name, 0755) < 0 && errno != EEXIST)
			return error_sys(err, errno, "create directory %s", name);
		return 0;
	}
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 && errno != EEXIST)
		return error_sys(err, errno, "create %s", name);
	return 0;
}

static int step(struct walk *walk, const char *name, struct error *err)
{
	autoclose int dir = root_open(walk->rootfd, walk->behind.len ? walk->behind.data : "/",
		O_PATH | O_DIRECTORY, 0, err);
	autofree char *target = NULL;
	bool last = !walk->ahead[strspn(walk->ahead, "/")];
	struct stat st;

	if (dir < 0)
		return dir;
	if (link_read_at(dir, name, &target) == 0)
		return follow(walk, target, err);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		int r = errno == ENOENT ? make_one(dir, name, !last || walk->directory, err)
					: error_sys(err, errno, "look up %s", name);

		if (r < 0)
			return r;
	}
	strbuf_addf(&walk->behind, "/%s", name);
	return 0;
}

static int make_target(struct walk *walk, struct error *err)
{
	for (;;) {
		autofree char *name = next_component(walk);
		int r = 0;

		if (!name)
			break;
		if (str_eq(name, ".."))
			go_up(walk);
		else if (!str_eq(name, "."))
			r = step(walk, name, err);
		if (r < 0)
			return r;
	}
	return root_open(walk->rootfd, walk->behind.len ? walk->behind.data : "/", O_PATH, 0, err);
}

int mounts_open_target(int rootfd, const char *path, bool directory, struct error *err)
{
	struct error ignored = {0};
	struct walk walk = {.rootfd = rootfd, .directory = directory};
	int fd = root_open(rootfd, path, O_PATH, 0, &ignored);

	if (fd == -ENOENT) {
		walk.ahead = xstrdup(path);
		fd = make_target(&walk, &ignored);
		free(walk.ahead);
		strbuf_release(&walk.behind);
	}
	if (fd < 0 && err)
		*err = ignored;
	return fd < 0 ? error_wrap(err, fd, "mount point %s", path) : fd;
}
