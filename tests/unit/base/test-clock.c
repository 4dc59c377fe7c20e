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
		"2026-01-01T00:00:00", "2026-01-01T00:00:00+2", "2026-01-01T25:00:00Z" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(time_parse(cases[i], &(int64_t){ 0 }), -EINVAL);
}

static void spans_and_sizes_read_like_dockers(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} spans[] = { { 0, "Less than a second" }, { 1, "1 second" }, { 59, "59 seconds" },
		{ 60, "About a minute" }, { 180, "3 minutes" }, { 3700, "About an hour" },
		{ 7200, "2 hours" }, { 172800, "2 days" }, { 1209600, "2 weeks" } };
	static const struct {
		uint64_t bytes;
		const char *text;
	} sizes[] = { { 0, "0 B" }, { 12, "12 B" }, { 999, "999 B" }, { 1000, "1 kB" },
		{ 999499, "999 kB" }, { 999500, "1 MB" }, { 999600, "1 MB" }, { 2760000, "2.76 MB" },
		{ 999999999, "1 GB" }, { UINT64_MAX, "18.4 EB" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(spans); i++) {
		autofree char *text = time_human_span(spans[i].seconds * 1000000000);

		assert_string_equal(text, spans[i].text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		autofree char *text = size_human(sizes[i].bytes);

		assert_string_equal(text, sizes[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_survive_a_round_trip),
		cmocka_unit_test(malformed_times_are_refused),
		cmocka_unit_test(spans_and_sizes_read_like_dockers),
	};

	return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
