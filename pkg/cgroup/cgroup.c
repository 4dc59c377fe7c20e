/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "cgroup/events.h"
#include "cgroup/flat.h"
#include "cgroup/internal.h"
#include "sys/file.h"

/* What a killed container's cgroup may take to empty when the next start of it finds it there. */
#define LEFTOVER_TIMEOUT_MS 2000

void cgroup_free(struct cgroup *cg)
{
	if (!cg)
		return;
	close_fd(&cg->dirfd);
	free(cg->path);
	free(cg);
}

static struct cgroup *cgroup_new(enum cgroup_manager manager, char *path, int dirfd)
{
	struct cgroup *cg = xnew(struct cgroup);

	*cg = (struct cgroup){.manager = manager, .path = path, .dirfd = dirfd};
	return cg;
}

void cgroup_pending_free(struct cgroup_pending *pending)
{
	if (!pending)
		return;
	cgroup_place_release(&pending->place);
	cgroup_limits_release(&pending->limits);
	scope_free(pending->scope);
	free(pending);
}

static int decide(struct cgroup_pending *pending, struct error *err)
{
	const struct cgroup_request *req = pending->req;
	struct error no_cgroup = {0};
	bool has_place = cgroup_place_find(&pending->place, &no_cgroup) == 0;
	struct cgroup_wish wish = {
		.manager = req->manager, .mode = req->mode, .is_lasting = req->is_lasting};
	struct cgroup_facts facts;
	int r = 0;

	if (req->resources)
		r = cgroup_limits_plan(req->resources, req->default_pids, &pending->limits, err);
	if (r < 0)
		return r;
	wish.is_needed = cgroup_limits_are_needed(&pending->limits) || !str_is_empty(req->parent) ||
			 req->mode == CGROUP_MODE_SPLIT;
	pending->is_needed = wish.is_needed;
	cgroup_facts_find(has_place ? &pending->place : NULL, &facts);
	return cgroup_choose(&facts, &wish, &pending->manager, err);
}

int cgroup_prepare(const struct cgroup_request *req, struct cgroup_pending **ret, struct error *err)
{
	AUTO(cgroup_pending_free) struct cgroup_pending *pending = xnew(struct cgroup_pending);
	struct error cause = {0};
	int r;

	pending->req = req;
	r = decide(pending, err);
	if (r < 0)
		return r;
	*ret = NULL;
	if (pending->manager == CGROUP_MANAGER_NONE)
		return 0;
	if (pending->manager == CGROUP_MANAGER_SYSTEMD)
		r = systemd_begin(pending, &cause);
	if (r < 0 && pending->is_needed)
		return error_set(err, -r, "%s", error_text(&cause));
	if (r < 0)
		log_debug("no cgroup: %s", error_text(&cause));
	else
		*ret = take_ptr(pending);
	return 0;
}

static int open_path(const struct cgroup_place *place, const char *path, struct error *err)
{
	autofree char *dir = cgroup_place_dir(place, path);

	if (!dir)
		return error_set(err, ENOENT, "cgroup %s is not to be seen here", path);
	return dir_open_at(AT_FDCWD, dir, err);
}

/* What an earlier run left, whose monitor was killed. */
static int clear_leftover(int basefd, const char *name, const char *path, struct error *err)
{
	struct cgroup old = {.path = (char *)path, .dirfd = dir_open_at(basefd, name, err)};
	int r = old.dirfd < 0 ? old.dirfd : cgroup_remove(&old, LEFTOVER_TIMEOUT_MS, err);

	close_fd(&old.dirfd);
	return r == -ENOENT ? 0 : r;
}

static int make_directory(int basefd, const char *name, const char *path, struct error *err)
{
	int r = mkdirat(basefd, name, 0755) < 0 ? -errno : 0;

	if (r == -EEXIST) {
		r = clear_leftover(basefd, name, path, err);
		if (r < 0)
			return r;
		r = mkdirat(basefd, name, 0755) < 0 ? -errno : 0;
	}
	return r < 0 ? error_sys(err, -r, "make cgroup %s", path) : dir_open_at(basefd, name, err);
}

/* Useful for numbers and for later changes, where they can be had without moving anybody. */
static char **wanted_controllers(const struct cgroup_limits *limits)
{
	static const char *const usual[] = {"cpu", "io", "memory", "pids"};
	char **names = cgroup_limits_controllers(limits, false);

	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (!strv_has(names, usual[i]))
			strv_add(&names, usual[i]);
	return names;
}

static int enable(int basefd, const char *base, enum cgroup_manager manager,
	const struct cgroup_limits *limits, struct error *err)
{
	AUTO(strv_free) char **needed = cgroup_limits_controllers(limits, true);
	AUTO(strv_free) char **wanted = wanted_controllers(limits);

	return branch_enable(basefd, base, needed, wanted, remedy_for_controllers(manager), err);
}

static int make_below(struct cgroup_pending *pending, const char *base, const char *name,
	struct cgroup **ret, struct error *err)
{
	autoclose int basefd = open_path(&pending->place, base, err);
	autofree char *path = cgroup_path_join(base, name);
	autoclose int fd = -1;
	int r = basefd < 0 ? basefd : 0;

	/* The monitor sits in the scope itself; in a cgroup of ours it may stay if nobody minds. */
	if (r == 0 && pending->manager == CGROUP_MANAGER_SYSTEMD)
		r = branch_vacate(basefd, base, err);
	if (r == 0)
		r = enable(basefd, base, pending->manager, &pending->limits, err);
	if (r < 0)
		return r;
	fd = make_directory(basefd, name, path, err);
	if (fd < 0)
		return fd;
	r = cgroup_limits_write(&pending->limits, fd, err);
	if (r < 0) {
		unlinkat(basefd, name, AT_REMOVEDIR);
		return r;
	}
	*ret = cgroup_new(pending->manager, take_ptr(path), take_fd(fd));
	return 0;
}

int cgroup_create(struct cgroup_pending *pending, struct cgroup **ret, struct error *err)
{
	AUTO(cgroup_pending_free) struct cgroup_pending *owned = pending;
	autofree char *base = NULL;
	autofree char *name = NULL;
	struct error cause = {0};
	int r;

	if (!pending) {
		*ret = NULL;
		return 0;
	}
	if (pending->manager == CGROUP_MANAGER_SYSTEMD)
		r = systemd_find_site(pending, &base, &name, &cause);
	else
		r = cgroupfs_find_site(pending, &base, &name, &cause);
	if (r == 0)
		r = make_below(pending, base, name, ret, &cause);
	if (r < 0 && pending->is_needed)
		return error_set(err, -r, "%s", error_text(&cause));
	if (r < 0) {
		log_debug("no cgroup: %s", error_text(&cause));
		*ret = NULL;
	}
	return 0;
}

int cgroup_renew(
	const struct cgroup_request *req, const char *path, struct cgroup **ret, struct error *err)
{
	AUTO(cgroup_place_release) struct cgroup_place place = {0};
	AUTO(cgroup_limits_release) struct cgroup_limits limits = {0};
	const char *name = strrchr(path, '/') + 1;
	autofree char *base = xstrndup(path, (size_t)(name - path) - 1);
	autofree char *scope = systemd_scope_of(path);
	autoclose int basefd = -1, fd = -1;
	int r = cgroup_place_find(&place, err);

	if (r == 0 && req->resources)
		r = cgroup_limits_plan(req->resources, req->default_pids, &limits, err);
	if (r < 0)
		return r;
	basefd = open_path(&place, base, err);
	fd = basefd < 0 ? basefd : make_directory(basefd, name, path, err);
	r = fd < 0 ? fd : cgroup_limits_write(&limits, fd, err);
	if (r < 0)
		return r;
	*ret = cgroup_new(scope ? CGROUP_MANAGER_SYSTEMD : CGROUP_MANAGER_CGROUPFS, xstrdup(path),
		take_fd(fd));
	return 0;
}

int cgroup_open(const char *path, struct cgroup **ret, struct error *err)
{
	AUTO(cgroup_place_release) struct cgroup_place place = {0};
	autofree char *scope = systemd_scope_of(path);
	int r = cgroup_place_find(&place, err);
	int fd;

	if (r < 0)
		return r;
	fd = open_path(&place, path, err);
	if (fd < 0)
		return fd;
	*ret = cgroup_new(
		scope ? CGROUP_MANAGER_SYSTEMD : CGROUP_MANAGER_CGROUPFS, xstrdup(path), fd);
	return 0;
}

int cgroup_update(
	const struct cgroup *cg, const struct spec_resources *resources, struct error *err)
{
	AUTO(cgroup_limits_release) struct cgroup_limits limits = {0};
	autofree char *base = xstrndup(cg->path, (size_t)(strrchr(cg->path, '/') - cg->path));
	autoclose int basefd = -1;
	int r = cgroup_limits_plan(resources, false, &limits, err);

	if (r < 0)
		return r;
	basefd = dir_open_at(cg->dirfd, "..", err);
	if (basefd < 0)
		return basefd;
	r = enable(basefd, base, cg->manager, &limits, err);
	return r < 0 ? r : cgroup_limits_write(&limits, cg->dirfd, err);
}

/* A container that has cgroups of its own (systemd in it) has no processes in the one it was given.
 */
static bool is_inner_node(int dirfd)
{
	autofree char *controllers = NULL;

	return flat_read(dirfd, "cgroup.subtree_control", &controllers) == 0 &&
	       *controllers != '\0' && *controllers != '\n';
}

static int open_exec_leaf(const struct cgroup *cg, struct error *err)
{
	if (mkdirat(cg->dirfd, CGROUP_EXEC_LEAF, 0755) < 0 && errno != EEXIST)
		return error_sys(err, errno, "make cgroup %s/" CGROUP_EXEC_LEAF, cg->path);
	return dir_open_at(cg->dirfd, CGROUP_EXEC_LEAF, err);
}

int cgroup_add(const struct cgroup *cg, pid_t pid, struct error *err)
{
	bool is_inner = is_inner_node(cg->dirfd);
	autofree char *number = xasprintf("%d", pid ? (int)pid : (int)getpid());
	autofree char *path =
		is_inner ? cgroup_path_join(cg->path, CGROUP_EXEC_LEAF) : xstrdup(cg->path);
	autoclose int leaf = is_inner ? open_exec_leaf(cg, err) : -1;
	int r;

	if (is_inner && leaf < 0)
		return leaf;
	r = flat_write(is_inner ? leaf : cg->dirfd, "cgroup.procs", number);
	/* The nearest common ancestor of a session and of us belongs to root. */
	if ((r == -EACCES || r == -EPERM) && cg->manager == CGROUP_MANAGER_SYSTEMD)
		return systemd_attach(path, pid ? pid : getpid(), err);
	return r < 0 ? error_sys(err, -r, "move a process to cgroup %s", path) : 0;
}

int cgroup_freeze(const struct cgroup *cg, bool frozen, int timeout_ms, struct error *err)
{
	int r = flat_write(cg->dirfd, "cgroup.freeze", frozen ? "1" : "0");

	if (r == 0)
		r = cgroup_wait_frozen(cg->dirfd, frozen, timeout_ms);
	if (r > 0)
		return 0;
	if (r == 0 && frozen)
		flat_write(cg->dirfd, "cgroup.freeze", "0");
	return error_sys(
		err, r < 0 ? -r : ETIMEDOUT, "%s cgroup %s", frozen ? "freeze" : "thaw", cg->path);
}

int cgroup_kill(const struct cgroup *cg, struct error *err)
{
	int r = flat_write(cg->dirfd, "cgroup.kill", "1");

	if (r == -ENOENT)
		return error_set(err, EOPNOTSUPP, "this kernel cannot kill a cgroup");
	return r < 0 ? error_sys(err, -r, "kill cgroup %s", cg->path) : 0;
}

int cgroup_remove(const struct cgroup *cg, int timeout_ms, struct error *err)
{
	const char *name = strrchr(cg->path, '/') + 1;
	int r = cgroup_wait_populated(cg->dirfd, false, timeout_ms);

	/* ENODEV: somebody else, systemd for one, has removed it. */
	if (r == -ENODEV || r == -ENOENT)
		return 0;
	if (r == 0)
		return error_set(err, EBUSY, "cgroup %s still has processes", cg->path);
	if (r > 0)
		r = branch_clear(cg->dirfd);
	if (r == 0) {
		autoclose int parent = openat(cg->dirfd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (parent < 0 || unlinkat(parent, name, AT_REMOVEDIR) < 0)
			r = errno == ENOENT ? 0 : -errno;
	}
	return r < 0 ? error_sys(err, -r, "remove cgroup %s", cg->path) : 0;
}

void cgroup_finish(const struct cgroup *cg, bool *ret_oom_killed)
{
	struct cgroup_memory_events events;
	struct error err = {0};

	if (!cg)
		return;
	/* With the host's pid namespace, the end of the first process is not that of the others. */
	cgroup_kill(cg, NULL);
	if (cgroup_memory_events_read(cg->dirfd, &events) == 0 && events.oom_kill)
		*ret_oom_killed = true;
	if (cgroup_remove(cg, LEFTOVER_TIMEOUT_MS, &err) < 0)
		log_warn("%s", error_text(&err));
}
