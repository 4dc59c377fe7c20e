/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTAINER_START_ORDER_H
#define CONTAINER_START_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * What `start` says to the monitor of a container that was made, but not started (`container
 * init`). The monitor listens on ATTACH_SOCKET meanwhile; the connection that the order came
 * through is its first client from then on, as if the monitor had just been started with it.
 */
struct start_order {
	bool attaches;          /* the client wants the output; else it leaves after ATTACH_READY */
	uint16_t rows, columns; /* of its terminal; 0: it has none */
};

/*
 * start_order_send    - the first thing on a new connection; returns when it has been accepted, so
 *                       that who then looks at the state finds one that is not to be ordered again.
 * start_order_receive - read it, and nothing that follows.
 * start_order_accept  - when that state has been written.
 * @timeout_ms: a client that says nothing is not waited for: -ETIMEDOUT; -EBADMSG for any other
 *              thing than an order, -ECONNRESET for one that leaves
 */
int start_order_send(int fd, const struct start_order *order, struct error *err);
int start_order_receive(int fd, int timeout_ms, struct start_order *ret, struct error *err);
void start_order_accept(int fd);

#endif
