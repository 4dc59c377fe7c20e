/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "registry/challenge.h"

static void bearer_parameters_are_unquoted(void **state)
{
	AUTO(challenges_release) struct challenges list = {0};
	const struct challenge *bearer;

	(void)state;
	challenges_add(&list, "Bearer realm=\"https://a/token\",Service=\"s \\\"x\\\"\", scope=y");
	bearer = challenges_find(&list, "bearer");
	assert_non_null(bearer);
	assert_string_equal(strmap_get(&bearer->params, "realm"), "https://a/token");
	assert_string_equal(strmap_get(&bearer->params, "service"), "s \"x\"");
	assert_string_equal(strmap_get(&bearer->params, "scope"), "y");
}

static void several_challenges_share_a_header(void **state)
{
	AUTO(challenges_release) struct challenges list = {0};

	(void)state;
	challenges_add(&list, "Basic realm=\"a, b\", Bearer realm=\"c\",service=d , Digest");
	challenges_add(&list, "Negotiate");
	assert_int_equal(list.count, 4);
	assert_string_equal(strmap_get(&challenges_find(&list, "Basic")->params, "realm"), "a, b");
	assert_string_equal(strmap_get(&challenges_find(&list, "Bearer")->params, "service"), "d");
	assert_non_null(challenges_find(&list, "Negotiate"));
	assert_null(challenges_find(&list, "Other"));
}

static void garbage_ends_somewhere(void **state)
{
	static const char *const bad[] = {"", ",,,", "=", "Basic realm=\"x", "Basic =", "a=b=c",
		"Negotiate abc==", "\"", "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO(challenges_release) struct challenges list = {0};

		challenges_add(&list, bad[i]);
		assert_true(list.count <= CHALLENGE_MAX);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bearer_parameters_are_unquoted),
		cmocka_unit_test(several_challenges_share_a_header),
		cmocka_unit_test(garbage_ends_somewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
