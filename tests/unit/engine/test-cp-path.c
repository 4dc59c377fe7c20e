/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "engine/cp-path.h"

static const struct {
	const char *text, *path, *parent, *name;
	bool is_directory, is_content;
} cases[] = {
	{"a", "a", ".", "a", false, false},
	{"a/", "a", ".", "a", true, false},
	{"a//", "a", ".", "a", true, false},
	{"a/.", "a", ".", "a", true, true},
	{"a/./", "a", ".", "a", true, true},
	{"a/././/.", "a", ".", "a", true, true},
	{"/a", "/a", "/", "a", false, false},
	{"/a/b", "/a/b", "/a", "b", false, false},
	{"a/b.", "a/b.", "a", "b.", false, false},
	{"a/..", "a/..", "a", "", true, true},
	{"..", "..", ".", "", true, true},
	{".", ".", ".", "", true, true},
	{"./", ".", ".", "", true, true},
	{"/", "/", "/", "", true, true},
	{"//", "/", "/", "", true, true},
	{"/.", "/", "/", "", true, true},
	{"./a", "./a", ".", "a", false, false},
	{"a/...", "a/...", "a", "...", false, false},
	{".hidden", ".hidden", ".", ".hidden", false, false},
};

static void paths_are_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(cp_path_release) struct cp_path path = {0};

		cp_path_parse(cases[i].text, &path);
		assert_string_equal(path.path, cases[i].path);
		assert_string_equal(path.parent, cases[i].parent);
		assert_string_equal(path.name, cases[i].name);
		assert_int_equal(path.is_directory, cases[i].is_directory);
		assert_int_equal(path.is_content, cases[i].is_content);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(paths_are_taken_apart)};

	return cmocka_run_group_tests_name("cp-path", tests, NULL, NULL);
}
