/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts for a container with a user namespace of its own. Its root may not be allowed to reach
 * what is to be mounted (the store belongs to our root, whose id it need not have), nor to mount
 * the rootfs. So a helper does it in our user namespace, in a mount namespace of its own, and
 * hands the mounts over detached: descriptors that the container's process attaches.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "runtime/internal.h"
#include "sys/clone.h"
#include "sys/mount.h"
#include "sys/process.h"

bool mounts_is_bind(const struct spec_mount *mount)
{
	return str_eq(mount->type, "bind") || strv_has(mount->options, "bind") ||
	       strv_has(mount->options, "rbind");
}

static int send_tree(int sync_fd, int tree, struct error *err)
{
	int r = tree < 0 ? tree : sync_send(sync_fd, SYNC_NS_READY, tree, err);

	close_fd(&tree);
	return r;
}

static int send_trees(const struct init_process *self, int sync_fd, struct error *err)
{
	const struct spec *spec = self->req->spec;
	autoclose int rootfd = rootfs_open(self, err);
	int r;

	if (rootfd < 0)
		return rootfd;
	r = send_tree(sync_fd, mount_clone(rootfd, "", true, err), err);
	for (size_t i = 0; r == 0 && i < spec->mount_count; i++) {
		if (!mounts_is_bind(&spec->mounts[i]))
			continue;
		r = send_tree(sync_fd, mounts_open_source(&spec->mounts[i], err), err);
		if (r < 0)
			return error_wrap(err, r, "mount %s", spec->mounts[i].destination);
	}
	if (r == 0 && self->program.init)
		r = send_tree(sync_fd, mount_clone(AT_FDCWD, self->init_path, false, err), err);
	return r;
}

static _Noreturn void helper_run(const struct init_process *self, int sync_fd)
{
	struct error err = {0};
	int r;

	umask(0022);
	r = send_trees(self, sync_fd, &err);
	if (r < 0) {
		if (!err.code)
			error_sys(&err, -r, "mount for the container");
		sync_send_error(sync_fd, &err);
	}
	_exit(r < 0);
}

static int receive_tree(int sync_fd, int *ret, struct error *err)
{
	int r = sync_wait(sync_fd, SYNC_NS_READY, ret, err);

	return r == -EPIPE ? error_set(err, EPIPE, "the mounting process ended early") : r;
}

static int receive_trees(struct init_process *self, int sync_fd, struct error *err)
{
	const struct spec *spec = self->req->spec;
	int r = receive_tree(sync_fd, &self->root_tree, err);

	self->trees = xcalloc(spec->mount_count + 1, sizeof(int));
	for (size_t i = 0; i < spec->mount_count; i++)
		self->trees[i] = -1;
	for (size_t i = 0; r == 0 && i < spec->mount_count; i++)
		if (mounts_is_bind(&spec->mounts[i]))
			r = receive_tree(sync_fd, &self->trees[i], err);
	if (r == 0 && self->program.init)
		r = receive_tree(sync_fd, &self->init_tree, err);
	return r;
}

int trees_prepare(struct init_process *self, struct error *err)
{
	int fds[2], pidfd = -1;
	pid_t pid;
	int r = sync_pair(fds, err);

	if (r < 0)
		return r;
	pid = process_clone(CLONE_NEWNS, -1, &pidfd, err);
	if (pid == 0) {
		close(fds[0]);
		helper_run(self, fds[1]);
	}
	close(fds[1]);
	r = pid < 0 ? pid : receive_trees(self, fds[0], err);
	close(fds[0]);
	if (pid > 0) {
		process_wait(pid);
		close(pidfd);
	}
	return r;
}

void trees_release(struct init_process *self)
{
	for (size_t i = 0; self->trees && i < self->req->spec->mount_count; i++)
		close_fd(&self->trees[i]);
	free(self->trees);
	self->trees = NULL;
	close_fd(&self->root_tree);
	close_fd(&self->init_tree);
}
