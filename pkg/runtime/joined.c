/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>

#include "runtime/internal.h"
#include "sys/clone.h"
#include "sys/file.h"
#include "sys/process.h"

int pidfd_number(int pidfd, pid_t *ret, struct error *err)
{
	autofree char *path = xasprintf("/proc/self/fdinfo/%d", pidfd);
	autofree char *text = NULL;
	const char *line;
	int r = file_read_at(AT_FDCWD, path, 4096, &text, NULL, err);

	if (r < 0)
		return r;
	line = strstr(text, "\nPid:");
	*ret = line ? (pid_t)strtol(line + 5, NULL, 10) : 0;
	return *ret > 0 ? 0 : error_set(err, ESRCH, "the container has ended");
}

/* The process in between. Returns only in the child, which is the caller's. */
static void join_and_clone(join_fn *join, void *data, uint64_t flags, int cgroup_fd, int sync_fd)
{
	struct error err = {0};
	int pidfd = -1;
	pid_t pid = join(data, &err);

	if (pid == 0)
		pid = process_clone(flags | CLONE_PARENT, cgroup_fd, &pidfd, &err);
	if (pid == 0) {
		close(sync_fd);
		return;
	}
	if (pid < 0)
		sync_send_error(sync_fd, &err);
	else
		(void)sync_send(sync_fd, SYNC_NS_READY, pidfd, NULL);
	_exit(pid < 0);
}

pid_t clone_joined(
	join_fn *join, void *data, uint64_t flags, int cgroup_fd, int *ret_pidfd, struct error *err)
{
	autoclose int helper_fd = -1;
	autoclose int pidfd = -1;
	int fds[2];
	pid_t helper, pid = 0;
	int r = sync_pair(fds, err);

	if (r < 0)
		return r;
	helper = process_clone(0, -1, &helper_fd, err);
	if (helper == 0) {
		close(fds[0]);
		join_and_clone(join, data, flags, cgroup_fd, fds[1]);
		return 0;
	}
	close(fds[1]);
	r = helper < 0 ? helper : sync_wait(fds[0], SYNC_NS_READY, &pidfd, err);
	close(fds[0]);
	if (helper > 0)
		process_wait(helper);
	if (r == -EPIPE)
		return error_set(err, EPIPE, "the joining process ended early");
	if (r == 0)
		r = pidfd_number(pidfd, &pid, err);
	if (r < 0)
		return r;
	*ret_pidfd = take_fd(pidfd);
	return pid;
}
