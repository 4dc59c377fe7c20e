/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/mount-arg.h"

static void volumes_follow_dockers_grammar(void **state)
{
	static const struct {
		const char *text, *type, *name, *source, *destination;
		bool writable;
	} cases[] = {
		{ "/data", "volume", NULL, NULL, "/data", true },
		{ "vol:/data", "volume", "vol", NULL, "/data", true },
		{ "vol:/data:ro", "volume", "vol", NULL, "/data", false },
		{ "/a:/b/", "bind", NULL, "/a", "/b", true },
		{ "./x:/b//c:ro,z", "bind", NULL, "/cwd/./x", "/b/c", false },
		{ "~/x:/b", "bind", NULL, "/home/me/x", "/b", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct container_mount mount = { 0 };

		assert_int_equal(
			mount_arg_parse_volume(cases[i].text, "/cwd", "/home/me", &mount, NULL), 0);
		assert_string_equal(mount.type, cases[i].type);
		assert_true(str_eq(mount.name, cases[i].name));
		assert_true(str_eq(mount.source, cases[i].source));
		assert_string_equal(mount.destination, cases[i].destination);
		assert_int_equal(mount.writable, cases[i].writable);
		container_mount_release(&mount);
	}
}

static void malformed_volumes_are_refused(void **state)
{
	static const char *const cases[] = { "", ":", "/a:", "/a:b", "/a:/b:/c:/d", "/a:/../b", "/a:/",
		"/a:/b:nonsense", "vo/l:/b", "-x:/b" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct container_mount mount = { 0 };
		struct error err = { 0 };

		assert_int_equal(
			mount_arg_parse_volume(cases[i], "/", "/", &mount, &err), -EINVAL);
		assert_int_not_equal(err.text[0], 0);
	}
}

static void mount_options_come_in_any_order(void **state)
{
	struct container_mount mount = { 0 };

	(void)state;
	assert_int_equal(mount_arg_parse_mount("dst=/x,ro,src=/host,type=bind", "/", &mount, NULL), 0);
	assert_string_equal(mount.source, "/host");
	assert_false(mount.writable);
	container_mount_release(&mount);
	assert_int_equal(
		mount_arg_parse_mount("type=tmpfs,target=/t,tmpfs-size=1m", "/", &mount, NULL), 0);
	assert_true(strv_has(mount.options, "size=1m"));
	container_mount_release(&mount);
	assert_int_equal(mount_arg_parse_mount("type=bind,dst=/x", "/", &mount, NULL), -EINVAL);
	assert_int_equal(mount_arg_parse_mount("type=image,dst=/x", "/", &mount, NULL), -EINVAL);
	assert_int_equal(mount_arg_parse_mount("type=tmpfs", "/", &mount, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(volumes_follow_dockers_grammar),
		cmocka_unit_test(malformed_volumes_are_refused),
		cmocka_unit_test(mount_options_come_in_any_order),
	};

	return cmocka_run_group_tests_name("engine/mount-arg", tests, NULL, NULL);
}
