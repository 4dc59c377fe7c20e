/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>

#include "base/log.h"
#include "runtime/internal.h"
#include "sys/clone.h"
#include "sys/file.h"
#include "sys/process.h"

static int check_request(const struct runtime_create_request *req, struct error *err)
{
	const struct spec *spec = req->spec;
	const struct spec_namespace *mount = spec_find_namespace(spec, "mount");
	const struct spec_namespace *user = spec_find_namespace(spec, "user");

	if (!spec->has_process)
		return error_set(err, EINVAL, "config.json.process: missing");
	if (!mount || mount->path)
		return error_set(err, EINVAL,
			"config.json.linux.namespaces: a new mount namespace is needed");
	if (user && user->path)
		return error_set(err, ENOTSUP,
			"config.json.linux.namespaces: joining a user namespace is not possible");
	if (user && (!spec->linux.uid_mappings.count || !spec->linux.gid_mappings.count))
		return error_set(
			err, EINVAL, "config.json.linux: a user namespace needs id mappings");
	if (spec->linux.time_offsets)
		return error_set(err, ENOTSUP, "config.json.linux.timeOffsets is not supported");
	if (req->mount_rootfs ? str_is_empty(req->rootfs_target) : str_is_empty(spec->root.path))
		return error_set(err, EINVAL, "config.json.root.path: missing");
	return 0;
}

/*
 * The root of a new cgroup namespace is the cgroup of whoever asks for it. With CLONE_INTO_CGROUP
 * that would be the parent's, so the child makes this one itself.
 */
static uint64_t new_namespaces(const struct runtime_create_request *req)
{
	const struct spec *spec = req->spec;
	uint64_t flags = 0;

	for (size_t i = 0; i < spec->linux.namespace_count; i++)
		if (!spec->linux.namespaces[i].path)
			flags |= namespace_flag(spec->linux.namespaces[i].type);
	return req->cgroup_fd >= 0 ? flags & ~(uint64_t)CLONE_NEWCGROUP : flags;
}

static bool has_paths(const struct spec_linux *linux)
{
	for (size_t i = 0; i < linux->namespace_count; i++)
		if (linux->namespaces[i].path)
			return true;
	return false;
}

/* A join_fn: not in the child, which may be in a user namespace without any right to them. */
static int join_paths(void *data, struct error *err)
{
	const struct spec_linux *linux = data;

	for (size_t i = 0; i < linux->namespace_count; i++) {
		const struct spec_namespace *ns = &linux->namespaces[i];
		autoclose int fd = -1;

		if (!ns->path)
			continue;
		fd = open(ns->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0)
			return error_sys(err, errno, "open namespace %s", ns->path);
		if (setns(fd, (int)namespace_flag(ns->type)) < 0)
			return error_sys(err, errno, "join %s namespace %s", ns->type, ns->path);
	}
	return 0;
}

static pid_t clone_child(const struct init_process *self, int *ret_pidfd, struct error *err)
{
	const struct spec *spec = self->req->spec;
	uint64_t flags = new_namespaces(self->req);

	if (!has_paths(&spec->linux))
		return process_clone(flags, self->req->cgroup_fd, ret_pidfd, err);
	return clone_joined(
		join_paths, (void *)&spec->linux, flags, self->req->cgroup_fd, ret_pidfd, err);
}

static int write_map(pid_t pid, const char *file, const struct idmap *map, struct error *err)
{
	autofree char *path = xasprintf("/proc/%d/%s", (int)pid, file);
	autofree char *text = idmap_text(map);
	autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return error_sys(err, errno, "open %s", path);
	/* The kernel takes a map in a single write only. */
	n = write(fd, text, strlen(text));
	return n < 0 ? error_sys(err, errno, "write %s", file) : 0;
}

static int give_ids(
	const struct spec_linux *linux, struct runtime_container *container, struct error *err)
{
	int r = write_map(container->pid, "uid_map", &linux->uid_mappings, err);

	if (r == 0)
		r = write_map(container->pid, "gid_map", &linux->gid_mappings, err);
	return r < 0 ? r : sync_send(container->sync_fd, SYNC_IDMAP_DONE, -1, err);
}

static int clone_init(
	struct init_process *self, struct runtime_container *container, struct error *err)
{
	int fds[2];
	pid_t pid;
	int r = sync_pair(fds, err);

	if (r < 0)
		return r;
	pid = clone_child(self, &container->pidfd, err);
	if (pid == 0) {
		close(fds[0]);
		self->program.sync_fd = fds[1];
		init_process_run(self);
	}
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return pid;
	}
	container->pid = pid;
	container->sync_fd = fds[0];
	return 0;
}

int runtime_create(
	const struct runtime_create_request *req, struct runtime_container *ret, struct error *err)
{
	struct runtime_container container = RUNTIME_CONTAINER_INIT;
	struct init_process self = {.req = req, .root_tree = -1, .init_tree = -1};
	autofree char *init_path =
		req->init && !req->init_path ? libexec_path("coracle-init") : NULL;
	int r = check_request(req, err);

	if (r == 0)
		r = program_prepare(&self.program, &req->spec->process, req->seccomp_fd, err);
	if (r < 0) {
		program_release(&self.program);
		return r;
	}
	memcpy(self.program.stdio, req->stdio, sizeof(req->stdio));
	self.program.fds = req->fds;
	self.program.fd_count = req->fd_count;
	self.program.id = req->id ? req->id : "coracle";
	self.program.init = req->init;
	self.init_path = req->init_path ? req->init_path : init_path;
	self.nested = spec_find_namespace(req->spec, "user") != NULL;
	r = self.nested ? trees_prepare(&self, err) : 0;
	if (r == 0)
		r = clone_init(&self, &container, err);
	if (r == 0 && self.nested)
		r = give_ids(&req->spec->linux, &container, err);
	if (r == 0 && req->give_netns)
		r = runtime_take_netns(&container, err);
	trees_release(&self);
	program_release(&self.program);
	if (r < 0) {
		runtime_abort(&container);
		return r;
	}
	*ret = container;
	return 0;
}
