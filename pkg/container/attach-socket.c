/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "container/attach.h"

/* Through the descriptor: paths of run directories may be longer than an address can hold. */
static int open_socket(int dirfd, struct sockaddr_un *ret, struct error *err)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d/" ATTACH_SOCKET, dirfd);
	return fd < 0 ? error_sys(err, errno, "socket") : fd;
}

int attach_listen(int dirfd, struct error *err)
{
	struct sockaddr_un address;
	autoclose int fd = open_socket(dirfd, &address, err);

	if (fd < 0)
		return fd;
	unlinkat(dirfd, ATTACH_SOCKET, 0);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 16) < 0)
		return error_sys(err, errno, ATTACH_SOCKET);
	return take_fd(fd);
}

int attach_connect(int dirfd, struct error *err)
{
	struct sockaddr_un address;
	autoclose int fd = open_socket(dirfd, &address, err);

	if (fd < 0)
		return fd;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return error_sys(err, errno, ATTACH_SOCKET);
	return take_fd(fd);
}
