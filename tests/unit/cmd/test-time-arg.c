/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "time-arg.h"

#define NS_PER_S INT64_C(1000000000)

static void moments_in_all_their_forms(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
		int64_t ns;
	} cases[] = {
		{"2026-01-02T03:04:05Z", 1767323045, 0},
		{"2026-01-02T03:04:05.5+01:00", 1767319445, 500000000},
		/* Two hours ahead of UTC. */
		{"2026-01-02T03:04:05", 1767315845, 0},
		{"2026-01-02 03:04:05.000000001", 1767315845, 1},
		{"2026-01-02T03:04", 1767315840, 0},
		{"2026-01-02 03:04", 1767315840, 0},
		{"2026-01-02", 1767304800, 0},
		{"1767323045", 1767323045, 0},
		{"1767323045.25", 1767323045, 250000000},
		{"0", 0, 0},
	};

	(void)state;
	setenv("TZ", "ZZZ-2", 1);
	tzset();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t got = -1;

		assert_int_equal(time_arg(cases[i].text, &got, NULL), 0);
		assert_int_equal(got, cases[i].seconds * NS_PER_S + cases[i].ns);
	}
}

static void a_span_counts_back_from_now(void **state)
{
	int64_t got, before = clock_now_ns();

	(void)state;
	assert_int_equal(time_arg("10m", &got, NULL), 0);
	assert_true(got >= before - 600 * NS_PER_S && got <= clock_now_ns() - 600 * NS_PER_S);
}

static void a_span_until_the_end_counts_from_now_on(void **state)
{
	int64_t got, before = clock_now_ns();

	(void)state;
	assert_int_equal(time_arg_until("10m", &got, NULL), 0);
	assert_true(got >= before + 600 * NS_PER_S && got <= clock_now_ns() + 600 * NS_PER_S);
	assert_int_equal(time_arg_until("5", &got, NULL), 0);
	assert_int_equal(got, 5 * NS_PER_S);
}

static void a_span_may_have_a_sign_and_may_lie_ahead(void **state)
{
	static const struct {
		const char *text;
		int64_t back_s;
	} cases[] = {{"10m", 600}, {"+1h30m", 5400}, {"-90s", -90}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t past, ahead, before = clock_now_ns();
		int64_t span_ns = cases[i].back_s * NS_PER_S;

		assert_int_equal(time_arg(cases[i].text, &past, NULL), 0);
		assert_int_equal(time_arg_until(cases[i].text, &ahead, NULL), 0);
		assert_true(past >= before - span_ns && past <= clock_now_ns() - span_ns);
		assert_true(ahead >= before + span_ns && ahead <= clock_now_ns() + span_ns);
	}
	assert_int_equal(time_arg_until("2026-01-02T03:04:05Z", &(int64_t){0}, NULL), 0);
}

static void nonsense_is_refused(void **state)
{
	static const char *const texts[] = {"", "foo", "2026-13-01", "2026-01-02T", "2026-01-02x",
		"2026-01-02T03:04.5", "1.", "1.2.3", "99999999999999999999", "-1x", "-5", "+",
		"--1s"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int64_t got = 42;

		assert_int_equal(time_arg(texts[i], &got, NULL), -EINVAL);
		assert_int_equal(got, 42);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments_in_all_their_forms),
		cmocka_unit_test(a_span_counts_back_from_now),
		cmocka_unit_test(a_span_until_the_end_counts_from_now_on),
		cmocka_unit_test(a_span_may_have_a_sign_and_may_lie_ahead),
		cmocka_unit_test(nonsense_is_refused),
	};

	return cmocka_run_group_tests_name("cmd/time-arg", tests, NULL, NULL);
}
