/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /dev: an unprivileged user cannot make device nodes, so the host's are bound on empty files.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "runtime/internal.h"
#include "sys/file.h"
#include "sys/mount.h"

/* config-linux.md, "Default Devices"; console and ptmx are made elsewhere. */
static const char *const default_nodes[] = {"null", "zero", "full", "random", "urandom", "tty"};

/* runtime-linux.md, "/dev symbolic links". */
static const struct {
	const char *name;
	const char *target;
} links[] = {
	{"fd", "/proc/self/fd"},
	{"stdin", "/proc/self/fd/0"},
	{"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"},
	{"core", "/proc/kcore"},
	{"ptmx", "pts/ptmx"},
};

int devices_bind(int devfd, const char *name, int source, struct error *err)
{
	autoclose int file = openat(devfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int r;

	if (file < 0 && errno == EEXIST)
		return -EEXIST;
	if (file < 0)
		return error_sys(err, errno, "make /dev/%s", name);
	r = mount_attach(source, file, err);
	return r < 0 ? error_wrap(err, r, "/dev/%s", name) : 0;
}

static int bind_node(int devfd, const char *name, struct error *err)
{
	autofree char *source = xasprintf("/dev/%s", name);
	autoclose int tree = mount_clone(AT_FDCWD, source, false, err);
	int r;

	if (tree < 0)
		return tree;
	r = devices_bind(devfd, name, tree, err);
	/* A mount of the spec stands there already. */
	return r == -EEXIST ? 0 : r;
}

static bool is_same_device(const struct stat *st, const struct spec_device *device)
{
	mode_t type = st->st_mode & S_IFMT;

	if (str_eq(device->type, "p"))
		return type == S_IFIFO;
	if (type != (str_eq(device->type, "b") ? S_IFBLK : S_IFCHR))
		return false;
	return major(st->st_rdev) == (unsigned)device->major &&
	       minor(st->st_rdev) == (unsigned)device->minor;
}

static int add_device(const struct spec_device *device, int rootfd, struct error *err)
{
	autoclose int tree = mount_clone(AT_FDCWD, device->path, false, err);
	autoclose int target = -1;
	struct stat st;
	int r;

	if (tree < 0)
		return error_wrap(err, tree, "device %s", device->path);
	if (fstat(tree, &st) < 0 || !is_same_device(&st, device))
		return error_set(err, ENODEV, "device %s: the host has another one under this name",
			device->path);
	target = mounts_open_target(rootfd, device->path, false, err);
	if (target < 0)
		return error_wrap(err, target, "device %s", device->path);
	r = mount_attach(tree, target, err);
	return r < 0 ? error_wrap(err, r, "device %s", device->path) : 0;
}

/* With the host's /dev or another directory bound there, everything is as its owner made it. */
static bool is_own_dev(const struct spec *spec)
{
	const struct spec_mount *mount = spec_find_mount(spec, "/dev");

	return mount && str_eq(mount->type, "tmpfs");
}

int devices_make(const struct spec *spec, int rootfd, struct error *err)
{
	autoclose int dev = -1;
	int r = 0;

	if (!is_own_dev(spec))
		return 0;
	dev = root_open(rootfd, "/dev", O_PATH | O_DIRECTORY, 0, err);
	if (dev < 0)
		return error_wrap(err, dev, "/dev");
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(default_nodes); i++)
		r = bind_node(dev, default_nodes[i], err);
	for (size_t i = 0; r == 0 && i < spec->linux.device_count; i++)
		r = add_device(&spec->linux.devices[i], rootfd, err);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(links); i++)
		if (symlinkat(links[i].target, dev, links[i].name) < 0 && errno != EEXIST)
			r = error_sys(err, errno, "make /dev/%s", links[i].name);
	return r;
}
