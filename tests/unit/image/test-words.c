/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "image/words.h"

static void words_are_split_like_a_containerfile(void **state)
{
	static const struct {
		const char *text, *joined;
	} cases[] = {
		{"", ""},
		{"  a  b ", "a|b"},
		{"a='b c' d", "a=b c|d"},
		{"\"a \\\"b\\\"\" c", "a \"b\"|c"},
		{"a\\ b", "a b"},
		{"'a\\b'", "a\\b"},
		{"\"a\\b\"", "a\\b"},
		{"''", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strv_free) char **words = NULL;
		autofree char *joined = NULL;

		assert_int_equal(words_split(cases[i].text, &words, NULL), 0);
		joined = strv_join(words, "|");
		assert_string_equal(joined, cases[i].joined);
	}
}

static void open_quotes_are_refused(void **state)
{
	char **words = NULL;

	(void)state;
	assert_int_equal(words_split("a 'b", &words, NULL), -EINVAL);
	assert_null(words);
}

static void only_lists_of_strings_are_exec_form(void **state)
{
	AUTO(strv_free) char **words = NULL;
	char **none = NULL;

	(void)state;
	assert_int_equal(words_json(" [\"a\", \"b c\"]", &words), 1);
	assert_string_equal(words[1], "b c");
	assert_int_equal(words_json("[\"a\", 1]", &none), 0);
	assert_int_equal(words_json("['a']", &none), 0);
	assert_int_equal(words_json("[ -f x ]", &none), 0);
	assert_int_equal(words_json("echo", &none), 0);
	assert_null(none);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_split_like_a_containerfile),
		cmocka_unit_test(open_quotes_are_refused),
		cmocka_unit_test(only_lists_of_strings_are_exec_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
