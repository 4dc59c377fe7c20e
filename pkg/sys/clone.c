/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/clone.h"

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"

static const struct {
	const char *type;
	const char *file;
	uint64_t flag;
} namespaces[] = {
	{"pid", "pid", CLONE_NEWPID},
	{"network", "net", CLONE_NEWNET},
	{"mount", "mnt", CLONE_NEWNS},
	{"ipc", "ipc", CLONE_NEWIPC},
	{"uts", "uts", CLONE_NEWUTS},
	{"user", "user", CLONE_NEWUSER},
	{"cgroup", "cgroup", CLONE_NEWCGROUP},
	{"time", "time", CLONE_NEWTIME},
};

uint64_t namespace_flag(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++)
		if (str_eq(type, namespaces[i].type))
			return namespaces[i].flag;
	return 0;
}

const char *namespace_file(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++)
		if (str_eq(type, namespaces[i].type))
			return namespaces[i].file;
	return NULL;
}

pid_t process_clone(uint64_t flags, int cgroup_fd, int *ret_pidfd, struct error *err)
{
	int pidfd = -1;
	struct clone_args args = {
		.flags = flags | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
		/* A sibling has the signal of its parent's other child, us. */
		.exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD,
	};
	long pid;

	if (cgroup_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroup_fd;
	}
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		return error_sys(err, errno, "clone with namespaces");
	if (pid > 0)
		*ret_pidfd = pidfd;
	return (pid_t)pid;
}
