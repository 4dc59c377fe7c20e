/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MONITOR_RELAY_CLIENT_H
#define MONITOR_RELAY_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "container/attach.h"
#include "monitor/spool.h"

/* A guest's terminal is waited for so long when it takes nothing at all. */
#define RELAY_STALL_NS INT64_C(10000000000)

/*
 * struct relay_client - one who is attached, and what is on the way to them.
 *
 * Whoever started the program is read to as in a pipeline: a slow one slows the program, without
 * limit. Those who came later are guests, and the program's life must not depend on them:
 *
 *   without a terminal  what they are behind waits in a spool, and nobody else notices
 *   with a terminal     they slow the program, or a ^C would seem to do nothing for as long as it
 *                       takes to show all that waits; but one who takes nothing is not waited for
 *
 * Guests who lag too far behind miss output, and are told how much (ATTACH_SKIPPED).
 */
struct relay_client {
	int fd;
	bool is_guest;
	bool owns_stdin; /* the container's stdin ends with it */
	bool is_gone;
	bool has_size;       /* it has told the size of its terminal */
	bool is_skipping;    /* gets no output until it has taken what it was sent */
	size_t unacked;      /* bytes of input that it has not heard of yet */
	uint64_t skipped;    /* bytes that it does not get */
	int64_t stuck_since; /* monotonic clock, ns: when it took something last; 0: nothing waits
			      */
	int spool_dirfd;     /* borrowed; -1: no spool */
	struct spool spool;
	struct attach_reader reader;
	struct attach_writer writer;
	const struct attach_writer *last; /* frames to be sent after everything; NULL: not yet */
};

#define RELAY_CLIENT_INIT \
	{ \
		.fd = -1, .spool_dirfd = -1, .spool = SPOOL_INIT \
	}

/* Output for the client: sent, spooled or skipped. */
void relay_client_output(
	struct relay_client *client, enum attach_type type, const char *data, size_t len);
/*
 * relay_client_flush - send what can be sent without waiting.
 * Returns 0; 1 when it goes on after output that was skipped; negative errno: it has gone.
 */
int relay_client_flush(struct relay_client *client);
/* Is something on the way to it? */
bool relay_client_is_behind(const struct relay_client *client);
/* Must output wait for it? */
bool relay_client_holds_up(const struct relay_client *client);
/* Stops waiting for a guest that has taken nothing for RELAY_STALL_NS. */
void relay_client_check_stall(struct relay_client *client, int64_t now_ns);
void relay_client_release(struct relay_client *client);

#endif
