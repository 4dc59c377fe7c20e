/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "spec/capability.h"

#define BIT(number) (UINT64_C(1) << (number))

static void names_are_found_with_and_without_prefix(void **state)
{
	(void)state;
	assert_int_equal(capability_parse("CAP_CHOWN"), 0);
	assert_int_equal(capability_parse("chown"), 0);
	assert_int_equal(capability_parse("cap_sys_admin"), 21);
	assert_int_equal(capability_parse("CHECKPOINT_RESTORE"), 40);
	assert_int_equal(capability_parse("CAP_"), -EINVAL);
	assert_int_equal(capability_parse(""), -EINVAL);
	assert_null(capability_name(CAPABILITY_COUNT));
}

static void set_and_names_are_inverse(void **state)
{
	AUTO(strv_free) char **names = capability_names(BIT(0) | BIT(10) | BIT(40));
	uint64_t set = 0;

	(void)state;
	assert_int_equal(strv_len(names), 3);
	assert_string_equal(names[1], "CAP_NET_BIND_SERVICE");
	assert_int_equal(capability_set(names, &set, NULL), 0);
	assert_true(set == (BIT(0) | BIT(10) | BIT(40)));
}

static void unknown_name_is_told(void **state)
{
	char *names[] = {"CAP_CHOWN", "CAP_FLY", NULL};
	struct error err = {0};
	uint64_t set = 0;

	(void)state;
	assert_int_equal(capability_set(names, &set, &err), -EINVAL);
	assert_string_equal(err.text, "unknown capability CAP_FLY");
}

static void add_and_drop_change_the_base(void **state)
{
	const uint64_t base = BIT(0) | BIT(1), all = BIT(41) - 1;
	static const struct {
		char *add[3], *drop[3];
		int result;
		uint64_t set;
	} cases[] = {
		{{NULL}, {NULL}, 0, BIT(0) | BIT(1)},
		{{"kill"}, {NULL}, 0, BIT(0) | BIT(1) | BIT(5)},
		{{NULL}, {"CAP_CHOWN"}, 0, BIT(1)},
		{{NULL}, {"all"}, 0, 0},
		{{"KILL"}, {"ALL"}, 0, BIT(5)},
		{{"ALL"}, {NULL}, 0, BIT(41) - 1},
		{{"ALL"}, {"KILL"}, 0, (BIT(41) - 1) & ~BIT(5)},
		{{"KILL"}, {"KILL"}, -EINVAL, 0},
		{{"ALL"}, {"ALL"}, -EINVAL, 0},
		{{"FLY"}, {NULL}, -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t set = 0;

		assert_int_equal(
			capability_change(base, all, cases[i].add, cases[i].drop, &set, NULL),
			cases[i].result);
		assert_true(set == cases[i].set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found_with_and_without_prefix),
		cmocka_unit_test(set_and_names_are_inverse),
		cmocka_unit_test(unknown_name_is_told),
		cmocka_unit_test(add_and_drop_change_the_base),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
