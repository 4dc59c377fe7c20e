/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "registry/base64.h"

static void vectors_of_the_standard_hold_both_ways(void **state)
{
	/* RFC 4648, 10 */
	static const char *const cases[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="},
		{"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *encoded = base64_encode(cases[i][0], strlen(cases[i][0]));
		autofree char *decoded = NULL;
		size_t len;

		assert_string_equal(encoded, cases[i][1]);
		assert_int_equal(base64_decode(cases[i][1], &decoded, &len), 0);
		assert_int_equal(len, strlen(cases[i][0]));
		assert_string_equal(decoded, cases[i][0]);
	}
}

static void garbage_is_refused(void **state)
{
	static const char *const bad[] = {"Z", "Zg=x", "Zg===", "Z g=", "Zg\n", "Zm9vY"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char *decoded = NULL;
		size_t len;

		assert_int_equal(base64_decode(bad[i], &decoded, &len), -EBADMSG);
		assert_null(decoded);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_of_the_standard_hold_both_ways),
		cmocka_unit_test(garbage_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
