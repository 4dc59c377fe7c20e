/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cgroup that somebody has delegated to us by giving its directory to us: a unit with
 * Delegate=yes, the root of a container's cgroup namespace, a chown by the administrator.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "cgroup/internal.h"
#include "sys/file.h"

bool cgroupfs_is_writable(const char *dir)
{
	/* cgroup-v2.rst, "Delegation": these three belong to whom the cgroup is delegated to. */
	static const char *const names[] = {".", "cgroup.procs", "cgroup.subtree_control"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		autofree char *path = xasprintf("%s/%s", dir, names[i]);

		if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0)
			return false;
	}
	return true;
}

/* Our own cgroup; the one above if we were moved to a leaf of it (branch_vacate()) earlier. */
static char *find_base(const struct cgroup_place *place)
{
	size_t len = strlen(place->own);
	size_t suffix = strlen("/" CGROUP_LEAF);

	if (len > suffix && str_has_suffix(place->own, "/" CGROUP_LEAF)) {
		autofree char *above = xstrndup(place->own, len - suffix);
		autofree char *dir = cgroup_place_dir(place, above);

		if (dir && cgroupfs_is_writable(dir))
			return take_ptr(above);
	}
	return xstrdup(place->own);
}

/* Makes the cgroups of @relative below *base one by one, each with what is needed switched on. */
static int descend(
	struct cgroup_pending *pending, char **base, const char *relative, struct error *err)
{
	AUTO(strv_free) char **needed = cgroup_limits_controllers(&pending->limits, true);
	AUTO(strv_free) char **wanted = cgroup_limits_controllers(&pending->limits, false);
	AUTO(strv_free) char **parts = strv_split(relative, '/');
	int r = 0;

	for (size_t i = 0; r == 0 && parts[i]; i++) {
		autofree char *dir = cgroup_place_dir(&pending->place, *base);
		autoclose int fd = dir ? dir_open_at(AT_FDCWD, dir, err) : -ENOENT;
		char *below;

		if (!*parts[i])
			continue;
		r = fd < 0 ? fd
			   : branch_enable(fd, *base, needed, wanted,
				     remedy_for_controllers(CGROUP_MANAGER_CGROUPFS), err);
		if (r == 0 && mkdirat(fd, parts[i], 0755) < 0 && errno != EEXIST)
			r = error_sys(err, errno, "make cgroup %s/%s", *base, parts[i]);
		below = cgroup_path_join(*base, parts[i]);
		free(*base);
		*base = below;
	}
	return r;
}

static int find_parent(struct cgroup_pending *pending, char **base, struct error *err)
{
	const char *parent = pending->req->parent;
	autofree char *dir = NULL;
	const char *relative = parent;

	if (pending->req->mode == CGROUP_MODE_SPLIT)
		return error_set(err, EINVAL, "split cgroups have no cgroup parent");
	if (str_has_suffix(parent, ".slice"))
		return error_set(err, EINVAL,
			"cgroup parent \"%s\": slices are systemd's, and cgroupfs is the manager",
			parent);
	if (strstr(parent, ".."))
		return error_set(err, EINVAL, "cgroup parent \"%s\": has \"..\" in it", parent);
	if (*parent == '/')
		relative = cgroup_path_below(parent, *base);
	if (relative)
		return descend(pending, base, relative, err);
	/* Elsewhere: then it has to be there, and ours. */
	dir = cgroup_place_dir(&pending->place, parent);
	if (!dir || !cgroupfs_is_writable(dir))
		return error_set(
			err, EACCES, "cgroup parent \"%s\" is not delegated to this user", parent);
	free(*base);
	*base = xstrdup(parent);
	return 0;
}

int cgroupfs_find_site(
	struct cgroup_pending *pending, char **ret_base, char **ret_name, struct error *err)
{
	autofree char *base = find_base(&pending->place);
	int r = 0;

	if (!str_is_empty(pending->req->parent))
		r = find_parent(pending, &base, err);
	if (r < 0)
		return r;
	*ret_base = take_ptr(base);
	*ret_name = xasprintf("coracle-%s", pending->req->id);
	return 0;
}
