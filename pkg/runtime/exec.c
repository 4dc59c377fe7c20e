/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "runtime/internal.h"
#include "sys/clone.h"
#include "sys/process.h"

/* All but pid, which is entered by the clone itself. */
static const char *const joined[] = {"user", "mount", "uts", "ipc", "network", "cgroup"};

/*
 * Only what differs from ours is joined: the host's network may be shared with the container, and
 * to enter it takes a privilege on the host, even for those who are in it.
 */
static int find_joined(int pidfd, int *ret, struct error *err)
{
	pid_t pid;
	int r = pidfd_number(pidfd, &pid, err);

	if (r < 0)
		return r;
	*ret = 0;
	for (size_t i = 0; i < ARRAY_SIZE(joined); i++) {
		const char *file = namespace_file(joined[i]);
		autofree char *own = xasprintf("/proc/self/ns/%s", file);
		autofree char *other = xasprintf("/proc/%d/ns/%s", (int)pid, file);
		struct stat ours, theirs;

		if (stat(own, &ours) < 0)
			return error_sys(err, errno, "look up our namespaces");
		if (stat(other, &theirs) < 0)
			return errno == ENOENT || errno == ESRCH
				       ? error_set(err, ESRCH, "the container has ended")
				       : error_sys(
						 err, errno, "look up the container's namespaces");
		if (ours.st_ino != theirs.st_ino || ours.st_dev != theirs.st_dev)
			*ret |= (int)namespace_flag(joined[i]);
	}
	/* It lives still, so the number was its own all the time. */
	if (pidfd_wait_end(pidfd, 0) != 0)
		return error_set(err, ESRCH, "the container has ended");
	return 0;
}

static int become_program(struct program *program, int pidfd, int flags, struct error *err)
{
	limits_set_oom(program->process);
	if (flags && setns(pidfd, flags) < 0)
		return error_sys(err, errno, "join the container's namespaces");
	if (setsid() < 0)
		return error_sys(err, errno, "begin a session");
	/* The keys of whoever started us are not the container's. */
	if (program->id)
		security_new_keyring(program->id);
	if (program->process->terminal) {
		int r = console_open(
			program->process, &program->master_fd, &program->console_fd, err);

		if (r < 0)
			return r;
	}
	return program_run(program, err);
}

static _Noreturn void exec_child(struct program *program, int pidfd, int flags)
{
	struct error err = {0};
	int r = become_program(program, pidfd, flags, &err);

	if (!err.code)
		error_sys(&err, -r, "start the process");
	sync_send_error(program->sync_fd, &err);
	_exit(1);
}

/*
 * A pid namespace is entered by children only. The child can be seen there from its first moment,
 * and /proc/PID/exe and /proc/PID/fd would lead the container to our executable and files: what
 * keeps it off is inherited from the process that clones.
 */
static int join_pid_namespace(void *data, struct error *err)
{
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (setns(*(const int *)data, CLONE_NEWPID) == 0)
		return 0;
	if (errno == ESRCH)
		return error_set(err, ESRCH, "the container has ended");
	return error_sys(err, errno, "join the container's pid namespace");
}

static int start(const struct runtime_exec_request *req, struct program *program,
	struct runtime_container *ret, struct error *err)
{
	int container_fd = req->pidfd, pidfd = -1;
	int fds[2] = {-1, -1};
	int flags;
	pid_t pid;
	int r = find_joined(req->pidfd, &flags, err);

	if (r == 0)
		r = sync_pair(fds, err);
	if (r < 0)
		return r;
	pid = clone_joined(join_pid_namespace, &container_fd, 0, req->cgroup_fd, &pidfd, err);
	if (pid == 0) {
		close(fds[0]);
		program->sync_fd = fds[1];
		exec_child(program, req->pidfd, flags);
	}
	close(fds[1]);
	if (pid < 0)
		close(fds[0]);
	/* What clone(2) says for a pid namespace whose init is on its way out. */
	if (pid == -ENOMEM)
		return error_set(err, ESRCH, "the container has ended");
	if (pid < 0)
		return pid;
	*ret = (struct runtime_container){
		.pid = pid, .pidfd = pidfd, .sync_fd = fds[0], .console_fd = -1};
	return 0;
}

int runtime_exec(
	const struct runtime_exec_request *req, struct runtime_container *ret, struct error *err)
{
	struct program program = {0};
	int r = program_prepare(&program, req->process, req->seccomp_fd, err);

	if (r == 0) {
		memcpy(program.stdio, req->stdio, sizeof(req->stdio));
		program.fds = req->fds;
		program.fd_count = req->fd_count;
		program.id = req->id;
		r = start(req, &program, ret, err);
	}
	program_release(&program);
	return r;
}
