/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/start-wait.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/log.h"

/* A command says it at once. */
#define ORDER_TIMEOUT_MS 2000

/* 1: the order is there; 0: it was nobody who wants a start. */
static int take_order(int listen_fd, struct start_order *ret, int *ret_client)
{
	autoclose int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	struct error err = {0};

	if (fd < 0 || start_order_receive(fd, ORDER_TIMEOUT_MS, ret, &err) < 0) {
		log_debug("%s", error_text(&err));
		return 0;
	}
	*ret_client = take_fd(fd);
	return 1;
}

int start_wait(
	int listen_fd, int init_pidfd, struct start_order *ret, int *ret_client, struct error *err)
{
	for (;;) {
		struct pollfd fds[] = {{listen_fd, POLLIN, 0}, {init_pidfd, POLLIN, 0}};

		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			return error_sys(err, errno, "wait for the start");
		if (fds[1].revents)
			return error_set(
				err, ECANCELED, "the container was ended before its start");
		if (fds[0].revents && take_order(listen_fd, ret, ret_client) > 0)
			return 0;
	}
}
