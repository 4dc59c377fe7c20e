/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/ioctl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "sys/process-stat.h"
#include "sys/process.h"

/* As in <linux/pidfd.h> of Linux 6.15, which Debian 12 does not have. */
struct pidfd_exit_info {
	uint64_t mask;
	uint64_t cgroup_id;
	uint32_t ids[11];
	int32_t exit_code; /* as from wait(); only after the process was reaped */
};
#define PIDFD_GET_EXIT_INFO _IOWR(0xff, 11, struct pidfd_exit_info)
#define PIDFD_HAS_EXIT (UINT64_C(1) << 3)

static int ask_pidfd(int pidfd, int *ret_status)
{
	struct pidfd_exit_info info = {.mask = PIDFD_HAS_EXIT};

	if (ioctl(pidfd, PIDFD_GET_EXIT_INFO, &info) < 0 || !(info.mask & PIDFD_HAS_EXIT))
		return 0;
	*ret_status = info.exit_code;
	return 1;
}

/* Zero says nothing: so it is also where we may not see it. */
static int ask_zombie(const struct process_id *id, int *ret_status)
{
	struct process_stat stat;

	if (process_read_stat((pid_t)id->pid, &stat) < 0 || stat.start != id->start ||
		stat.state != 'Z' || stat.exit_status == 0)
		return 0;
	*ret_status = stat.exit_status;
	return 1;
}

int process_exit_code(const struct process_id *id, int pidfd, int *ret)
{
	int status;

	/* It may be reaped between the first two. */
	if (!ask_pidfd(pidfd, &status) && !ask_zombie(id, &status) && !ask_pidfd(pidfd, &status))
		return 0;
	*ret = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return 1;
}
