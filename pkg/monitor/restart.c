/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/restart.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"

#define NS_PER_MS INT64_C(1000000)

static sigset_t end_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, RESTART_END_SIGNAL);
	return set;
}

void restart_block_signal(void)
{
	sigset_t set = end_signal();

	/* Its default action would end us, but it never gets that far. */
	signal(RESTART_END_SIGNAL, SIG_DFL);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

void restart_set_policy(struct restart *restart, const char *text)
{
	struct error err = {0};

	restart->policy = (struct restart_policy){0};
	if (restart_policy_parse(text, &restart->policy, &err) < 0)
		log_warn("%s", error_text(&err));
}

void restart_init(struct restart *restart, const struct container_record *record)
{
	*restart = (struct restart){.record = record};
	restart_set_policy(restart, record->restart);
}

/* True when the signal came within @timeout_ns; else after that time. */
static bool wait_for_signal(int64_t timeout_ns)
{
	sigset_t set = end_signal();
	int64_t end_ns = clock_monotonic_ns() + timeout_ns;

	for (;;) {
		int64_t left_ns = end_ns - clock_monotonic_ns();
		struct timespec left = {0};

		if (left_ns > 0)
			left = (struct timespec){left_ns / 1000000000, left_ns % 1000000000};
		if (sigtimedwait(&set, NULL, &left) > 0)
			return true;
		if (errno != EINTR && left_ns <= 0)
			return false;
	}
}

bool restart_is_over(struct restart *restart)
{
	if (!restart->is_over)
		restart->is_over = wait_for_signal(0);
	return restart->is_over;
}

void restart_note_signals(struct restart *restart, uint64_t signals)
{
	for (int sig = 1; sig <= 64; sig++) {
		if (signals & (UINT64_C(1) << (sig - 1)) &&
			restart_ends_by(sig, restart->record->stop_signal))
			restart->is_over = true;
	}
}

bool restart_wanted(struct restart *restart, const struct container_state *state)
{
	if (restart_is_over(restart))
		return false;
	return restart->is_ordered ||
	       restart_policy_wants(&restart->policy, state->exit_code, restart->count);
}

bool restart_pause(struct restart *restart)
{
	restart->delay_ms = restart_delay_ms(restart->delay_ms, restart->ran_ns);
	restart->is_ordered = false;
	if (!restart->is_over)
		restart->is_over = wait_for_signal(restart->delay_ms * NS_PER_MS);
	return !restart->is_over;
}
