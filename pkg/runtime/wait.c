/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "runtime/internal.h"
#include "sys/process.h"
#include "sys/sync.h"

void runtime_container_release(struct runtime_container *container)
{
	close_fd(&container->pidfd);
	close_fd(&container->sync_fd);
	close_fd(&container->netns_fd);
	close_fd(&container->console_fd);
	container->pid = 0;
}

void runtime_abort(struct runtime_container *container)
{
	siginfo_t info;

	if (container->pid > 0) {
		(void)pidfd_signal(container->pidfd, SIGKILL);
		while (waitid(P_PIDFD, (id_t)container->pidfd, &info, WEXITED) < 0 &&
			errno == EINTR)
			;
	}
	runtime_container_release(container);
}

/* The child is gone without a word; what is known is how it ended. */
static int ended_early(struct runtime_container *container, struct error *err)
{
	siginfo_t info = {0};

	if (pidfd_wait_end(container->pidfd, 1000) == 1 &&
		waitid(P_PIDFD, (id_t)container->pidfd, &info, WEXITED | WNOWAIT) == 0 &&
		(info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED))
		return error_set(err, EPIPE, "the container's first process was ended by %s",
			signal_name(info.si_status));
	return error_set(err, EPIPE, "the container's first process ended early");
}

static int fail(struct runtime_container *container, int r, struct error *err)
{
	if (r == -EPIPE)
		r = ended_early(container, err);
	runtime_abort(container);
	return r;
}

int runtime_take_netns(struct runtime_container *container, struct error *err)
{
	int r = sync_wait(container->sync_fd, SYNC_NS_READY, &container->netns_fd, err);

	return r < 0 ? fail(container, r, err) : 0;
}

int runtime_wait_ready(struct runtime_container *container, struct error *err)
{
	int r = sync_wait(container->sync_fd, SYNC_READY, &container->console_fd, err);

	return r < 0 ? fail(container, r, err) : 0;
}

int runtime_start(struct runtime_container *container, struct error *err)
{
	int r = sync_send(container->sync_fd, SYNC_START, -1, err);

	if (r < 0)
		return fail(container, -EPIPE, err);
	r = sync_wait(container->sync_fd, SYNC_NONE, NULL, err);
	/* End of file: exec has closed the child's end. A program that has ended since is no
	 * failure. */
	if (r != -EPIPE)
		return fail(container, r < 0 ? r : -EPROTO, err);
	close_fd(&container->sync_fd);
	return 0;
}

int runtime_exit_code(const struct error *err)
{
	switch (err->code) {
	case 0:
		return 125;
	case ENOENT:
	case ENOTDIR:
		return 127;
	default:
		return 126;
	}
}
