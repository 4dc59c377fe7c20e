/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/str.h"
#include "container/restart-policy.h"

static void grammar_of_policies(void **state)
{
	const struct {
		const char *text;
		int result;
		enum restart_mode mode;
		uint32_t retries;
	} cases[] = {
		{NULL, 0, RESTART_NO, 0},
		{"", 0, RESTART_NO, 0},
		{"no", 0, RESTART_NO, 0},
		{"always", 0, RESTART_ALWAYS, 0},
		{"unless-stopped", 0, RESTART_UNLESS_STOPPED, 0},
		{"on-failure", 0, RESTART_ON_FAILURE, 0},
		{"on-failure:7", 0, RESTART_ON_FAILURE, 7},
		{"on-failure:", -EINVAL, RESTART_NO, 0},
		{"on-failure:-1", -EINVAL, RESTART_NO, 0},
		{"on-failure:x", -EINVAL, RESTART_NO, 0},
		{"on-failure:99999999999", -EINVAL, RESTART_NO, 0},
		{"always:1", -EINVAL, RESTART_NO, 0},
		{"Always", -EINVAL, RESTART_NO, 0},
		{":3", -EINVAL, RESTART_NO, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct restart_policy policy = {0};
		struct error err = {0};

		assert_int_equal(
			restart_policy_parse(cases[i].text, &policy, &err), cases[i].result);
		assert_int_equal(policy.mode, cases[i].mode);
		assert_int_equal(policy.max_retries, cases[i].retries);
	}
}

static void who_is_restarted(void **state)
{
	const struct {
		const char *policy;
		int exit_code, restarts;
		bool wanted;
	} cases[] = {
		{"no", 1, 0, false},
		{"always", 0, 1000, true},
		{"always", 1, 0, true},
		{"unless-stopped", 0, 5, true},
		{"on-failure", 0, 0, false},
		{"on-failure", 137, 1000, true},
		{"on-failure:2", 1, 1, true},
		{"on-failure:2", 1, 2, false},
		{"on-failure:2", 0, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct restart_policy policy;

		assert_int_equal(restart_policy_parse(cases[i].policy, &policy, NULL), 0);
		assert_int_equal(
			restart_policy_wants(&policy, cases[i].exit_code, cases[i].restarts),
			cases[i].wanted);
	}
}

static void pauses_double_up_to_a_minute_and_start_anew(void **state)
{
	int64_t delay_ms = 0, sum_ms = 0;

	(void)state;
	for (int i = 0; i < 10; i++) {
		delay_ms = restart_delay_ms(delay_ms, 0);
		assert_int_equal(delay_ms, 100 << i);
		sum_ms += delay_ms;
	}
	assert_int_equal(sum_ms, 102300);
	assert_int_equal(restart_delay_ms(delay_ms, 0), 60000);
	assert_int_equal(restart_delay_ms(60000, RESTART_SETTLED_NS - 1), 60000);
	assert_int_equal(restart_delay_ms(60000, RESTART_SETTLED_NS), 100);
	/* The clock was set back while it ran. */
	assert_int_equal(restart_delay_ms(200, -1), 400);
}

static void signals_that_mean_the_end(void **state)
{
	(void)state;
	assert_true(restart_ends_by(SIGKILL, "SIGUSR1"));
	assert_true(restart_ends_by(SIGTERM, "SIGUSR1"));
	assert_true(restart_ends_by(SIGINT, NULL));
	assert_true(restart_ends_by(SIGUSR1, "SIGUSR1"));
	assert_false(restart_ends_by(SIGUSR1, "SIGTERM"));
	assert_false(restart_ends_by(SIGHUP, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grammar_of_policies),
		cmocka_unit_test(who_is_restarted),
		cmocka_unit_test(pauses_double_up_to_a_minute_and_start_anew),
		cmocka_unit_test(signals_that_mean_the_end),
	};

	return cmocka_run_group_tests_name("restart-policy", tests, NULL, NULL);
}
