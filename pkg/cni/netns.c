/* SPDX-License-Identifier: Apache-2.0 */
#include "cni/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/process.h"

/* The process of /proc/PID/ns/net, or the one that holds /proc/PID/fd/N open; else 0. */
static pid_t pid_of_path(const char *path)
{
	const char *digits = str_after(path, "/proc/");
	autofree char *number = NULL;
	const char *rest;
	uint64_t pid;

	if (!digits)
		return 0;
	rest = digits + strcspn(digits, "/");
	number = xstrndup(digits, (size_t)(rest - digits));
	if (!str_eq(rest, "/ns/net") && !str_after(rest, "/fd/"))
		return 0;
	return str_to_u64(number, 10, &pid) < 0 || pid > INT32_MAX ? 0 : (pid_t)pid;
}

int netns_open(const char *path, struct netns *ret, struct error *err)
{
	AUTO(netns_close) struct netns netns = NETNS_NONE;
	pid_t pid = pid_of_path(path);

	if (pid > 0) {
		netns.pidfd = pidfd_open_pid(pid);
		if (netns.pidfd < 0)
			return error_set(
				err, ENOENT, "network namespace %s: its process is gone", path);
	}
	netns.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (netns.fd < 0)
		return error_sys(err, errno, "network namespace %s", path);
	if (ioctl(netns.fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return error_set(err, EINVAL, "%s is not a network namespace", path);
	/* Still alive: then the path did belong to the process that the pidfd holds. */
	if (netns.pidfd >= 0 && pidfd_wait_end(netns.pidfd, 0) != 0)
		return error_set(err, ENOENT, "network namespace %s: its process is gone", path);
	*ret = netns;
	netns = (struct netns)NETNS_NONE;
	return 0;
}

void netns_close(struct netns *netns)
{
	close_fd(&netns->fd);
	close_fd(&netns->pidfd);
}

bool netns_is_gone(const char *path)
{
	return access(path, F_OK) < 0 && errno == ENOENT;
}

/*
 * With the container's user namespace as our own or below it, one step is enough. A plain user
 * who runs the plugin by hand has to become root in the namespace's owner first.
 */
int netns_enter(const struct netns *netns, struct error *err)
{
	autoclose int owner = -1;

	if (setns(netns->fd, CLONE_NEWNET) == 0)
		return 0;
	if (errno != EPERM)
		return error_sys(err, errno, "enter the network namespace");
	owner = ioctl(netns->fd, NS_GET_USERNS);
	if (owner < 0 || setns(owner, CLONE_NEWUSER) < 0 || setns(netns->fd, CLONE_NEWNET) < 0)
		return error_sys(err, EPERM, "enter the network namespace");
	return 0;
}
