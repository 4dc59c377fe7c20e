/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/str.h"
#include "format/human.h"

#define SECOND INT64_C(1000000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static void sizes_have_three_or_four_digits(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text[4]; /* by enum human_size */
	} cases[] = {
		{0, {"0 B", "0B", "0B", "0B"}},
		{12, {"12 B", "12B", "12B", "12B"}},
		{999, {"999 B", "999B", "999B", "999B"}},
		{1000, {"1 kB", "1kB", "1kB", "1000B"}},
		{1023, {"1.02 kB", "1.02kB", "1.023kB", "1023B"}},
		{1024, {"1.02 kB", "1.02kB", "1.024kB", "1KiB"}},
		{2763921, {"2.76 MB", "2.76MB", "2.764MB", "2.636MiB"}},
		{77800000, {"77.8 MB", "77.8MB", "77.8MB", "74.2MiB"}},
		{999400, {"999 kB", "999kB", "999.4kB", "976KiB"}},
		/* Not 1e+03 kB. */
		{999600, {"1 MB", "1MB", "999.6kB", "976.2KiB"}},
		{999960, {"1 MB", "1MB", "1MB", "976.5KiB"}},
		{999999999, {"1 GB", "1GB", "1GB", "953.7MiB"}},
		{1048575, {"1.05 MB", "1.05MB", "1.049MB", "1MiB"}},
		{995000, {"995 kB", "995kB", "995kB", "971.7KiB"}},
		{UINT64_MAX, {"18.4 EB", "18.4EB", "18.45EB", "16EiB"}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (int form = 0; form < 4; form++) {
			autofree char *text = human_size(cases[i].bytes, (enum human_size)form);

			assert_string_equal(text, cases[i].text[form]);
		}
	}
}

static void spans_are_dockers(void **state)
{
	static const struct {
		int64_t span;
		const char *text;
	} cases[] = {
		{-5 * SECOND, "Less than a second"},
		{0, "Less than a second"},
		{SECOND - 1, "Less than a second"},
		{SECOND, "1 second"},
		{2 * SECOND - 1, "1 second"},
		{2 * SECOND, "2 seconds"},
		{MINUTE - 1, "59 seconds"},
		{MINUTE, "About a minute"},
		{2 * MINUTE - 1, "About a minute"},
		{2 * MINUTE, "2 minutes"},
		{HOUR - 1, "59 minutes"},
		{HOUR, "About an hour"},
		{90 * MINUTE - 1, "About an hour"},
		{90 * MINUTE, "2 hours"},
		{3 * HOUR, "3 hours"},
		{47 * HOUR + 30 * MINUTE - 1, "47 hours"},
		{47 * HOUR + 30 * MINUTE, "2 days"},
		{2 * DAY, "2 days"},
		{14 * DAY - 31 * MINUTE, "13 days"},
		{14 * DAY, "2 weeks"},
		{59 * DAY, "8 weeks"},
		{60 * DAY, "2 months"},
		{729 * DAY, "24 months"},
		{730 * DAY, "2 years"},
		{3650 * DAY, "10 years"},
		{INT64_MAX, "292 years"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *text = human_span(cases[i].span);

		assert_string_equal(text, cases[i].text);
	}
}

static void ago_counts_back_from_now(void **state)
{
	autofree char *never = human_ago(0, 5 * DAY);
	autofree char *past = human_ago(2 * DAY, 5 * DAY);
	autofree char *future = human_ago(9 * DAY, 5 * DAY);

	(void)state;
	assert_string_equal(never, "");
	assert_string_equal(past, "3 days ago");
	assert_string_equal(future, "Less than a second ago");
}

static void times_read_as_gos(void **state)
{
	static const char *const cases[][2] = {
		{"2026-01-02T03:04:05Z", "2026-01-02 03:04:05 +0000 UTC"},
		{"2026-01-02T03:04:05.5Z", "2026-01-02 03:04:05.5 +0000 UTC"},
		{"2026-01-02T03:04:05.120000000Z", "2026-01-02 03:04:05.12 +0000 UTC"},
		{"2026-01-02T03:04:05.000Z", "2026-01-02 03:04:05 +0000 UTC"},
		{"2026-01-02T03:04:05.Z", "2026-01-02 03:04:05 +0000 UTC"},
		{"2026-01-02T03:04:05-07:30", "2026-01-02 03:04:05 -0730 -0730"},
		{"0001-01-01T00:00:00Z", "0001-01-01 00:00:00 +0000 UTC"},
		{"", ""},
		{"yesterday", "yesterday"},
		{"2026-01-02T03:04:05", "2026-01-02T03:04:05"},
		{"2026-01-02T03:04:05Zz", "2026-01-02T03:04:05Zz"},
		{"2026-01-02T03:04:05+00:00Z", "2026-01-02T03:04:05+00:00Z"},
		{"2026-1-2T3:4:5Z", "2026-1-2T3:4:5Z"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *text = human_time(cases[i][0]);

		assert_string_equal(text, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_have_three_or_four_digits),
		cmocka_unit_test(spans_are_dockers),
		cmocka_unit_test(ago_counts_back_from_now),
		cmocka_unit_test(times_read_as_gos),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
