/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/str.h"
#include "monitor/exec.h"
#include "sys/file.h"

/* "0::/path" of /proc/PID/cgroup: the path, owned by the caller; NULL when there is none. */
static char *read_path(const char *file)
{
	autofree char *text = NULL;
	const char *start;

	if (file_read_at(AT_FDCWD, file, 65536, &text, NULL, NULL) < 0)
		return NULL;
	/* Lines of cgroup v1 may stand before and behind it. */
	start = str_after(text, "0::");
	if (!start) {
		start = strstr(text, "\n0::");
		start = start ? start + 4 : NULL;
	}
	return start ? xstrndup(start, strcspn(start, "\n")) : NULL;
}

static int open_mount(void)
{
	static const char *const places[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		int fd = open(places[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		struct statfs fs;

		if (fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC)
			return fd;
		if (fd >= 0)
			close(fd);
	}
	return -ENOENT;
}

int exec_cgroup_open(pid_t pid)
{
	autofree char *file = xasprintf("/proc/%d/cgroup", (int)pid);
	autofree char *theirs = read_path(file);
	autofree char *ours = read_path("/proc/self/cgroup");
	autoclose int mount = -1;

	if (!theirs || str_eq(theirs, ours) || str_after(theirs, "/.."))
		return -ENOENT;
	mount = open_mount();
	return mount < 0 ? mount : root_open(mount, theirs, O_PATH | O_DIRECTORY, 0, NULL);
}
