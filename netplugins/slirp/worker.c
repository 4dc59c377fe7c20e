/* SPDX-License-Identifier: Apache-2.0 */
#include "worker.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop.h"
#include "sys/process.h"

int worker_start(const struct slirp_config *config, const struct resolv *resolv, struct worker *ret,
	struct error *err)
{
	int socks[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks) < 0)
		return error_sys(err, errno, "start the packet process");
	pid = fork();
	if (pid == 0)
		loop_run(config, resolv, socks[1]);
	close(socks[1]);
	if (pid < 0) {
		close(socks[0]);
		return error_sys(err, errno, "start the packet process");
	}
	*ret = (struct worker){.pid = pid, .sock = socks[0]};
	return 0;
}

int worker_wait(const struct worker *worker, struct error *err)
{
	struct error answer = {0};
	ssize_t len = recv(worker->sock, &answer, sizeof(answer), 0);

	if (len != (ssize_t)sizeof(answer))
		return error_set(err, EIO, "the packet process died while it started");
	if (answer.code) {
		*err = answer;
		return -answer.code;
	}
	return 0;
}

int worker_go(struct worker *worker, int tapfd, int pidfd, struct error *err)
{
	int fds[2] = {tapfd, pidfd};
	size_t size = pidfd >= 0 ? sizeof(fds) : sizeof(fds[0]);
	char byte = 0;
	struct iovec iov = {&byte, 1};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(fds))];
	} control = {.header = {.cmsg_len = CMSG_LEN(size),
			     .cmsg_level = SOL_SOCKET,
			     .cmsg_type = SCM_RIGHTS}};
	struct msghdr message = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(size)};

	memcpy(CMSG_DATA(&control.header), fds, size);
	if (sendmsg(worker->sock, &message, MSG_NOSIGNAL) < 0)
		return error_sys(err, errno, "the packet process died while it started");
	worker->pid = 0;
	return 0;
}

void worker_release(struct worker *worker)
{
	close_fd(&worker->sock);
	if (worker->pid > 0) {
		kill(worker->pid, SIGKILL);
		process_wait(worker->pid);
	}
	worker->pid = 0;
}
