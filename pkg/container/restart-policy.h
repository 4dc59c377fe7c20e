/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTAINER_RESTART_POLICY_H
#define CONTAINER_RESTART_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* --restart: what a monitor does when its container has ended by itself. */
enum restart_mode {
	RESTART_NO = 0,
	RESTART_ON_FAILURE, /* when the exit code is not 0 */
	RESTART_ALWAYS,
	RESTART_UNLESS_STOPPED, /* as always; differs only for who starts containers after a boot */
};

struct restart_policy {
	enum restart_mode mode;
	uint32_t max_retries; /* of on-failure; 0: as often as it takes */
};

/*
 * restart_policy_parse - "no", "always", "unless-stopped", "on-failure", "on-failure:N".
 * NULL and "" are "no". -EINVAL, in podman's words.
 */
int restart_policy_parse(const char *text, struct restart_policy *ret, struct error *err);
const char *restart_mode_name(enum restart_mode mode); /* "on-failure"; borrowed, static */

/* Is the container to run again? @restarts: how often it was restarted already */
bool restart_policy_wants(const struct restart_policy *policy, int64_t exit_code, int64_t restarts);

/* Pauses between two lives: the first one, and the longest. */
#define RESTART_MIN_DELAY_MS 100
#define RESTART_MAX_DELAY_MS 60000
/* One that ran as long as this is not in trouble: the next pause is the first one again. */
#define RESTART_SETTLED_NS (INT64_C(10) * 1000000000)
/*
 * restart_delay_ms - how long to pause before the next life.
 * @last_ms: the pause before the life that has ended; 0: there was none
 * @ran_ns:  how long that life was
 */
int64_t restart_delay_ms(int64_t last_ms, int64_t ran_ns);

/*
 * restart_ends_by - does a person who sends @sig want the container to end? Then it is not
 * restarted. Other signals tell the program something.
 * @stop_signal: of the container's record
 */
bool restart_ends_by(int sig, const char *stop_signal);

#endif
