/* SPDX-License-Identifier: Apache-2.0 */
#include "container/start-order.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"

/* So that nothing else that somebody writes is taken for one. */
#define ORDER_MARK 0x53
#define ORDER_LEN 6

int start_order_send(int fd, const struct start_order *order, struct error *err)
{
	const unsigned char bytes[ORDER_LEN] = {ORDER_MARK, order->attaches,
		(unsigned char)(order->rows >> 8), (unsigned char)order->rows,
		(unsigned char)(order->columns >> 8), (unsigned char)order->columns};

	unsigned char answer;
	ssize_t len;

	/* A new connection has room for so little. */
	if (send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL) != sizeof(bytes))
		return error_sys(err, errno, "order the start");
	do
		len = recv(fd, &answer, 1, 0);
	while (len < 0 && errno == EINTR);
	if (len != 1)
		return error_set(err, ECONNRESET, "the container was ended before its start");
	return 0;
}

void start_order_accept(int fd)
{
	/* One who has left does not need it. */
	(void)send(fd, &(unsigned char){ORDER_MARK}, 1, MSG_NOSIGNAL);
}

static int receive(int fd, unsigned char *bytes, int timeout_ms)
{
	int64_t end_ns = clock_monotonic_ns() + timeout_ms * INT64_C(1000000);
	size_t have = 0;

	while (have < ORDER_LEN) {
		int64_t left_ms = (end_ns - clock_monotonic_ns()) / 1000000;
		struct pollfd pfd = {fd, POLLIN, 0};
		ssize_t len;

		if (left_ms <= 0 || poll(&pfd, 1, (int)left_ms) == 0)
			return -ETIMEDOUT;
		len = recv(fd, bytes + have, ORDER_LEN - have, MSG_DONTWAIT);
		if (len == 0)
			return -ECONNRESET;
		if (len < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		have += len > 0 ? (size_t)len : 0;
	}
	return 0;
}

int start_order_receive(int fd, int timeout_ms, struct start_order *ret, struct error *err)
{
	unsigned char bytes[ORDER_LEN];
	int r = receive(fd, bytes, timeout_ms);

	if (r == 0 && (bytes[0] != ORDER_MARK || bytes[1] > 1))
		r = -EBADMSG;
	if (r < 0)
		return error_sys(err, -r, "order to start");
	*ret = (struct start_order){
		.attaches = bytes[1] == 1,
		.rows = (uint16_t)(bytes[2] << 8 | bytes[3]),
		.columns = (uint16_t)(bytes[4] << 8 | bytes[5]),
	};
	return 0;
}
