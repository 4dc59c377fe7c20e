/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MONITOR_HEALTH_H
#define MONITOR_HEALTH_H

#include "container/container.h"
#include "container/health-probe.h"
#include "monitor/relay.h"
#include "spec/spec.h"

/*
 * struct health_timer - runs a container's health check again and again during one life.
 *
 *     waiting    until the interval is over (not with --health-interval disable)
 *     checking   an exec session runs the command; after the timeout it is killed
 *     ending     it was unhealthy, and is to end for that: SIGKILL follows the stop signal
 *
 * One timer serves all three. All of it happens between turns of the relay's loop; the check itself
 * has a process of its own, the same that `exec` would start.
 */
enum health_phase { HEALTH_WAITING = 0, HEALTH_CHECKING, HEALTH_ENDING };

/* What an unhealthy container's end is to be followed by. */
enum health_verdict {
	HEALTH_VERDICT_NONE = 0, /* it is healthy, or nothing is to be done */
	HEALTH_VERDICT_END,      /* it stays as it is */
	HEALTH_VERDICT_RESTART,
};

struct health_timer {
	struct store *store; /* borrowed, all of them */
	const struct container_record *record;
	const struct spec *spec;
	const struct container_state *state;
	int init_pidfd;

	bool is_on;
	enum health_phase phase;
	enum health_verdict verdict;
	struct relay_watch timer;   /* a timerfd */
	struct relay_watch session; /* the connection with the check that runs */
	struct health_probe probe;
	pid_t pid; /* of the exec session's monitor; 0: none */
};
#define HEALTH_TIMER_INIT \
	{ \
		.init_pidfd = -1, .timer.fd = -1, .session.fd = -1, .probe.fd = -1 \
	}

/* health_timer_begin - when the program runs, if there is a check; the relay watches from then on.
 */
void health_timer_begin(struct health_timer *health, struct relay *relay);
/* health_timer_end - when it has ended. What it came to is left in the state, for the record. */
void health_timer_end(struct health_timer *health, struct container_state *state);

#endif
