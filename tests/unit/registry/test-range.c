/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "registry/range.h"

static void ranges_are_read(void **state)
{
	struct content_range range;

	(void)state;
	assert_int_equal(content_range_parse("bytes 5-9/10", &range), 0);
	assert_int_equal(range.first, 5);
	assert_int_equal(range.last, 9);
	assert_true(range.has_total);
	assert_int_equal(range.total, 10);
	assert_int_equal(content_range_parse("Bytes 0-0/*", &range), 0);
	assert_false(range.has_total);
}

static void malformed_ranges_are_refused(void **state)
{
	static const char *const bad[] = {"", "5-9/10", "bytes 5-9", "bytes 9-5/10",
		"bytes 5-10/10", "bytes -9/10", "bytes 5-/10", "bytes 5-9/10x", "bytes */10",
		"bytes 99999999999999999999-9/10"};
	struct content_range range;

	(void)state;
	assert_int_equal(content_range_parse(NULL, &range), -EBADMSG);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(content_range_parse(bad[i], &range), -EBADMSG);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_read),
		cmocka_unit_test(malformed_ranges_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
