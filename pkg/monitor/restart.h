/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MONITOR_RESTART_H
#define MONITOR_RESTART_H

#include <stdbool.h>
#include <stdint.h>

#include "container/container.h"
#include "container/restart-policy.h"

/* Sent to a monitor: do not start the container again. It is blocked, and looked for. */
#define RESTART_END_SIGNAL CONTAINER_MONITOR_END_SIGNAL

/*
 * struct restart - does the container that has ended run again, and when?
 *
 * "No" is final: a person has stopped it, which is told by RESTART_END_SIGNAL. That one stays
 * pending from the moment it is sent, so it is seen at the next look, whatever we do meanwhile.
 * systemd sends it too, to everybody in the scope of a session that ends.
 */
struct restart {
	const struct container_record *record; /* borrowed */
	struct restart_policy policy;
	int64_t count;    /* lives after the first */
	int64_t ran_ns;   /* how long the last life was */
	int64_t delay_ms; /* the last pause; 0: none yet */
	bool is_over;     /* somebody wants the container to stay as it is */
	bool is_ordered;  /* it was ended in order to be started again, whatever the policy */
};

/* As early as possible in the process. */
void restart_block_signal(void);
void restart_init(struct restart *restart, const struct container_record *record);
/* Another policy from now on, as a record has it. */
void restart_set_policy(struct restart *restart, const char *text);
/* Has somebody said that there shall be no other life? */
bool restart_is_over(struct restart *restart);
/* @signals: what clients have sent the container, bit N-1 for signal N */
void restart_note_signals(struct restart *restart, uint64_t signals);
/* Is there to be another life after the one that ended as @state says? */
bool restart_wanted(struct restart *restart, const struct container_state *state);
/* Waits as long as the back-off says. False: meanwhile it has become restart_is_over(). */
bool restart_pause(struct restart *restart);

#endif
