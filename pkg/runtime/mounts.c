/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spec's mounts. Mount points are looked up inside the rootfs, whatever links the image has;
 * kernel file systems go only on true directories (an image with /proc as a link would otherwise
 * choose where our own writes to /proc end up).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/log.h"
#include "runtime/internal.h"
#include "sys/file.h"
#include "sys/mount.h"

/* A mount in the making. */
struct mounting {
	const struct spec_mount *mount;
	struct mount_options options;
	int rootfd;
	int tree; /* the source, if it was opened outside; else -1 */
};

/* As mounts_open_target() for a directory, but links in the path are refused. */
static int open_plain_directory(int rootfd, const char *path, struct error *err)
{
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS};
	autoclose int made = mounts_open_target(rootfd, path, true, err);
	long fd;

	if (made < 0)
		return made;
	fd = syscall(SYS_openat2, rootfd, path, &how, sizeof(how));
	return fd < 0 ? error_sys(err, errno, "mount point %s", path) : (int)fd;
}

static int attach(const struct mounting *self, int fd, struct error *err)
{
	autoclose int target = open_plain_directory(self->rootfd, self->mount->destination, err);

	return target < 0 ? target : mount_attach(fd, target, err);
}

/* The host's mount of the same kind, where the kernel refuses a new one. */
static int attach_host(const struct mounting *self, const char *path, struct error *err)
{
	autoclose int tree = mount_clone(AT_FDCWD, path, true, err);
	int r;

	if (tree < 0)
		return tree;
	r = mount_set(tree, self->options.set, self->options.clear, MS_PRIVATE, true, err);
	return r < 0 ? r : attach(self, tree, err);
}

static int mount_fs(const struct mounting *self, const char *type, struct error *err)
{
	autoclose int fd =
		mount_new(type, self->mount->source, self->options.data, self->options.set, err);

	return fd < 0 ? fd : attach(self, fd, err);
}

/*
 * proc, sysfs: EPERM when the mounts we see are covered in part (we are inside a container), or
 * when the network namespace is not ours.
 */
static int mount_kernel(
	const struct mounting *self, const char *type, const char *host, struct error *err)
{
	int r = mount_fs(self, type, err);

	if (r != -EPERM && r != -EBUSY)
		return r;
	log_debug("no new %s can be mounted, using the one that is there", type);
	return attach_host(self, host, err);
}

static int mount_proc(const struct mounting *self, struct error *err)
{
	return mount_kernel(self, "proc", "/proc", err);
}

static int mount_sysfs(const struct mounting *self, struct error *err)
{
	return mount_kernel(self, "sysfs", "/sys", err);
}

static int mount_mqueue(const struct mounting *self, struct error *err)
{
	struct error ignored = {0};
	int r = mount_fs(self, "mqueue", err);

	if (r == -EPERM && attach_host(self, "/dev/mqueue", &ignored) == 0)
		return 0;
	/* ENODEV: a kernel without POSIX message queues. */
	return r == -ENODEV ? 0 : r;
}

static int mount_cgroup(const struct mounting *self, struct error *err)
{
	struct error cause = {0};
	int r;

	(void)err;
	/* Words such as "none" or a v1 controller mean nothing here; the hierarchy is the unified.
	 */
	autoclose int fd = mount_new("cgroup2", "cgroup2", NULL, self->options.set, &cause);
	r = fd < 0 ? fd : attach(self, fd, &cause);
	if (r < 0)
		log_debug("no cgroup file system in the container: %s", error_text(&cause));
	return 0;
}

static int mount_tmpfs(const struct mounting *self, struct error *err)
{
	/* Attributes come last: a copy cannot be made into a read-only mount. */
	autoclose int fd = mount_new("tmpfs", self->mount->source, self->options.data, 0, err);
	autoclose int target = -1;
	int r = 0;

	if (fd < 0)
		return fd;
	target = mounts_open_target(self->rootfd, self->mount->destination, true, err);
	if (target < 0)
		return target;
	if (self->options.copy_up)
		r = copy_up(target, fd, err);
	if (r == 0)
		r = mount_apply(fd, &self->options, err);
	return r < 0 ? r : mount_attach(fd, target, err);
}

int mounts_open_source(const struct spec_mount *mount, struct error *err)
{
	AUTO(mount_options_release) struct mount_options options = {0};
	autoclose int tree = -1;
	int r;

	mount_options_parse(mount->options, &options);
	if (str_is_empty(mount->source))
		return error_set(err, EINVAL, "bind mount without a source");
	if (options.idmap)
		return error_set(err, ENOTSUP, "idmapped mounts need privilege on the host");
	tree = mount_clone(AT_FDCWD, mount->source, options.recursive, err);
	/* EINVAL: mounts of a more privileged namespace below it must not be uncovered. */
	if (tree == -EINVAL && !options.recursive)
		tree = mount_clone(AT_FDCWD, mount->source, true, err);
	if (tree < 0)
		return tree;
	r = mount_apply(tree, &options, err);
	return r < 0 ? r : take_fd(tree);
}

static int mount_bind(const struct mounting *self, struct error *err)
{
	autoclose int opened = self->tree >= 0 ? -1 : mounts_open_source(self->mount, err);
	int tree = self->tree >= 0 ? self->tree : opened;
	autoclose int target = -1;
	struct stat st;

	if (tree < 0)
		return tree;
	if (fstat(tree, &st) < 0)
		return error_sys(err, errno, "bind %s", self->mount->source);
	target = mounts_open_target(
		self->rootfd, self->mount->destination, S_ISDIR(st.st_mode), err);
	return target < 0 ? target : mount_attach(tree, target, err);
}

static const struct {
	const char *type;
	int (*mount)(const struct mounting *self, struct error *err);
} types[] = {
	{"proc", mount_proc},
	{"sysfs", mount_sysfs},
	{"mqueue", mount_mqueue},
	{"cgroup", mount_cgroup},
	{"cgroup2", mount_cgroup},
	{"tmpfs", mount_tmpfs},
};

static int mount_one(const struct mounting *self, struct error *err)
{
	const char *type = self->mount->type;

	if (mounts_is_bind(self->mount))
		return mount_bind(self, err);
	if (str_is_empty(type))
		return error_set(err, EINVAL, "mount without a type");
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (str_eq(type, types[i].type))
			return types[i].mount(self, err);
	return mount_fs(self, type, err);
}

int mounts_make(const struct init_process *init, int rootfd, struct error *err)
{
	const struct spec *spec = init->req->spec;

	for (size_t i = 0; i < spec->mount_count; i++) {
		AUTO(mount_options_release) struct mount_options options = {0};
		struct mounting self = {.mount = &spec->mounts[i],
			.rootfd = rootfd,
			.tree = init->trees ? init->trees[i] : -1};
		int r;

		mount_options_parse(spec->mounts[i].options, &options);
		self.options = options;
		r = mount_one(&self, err);
		if (r < 0)
			return error_wrap(err, r, "mount %s", spec->mounts[i].destination);
	}
	return 0;
}
