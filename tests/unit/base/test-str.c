/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

static void sizes_have_binary_units(void **state)
{
	static const struct {
		const char *text;
		int result;
		uint64_t bytes;
	} cases[] = {
		{ "0", 0, 0 }, { "10", 0, 10 }, { "10b", 0, 10 }, { "1k", 0, 1024 }, { "2KB", 0, 2048 },
		{ "64m", 0, 64 << 20 }, { "1GiB", 0, 1 << 30 }, { "1x", -EINVAL, 0 },
		{ "", -EINVAL, 0 }, { "-1", -EINVAL, 0 }, { "m", -EINVAL, 0 }, { "1mm", -EINVAL, 0 },
		{ "99999999999999999999", -ERANGE, 0 }, { "18446744073709551615k", -ERANGE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t bytes = 0;

		assert_int_equal(str_to_size(cases[i].text, &bytes), cases[i].result);
		assert_int_equal(bytes, cases[i].bytes);
	}
}

static void durations_are_those_of_go(void **state)
{
	static const struct {
		const char *text;
		int result;
		int64_t ns;
	} cases[] = {
		{ "1s", 0, 1000000000 }, { "5", 0, 5000000000 }, { "1m30s", 0, 90000000000 },
		{ "300ms", 0, 300000000 }, { "1.5h", 0, 5400000000000 }, { "10ns", 0, 10 },
		{ "", -EINVAL, 0 }, { "1x", -EINVAL, 0 }, { "s", -EINVAL, 0 }, { "1s ", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t ns = 0;

		assert_int_equal(str_to_duration(cases[i].text, &ns), cases[i].result);
		assert_int_equal(ns, cases[i].ns);
	}
}

static void numbers_are_whole_texts(void **state)
{
	uint64_t number;
	int64_t with_sign;

	(void)state;
	assert_int_equal(str_to_u64("18446744073709551615", 10, &number), 0);
	assert_int_equal(str_to_u64("18446744073709551616", 10, &number), -ERANGE);
	assert_int_equal(str_to_u64(" 1", 10, &number), -EINVAL);
	assert_int_equal(str_to_u64("+1", 10, &number), -EINVAL);
	assert_int_equal(str_to_u64("1 ", 10, &number), -EINVAL);
	assert_int_equal(str_to_u64("755", 8, &number), 0);
	assert_int_equal(number, 0755);
	assert_int_equal(str_to_i64("-42", &with_sign), 0);
	assert_int_equal(with_sign, -42);
	assert_int_equal(str_to_i64("--1", &with_sign), -EINVAL);
}

static void lists_grow_split_and_join(void **state)
{
	AUTO(strv_free) char **list = strv_split("a::b", ':');
	autofree char *joined = strv_join(list, "+");

	(void)state;
	assert_int_equal(strv_len(list), 3);
	assert_string_equal(joined, "a++b");
	strv_env_set(&list, "K", "1");
	strv_env_set(&list, "K", "2");
	assert_string_equal(strv_env_get(list, "K"), "2");
	assert_int_equal(strv_len(list), 4);
	assert_null(strv_env_get(list, "KK"));
}

static void lists_sort(void **state)
{
	AUTO(strv_free) char **list = strv_split("b:a:B:", ':');
	autofree char *joined = NULL;

	(void)state;
	strv_sort(list);
	joined = strv_join(list, ":");
	assert_string_equal(joined, ":B:a:b");
	strv_sort(NULL);
}

static void maps_replace_values(void **state)
{
	AUTO(strmap_release) struct strmap map = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++) {
		autofree char *key = xasprintf("k%d", i % 10);

		strmap_set(&map, key, key);
	}
	assert_int_equal(map.count, 10);
	assert_string_equal(strmap_get(&map, "k7"), "k7");
	assert_null(strmap_get(&map, "x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_have_binary_units),
		cmocka_unit_test(durations_are_those_of_go),
		cmocka_unit_test(numbers_are_whole_texts),
		cmocka_unit_test(lists_grow_split_and_join),
		cmocka_unit_test(lists_sort),
		cmocka_unit_test(maps_replace_values),
	};

	return cmocka_run_group_tests_name("base/str", tests, NULL, NULL);
}
