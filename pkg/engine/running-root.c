/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/running-root.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"
#include "sys/process.h"

#define MAX_BYTES (4 << 20)

int running_root_open(const struct container *ctr, int pidfd, struct error *err)
{
	autofree char *path = xasprintf("/proc/%d/root", (int)ctr->state.init.pid);
	autoclose int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_sys(err, errno, "open the container's root");
	/* It lives still, so the number was its own all the time. */
	if (pidfd_wait_end(pidfd, 0) != 0)
		return error_set(err, ESRCH, "the container has ended");
	return take_fd(fd);
}

char *running_root_read(int rootfd, const char *path)
{
	/* What is there is the container's choice: a FIFO must not hold us up. */
	autoclose int fd = root_open(rootfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, NULL);
	struct stat st;
	char *text = NULL;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
		fd_read_all(fd, MAX_BYTES, &text, NULL, NULL) < 0)
		return xstrdup("");
	return text;
}
