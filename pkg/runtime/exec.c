/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>

#include "runtime/internal.h"
#include "sys/clone.h"
#include "sys/process.h"

#define EXEC_NAMESPACES                                                                            \
	(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP)

static int join(int pidfd, struct error *err)
{
	/* EINVAL: it is in our user namespace, which cannot be entered again. */
	if (setns(pidfd, EXEC_NAMESPACES | CLONE_NEWUSER) == 0)
		return 0;
	if (errno != EINVAL || setns(pidfd, EXEC_NAMESPACES) < 0)
		return error_sys(err, errno, "join the container's namespaces");
	return 0;
}

static int become_program(struct program *program, int pidfd, struct error *err)
{
	int r;

	limits_set_oom(program->process);
	/* Before the container can see us: /proc/PID/exe would lead it to our executable. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	r = join(pidfd, err);
	if (r < 0)
		return r;
	if (setsid() < 0)
		return error_sys(err, errno, "begin a session");
	if (program->process->terminal)
		r = console_open(program->process, &program->master_fd, &program->console_fd, err);
	return r < 0 ? r : program_run(program, err);
}

static _Noreturn void exec_child(struct program *program, int pidfd)
{
	struct error err = { 0 };
	int r = become_program(program, pidfd, &err);

	if (!err.code)
		error_sys(&err, -r, "start the process");
	sync_send_error(program->sync_fd, &err);
	_exit(1);
}

/* A pid namespace is entered by children only, so it is ours for the moment of the clone. */
static pid_t clone_into(const struct runtime_exec_request *req, int *ret_pidfd, struct error *err)
{
	autoclose int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	pid_t pid;

	if (own < 0)
		return error_sys(err, errno, "open our pid namespace");
	if (setns(req->pidfd, CLONE_NEWPID) < 0) {
		if (errno == ESRCH)
			return error_set(err, ESRCH, "the container has ended");
		return error_sys(err, errno, "join the container's pid namespace");
	}
	pid = process_clone(0, req->cgroup_fd, ret_pidfd, err);
	if (pid != 0)
		(void)!setns(own, CLONE_NEWPID);
	return pid;
}

static int start(const struct runtime_exec_request *req, struct program *program,
	struct runtime_container *ret, struct error *err)
{
	int pidfd = -1;
	int fds[2];
	pid_t pid;
	int r = sync_pair(fds, err);

	if (r < 0)
		return r;
	pid = clone_into(req, &pidfd, err);
	if (pid == 0) {
		close(fds[0]);
		program->sync_fd = fds[1];
		exec_child(program, req->pidfd);
	}
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return pid;
	}
	*ret = (struct runtime_container){ .pid = pid, .pidfd = pidfd, .sync_fd = fds[0],
		.console_fd = -1 };
	return 0;
}

int runtime_exec(const struct runtime_exec_request *req, struct runtime_container *ret,
	struct error *err)
{
	struct program program = { 0 };
	int r = program_prepare(&program, req->process, req->seccomp_fd, err);

	if (r == 0) {
		memcpy(program.stdio, req->stdio, sizeof(req->stdio));
		program.fds = req->fds;
		program.fd_count = req->fd_count;
		r = start(req, &program, ret, err);
	}
	program_release(&program);
	return r;
}
