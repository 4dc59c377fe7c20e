/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"

static void times_survive_a_round_trip(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
		const char *back;
	} cases[] = {
		{ "1970-01-01T00:00:01Z", 1000000000, "1970-01-01T00:00:01Z" },
		{ "2026-01-02T03:04:05.123456789Z", 1767323045123456789, "2026-01-02T03:04:05.123456789Z" },
		{ "2026-01-02T05:04:05.5+02:00", 1767323045500000000, "2026-01-02T03:04:05.5Z" },
		{ "0001-01-01T00:00:00Z", 0, "0001-01-01T00:00:00Z" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t ns = -1;
		autofree char *back = NULL;

		assert_int_equal(time_parse(cases[i].text, &ns), 0);
		assert_int_equal(ns, cases[i].ns);
		back = time_format(ns);
		assert_string_equal(back, cases[i].back);
	}
}

static void malformed_times_are_refused(void **state)
{
	static const char *const cases[] = { "", "yesterday", "2026-13-01T00:00:00Z",
		"2026-01-01T00:00:00", "2026-01-01T00:00:00+2", "2026-01-01T25:00:00Z",
		"2026-01-01T-1:00:00Z", "2026-01- 1T00:00:00Z", "2026-01-01T00:00:00--1:00",
		"2026-01-01T00:00:00+24:00", "2026-1-1T0:0:0Z" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(time_parse(cases[i], &(int64_t){ 0 }), -EINVAL);
}

static void spans_are_as_go_prints_them(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
		{0, "0s"},
		{1, "1ns"},
		{1500, "1.5µs"},
		{831534792, "831.534792ms"},
		{2556577188, "2.556577188s"},
		{60000000000, "1m0s"},
		{3723050000000, "1h2m3.05s"},
		{-1000000, "-1ms"},
		{INT64_MIN, "-2562047h47m16.854775808s"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *text = duration_format(cases[i].ns);

		assert_string_equal(text, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_survive_a_round_trip),
		cmocka_unit_test(malformed_times_are_refused),
		cmocka_unit_test(spans_are_as_go_prints_them),
	};

	return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
