/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/mount-namespace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/mount.h"
#include "sys/process.h"

#define OWN_NAMESPACE "/proc/self/ns/mnt"

/* Into a namespace of a more privileged user namespace, the host's, there is no way back. */
static bool is_ours(int namespace)
{
	autoclose int owner = ioctl(namespace, NS_GET_USERNS);
	struct stat theirs, ours;

	return owner >= 0 && fstat(owner, &theirs) == 0 && stat("/proc/self/ns/user", &ours) == 0 &&
	       theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev;
}

bool mount_namespace_is_ours(void)
{
	autoclose int fd = open(OWN_NAMESPACE, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && is_ours(fd);
}

static int open_home(struct error *err)
{
	autoclose int home = open(OWN_NAMESPACE, O_RDONLY | O_CLOEXEC);
	int r;

	if (home >= 0 && is_ours(home))
		return take_fd(home);
	r = mount_namespace_leave(err);
	close_fd(&home);
	if (r == 0)
		home = open(OWN_NAMESPACE, O_RDONLY | O_CLOEXEC);
	return r < 0 ? r : home < 0 ? error_sys(err, errno, "open mount namespace") : take_fd(home);
}

int mount_namespace_visit(
	int pidfd, int (*work)(void *data, struct error *err), void *data, struct error *err)
{
	autoclose int home = open_home(err);
	autoclose int cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (home < 0)
		return home;
	if (cwd < 0)
		return error_sys(err, errno, "open working directory");
	if (setns(pidfd, CLONE_NEWNS) < 0)
		return error_sys(err, errno, "enter mount namespace");
	r = work(data, err);
	/* Nothing that comes after this would be where it thinks it is. */
	if (setns(home, CLONE_NEWNS) < 0 || fchdir(cwd) < 0)
		abort();
	return r;
}

int mount_namespace_leave(struct error *err)
{
	static bool has_left;
	int r;

	if (has_left)
		return 0;
	if (unshare(CLONE_NEWNS) < 0)
		return error_sys(err, errno, "mount namespace");
	r = mount_isolate(false, err);
	has_left = r == 0;
	return r;
}

uint64_t mount_namespace_id(void)
{
	struct stat st;

	return stat(OWN_NAMESPACE, &st) == 0 ? st.st_ino : 0;
}

static bool is_in(const char *pid, uint64_t id)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%.20s/ns/mnt", pid);
	return stat(path, &st) == 0 && st.st_ino == id;
}

int mount_namespace_find(uint64_t id)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int found = -ESRCH;

	while (dir && found < 0 && (entry = readdir(dir))) {
		const char *name = entry->d_name;
		uint64_t pid;
		int pidfd;

		if (str_to_u64(name, 10, &pid) < 0 || pid > INT32_MAX || !is_in(name, id))
			continue;
		pidfd = pidfd_open_pid((pid_t)pid);
		/* Again: the number may have been another's before. */
		if (pidfd >= 0 && is_in(name, id) && pidfd_signal(pidfd, 0) == 0)
			found = pidfd;
		else if (pidfd >= 0)
			close(pidfd);
	}
	if (dir)
		closedir(dir);
	return found;
}
