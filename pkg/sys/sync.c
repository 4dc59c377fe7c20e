/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/sync.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* What travels; a point without an error is only as long as the point. */
struct sync_message {
	int point;
	struct error error;
};
#define POINT_LEN offsetof(struct sync_message, error)

int sync_pair(int ret_fds[2], struct error *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_fds) < 0)
		return error_sys(err, errno, "make a socket pair");
	return 0;
}

union control {
	char buf[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

static int send_message(int fd, const void *data, size_t len, int pass_fd)
{
	struct iovec iov = {(void *)data, len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	union control control;
	ssize_t n;

	if (pass_fd >= 0) {
		struct cmsghdr *cmsg;

		memset(&control, 0, sizeof(control));
		msg.msg_control = control.buf;
		msg.msg_controllen = sizeof(control.buf);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &pass_fd, sizeof(int));
	}
	do
		n = sendmsg(fd, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int sync_send(int fd, enum sync_point point, int pass_fd, struct error *err)
{
	struct sync_message message = {.point = (int)point};
	int r = send_message(fd, &message, POINT_LEN, pass_fd);

	if (r < 0)
		return error_sys(err, -r, "tell the other process to go on");
	return 0;
}

void sync_send_error(int fd, const struct error *err)
{
	struct sync_message message = {.point = SYNC_NONE};

	message.error = *err;
	if (!message.error.code)
		message.error.code = EIO;
	(void)send_message(fd, &message, sizeof(message), -1);
}

static int received_fd(struct msghdr *msg)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg);
	int fd = -1;

	if (cmsg && cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return fd;
}

static int take_error(const struct sync_message *message, struct error *err)
{
	int code = message->error.code;

	if (code <= 0 || code > 4095)
		code = EPROTO;
	if (err) {
		*err = message->error;
		err->code = code;
		err->text[sizeof(err->text) - 1] = '\0';
	}
	return -code;
}

int sync_wait(int fd, enum sync_point point, int *ret_fd, struct error *err)
{
	struct sync_message message;
	union control control;
	struct iovec iov = {&message, sizeof(message)};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf)};
	autoclose int passed = -1;
	ssize_t n;

	do
		n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_sys(err, errno, "wait for the other process");
	if (n == 0)
		return -EPIPE;
	passed = received_fd(&msg);
	if ((size_t)n == sizeof(message) && message.point == SYNC_NONE)
		return take_error(&message, err);
	if ((size_t)n != POINT_LEN || message.point != (int)point)
		return error_set(err, EPROTO, "unexpected message from the other process");
	if (ret_fd)
		*ret_fd = take_fd(passed);
	return 0;
}
