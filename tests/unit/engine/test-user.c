/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/user.h"

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
			     "# comment:x:1:1::/:/\n"
			     "web:x:33:33:web:/var/www:/bin/false\n"
			     "broken line\n"
			     "12:x:1012:1012::/twelve:/bin/sh\n";
static const char group[] = "root:x:0:\n"
			    "www:x:33:\n"
			    "tty:x:5:web,other\n"
			    "audio:x:29:web\n";

static void users_resolve_with_the_images_files(void **state)
{
	static const struct {
		const char *text;
		uint32_t uid, gid;
		size_t groups;
		const char *home;
	} cases[] = {
		{ NULL, 0, 0, 0, "/root" },
		{ "", 0, 0, 0, "/root" },
		{ "web", 33, 33, 2, "/var/www" },
		{ "33", 33, 33, 2, "/var/www" },
		{ "web:tty", 33, 5, 0, "/var/www" },
		{ "web:7", 33, 7, 0, "/var/www" },
		{ "4711", 4711, 0, 0, "/" },
		{ "4711:audio", 4711, 29, 0, "/" },
		{ "12", 1012, 1012, 0, "/twelve" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct user user = { 0 };

		assert_int_equal(
			user_resolve(cases[i].text, passwd, group, NULL, &user, NULL), 0);
		assert_int_equal(user.uid, cases[i].uid);
		assert_int_equal(user.gid, cases[i].gid);
		assert_int_equal(user.group_count, cases[i].groups);
		assert_string_equal(user.home, cases[i].home);
		user_release(&user);
	}
}

static void unknown_names_are_named(void **state)
{
	struct user user = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(user_resolve("nobody-here", passwd, group, NULL, &user, &err), -ENOENT);
	assert_string_equal(error_text(&err),
		"unable to find user nobody-here: no matching entries in passwd file");
	assert_int_equal(user_resolve("web:none", passwd, group, NULL, &user, &err), -ENOENT);
	assert_int_equal(user_resolve("4294967295", passwd, group, NULL, &user, &err), -ENOENT);
}

static void added_groups_follow_those_of_the_user(void **state)
{
	char *add[] = { (char *)"tty", (char *)"1234", NULL };
	struct user user = { 0 };

	(void)state;
	assert_int_equal(user_resolve("web", passwd, group, add, &user, NULL), 0);
	assert_int_equal(user.group_count, 3);
	assert_int_equal(user.groups[2], 1234);
	user_release(&user);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users_resolve_with_the_images_files),
		cmocka_unit_test(unknown_names_are_named),
		cmocka_unit_test(added_groups_follow_those_of_the_user),
	};

	return cmocka_run_group_tests_name("engine/user", tests, NULL, NULL);
}
