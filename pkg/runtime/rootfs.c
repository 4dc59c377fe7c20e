/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/log.h"
#include "runtime/internal.h"
#include "sys/file.h"
#include "sys/mount.h"

static int bind_root(const char *path, struct error *err)
{
	autoclose int tree = mount_clone(AT_FDCWD, path, true, err);
	autoclose int target = -1;
	int r;

	if (tree < 0)
		return tree;
	r = mount_set(tree, 0, 0, MS_PRIVATE, true, err);
	if (r < 0)
		return r;
	/* pivot_root(2) wants a mount that is not the current root's. */
	target = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (target < 0)
		return error_sys(err, errno, "open %s", path);
	return mount_attach(tree, target, err);
}

/* Mounts that are to see what the host mounts later must not be cut off from it. */
static bool wants_host_mounts(const struct spec *spec)
{
	const char *root = spec->linux.rootfs_propagation;

	if (root && (strstr(root, "shared") || strstr(root, "slave")))
		return true;
	for (size_t i = 0; i < spec->mount_count; i++) {
		AUTO(mount_options_release) struct mount_options options = {0};

		mount_options_parse(spec->mounts[i].options, &options);
		if (options.propagation & (MS_SHARED | MS_SLAVE))
			return true;
	}
	return false;
}

/*
 * On top of our root directory, as no other place is sure to be within reach. Paths from / go on
 * leading to what is below.
 */
static int attach_tree(int tree, struct error *err)
{
	autoclose int target = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r, fd;

	if (target < 0)
		return error_sys(err, errno, "open /");
	r = mount_attach(tree, target, err);
	if (r < 0)
		return error_wrap(err, r, "root file system");
	fd = fcntl(tree, F_DUPFD_CLOEXEC, 3);
	return fd < 0 ? error_sys(err, errno, "root file system") : fd;
}

int rootfs_open(const struct init_process *self, struct error *err)
{
	const struct runtime_create_request *req = self->req;
	const char *target = req->mount_rootfs ? req->rootfs_target : req->spec->root.path;
	int r = mount_isolate(wants_host_mounts(req->spec), err);
	int fd;

	if (r < 0)
		return r;
	if (self->root_tree >= 0)
		return attach_tree(self->root_tree, err);
	if (req->mount_rootfs)
		r = req->mount_rootfs(req->mount_data, target, err);
	else
		r = bind_root(target, err);
	if (r < 0)
		return error_wrap(err, r, "root file system");
	fd = open(target, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? error_sys(err, errno, "open %s", target) : fd;
}

/* Directories are hidden below one empty, read-only tmpfs that all of them share. */
struct mask {
	int rootfd;
	int empty; /* an attached one to clone; -1: none yet */
};

static int mask_directory(struct mask *mask, int target, const char *path, struct error *err)
{
	static char *const data[] = {"mode=0555", NULL};
	autoclose int fd = -1;
	int r;

	if (mask->empty >= 0)
		fd = mount_clone(mask->empty, "", false, err);
	else
		fd = mount_new("tmpfs", "mask", data,
			MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
				MOUNT_ATTR_NOEXEC,
			err);
	r = fd < 0 ? fd : mount_attach(fd, target, err);
	if (r < 0)
		return error_wrap(err, r, "mask %s", path);
	if (mask->empty < 0)
		mask->empty = take_fd(fd);
	return 0;
}

static int mask_file(int target, const char *path, struct error *err)
{
	autoclose int fd = mount_clone(AT_FDCWD, "/dev/null", false, err);
	int r = fd < 0 ? fd : mount_attach(fd, target, err);

	return r < 0 ? error_wrap(err, r, "mask %s", path) : 0;
}

static int mask_path(struct mask *mask, const char *path, struct error *err)
{
	struct error ignored = {0};
	autoclose int target = root_open(mask->rootfd, path, O_PATH, 0, &ignored);
	struct stat st;

	/* What this kernel does not have, or the container cannot reach, needs no mask. */
	if (target == -ENOENT || target == -ENOTDIR || target == -EACCES)
		return 0;
	if (target < 0)
		return error_sys(err, -target, "mask %s", path);
	if (fstat(target, &st) < 0)
		return error_sys(err, errno, "mask %s", path);
	if (S_ISDIR(st.st_mode))
		return mask_directory(mask, target, path, err);
	return mask_file(target, path, err);
}

/* One "*" in a path: a mask for each CPU, say. */
static int mask_pattern(struct mask *mask, const char *path, const char *star, struct error *err)
{
	const char *start = star, *end = star + strcspn(star, "/");
	autofree char *folder = NULL;
	autofree char *pattern = NULL;
	AUTO(strv_free) char **names = NULL;
	struct error ignored = {0};
	autoclose int dir = -1;
	int r = 0;

	while (start > path && start[-1] != '/')
		start--;
	folder = xstrndup(path, (size_t)(start - path));
	pattern = xstrndup(start, (size_t)(end - start));
	dir = root_open(mask->rootfd, folder, O_RDONLY | O_DIRECTORY, 0, &ignored);
	if (dir < 0 || dir_list_at(dir, ".", &names, &ignored) < 0)
		return 0;
	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		autofree char *one = xasprintf("%s%s%s", folder, names[i], end);

		if (fnmatch(pattern, names[i], 0) == 0)
			r = mask_path(mask, one, err);
	}
	return r;
}

static int make_readonly(int rootfd, const char *path, struct error *err)
{
	struct error ignored = {0};
	autoclose int target = root_open(rootfd, path, O_PATH, 0, &ignored);
	autoclose int tree = -1;
	int r;

	if (target == -ENOENT || target == -ENOTDIR || target == -EACCES)
		return 0;
	if (target < 0)
		return error_sys(err, -target, "make %s read-only", path);
	tree = mount_clone(target, "", true, err);
	r = tree < 0 ? tree : mount_set(tree, MOUNT_ATTR_RDONLY, 0, 0, true, err);
	if (r == 0)
		r = mount_attach(tree, target, err);
	return r < 0 ? error_wrap(err, r, "make %s read-only", path) : 0;
}

int rootfs_protect(const struct spec *spec, int rootfd, struct error *err)
{
	const struct spec_linux *linux = &spec->linux;
	struct mask mask = {.rootfd = rootfd, .empty = -1};
	int r = 0;

	for (size_t i = 0; r == 0 && linux->readonly_paths && linux->readonly_paths[i]; i++)
		r = make_readonly(rootfd, linux->readonly_paths[i], err);
	/* After those, so that a mask below a read-only path is not hidden by its copy. */
	for (size_t i = 0; r == 0 && linux->masked_paths && linux->masked_paths[i]; i++) {
		const char *path = linux->masked_paths[i], *star = strchr(path, '*');

		r = star ? mask_pattern(&mask, path, star, err) : mask_path(&mask, path, err);
	}
	close_fd(&mask.empty);
	return r;
}

static int set_root_propagation(const char *word, struct error *err)
{
	AUTO(mount_options_release) struct mount_options options = {0};
	char *words[] = {(char *)word, NULL};

	if (!word)
		return 0;
	mount_options_parse(words, &options);
	if (!options.propagation)
		return error_set(err, EINVAL, "unknown rootfs propagation %s", word);
	if (mount(NULL, "/", NULL,
		    options.propagation | (options.rec_propagation ? (unsigned long)MS_REC : 0UL),
		    NULL) < 0)
		return error_sys(err, errno, "set the root's propagation to %s", word);
	return 0;
}

int rootfs_enter(const struct spec *spec, int rootfd, struct error *err)
{
	int r = 0;

	if (spec->root.readonly)
		r = mount_set(rootfd, MOUNT_ATTR_RDONLY, 0, 0, false, err);
	if (r < 0)
		return error_wrap(err, r, "make the root file system read-only");
	r = mount_pivot(rootfd, err);
	return r < 0 ? r : set_root_propagation(spec->linux.rootfs_propagation, err);
}
