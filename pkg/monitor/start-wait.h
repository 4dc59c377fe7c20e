/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MONITOR_START_WAIT_H
#define MONITOR_START_WAIT_H

#include "container/start-order.h"

/*
 * start_wait - wait until somebody orders the start of a container that has been made.
 * @listen_fd:   the monitor's socket, see attach_listen()
 * @init_pidfd:  of the process that waits with us
 * @ret_client:  the connection the order came through, owned by the caller
 *
 * Returns 0; -ECANCELED: the container was ended instead.
 */
int start_wait(
	int listen_fd, int init_pidfd, struct start_order *ret, int *ret_client, struct error *err);

#endif
