/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "cgroup/place.h"

#define UNIFIED "29 23 0:25 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"

static void our_cgroup_is_found_among_those_of_version_1(void **state)
{
	static const char own[] = "9:name=systemd:/\n4:memory:/x\n0::/a/b\n";
	static const char mounts[] =
		"28 23 0:24 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
		"30 28 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
		"39 28 0:35 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
	struct cgroup_place place = {0};
	char *dir;

	(void)state;
	assert_int_equal(cgroup_place_parse(own, mounts, &place, NULL), 0);
	assert_string_equal(place.own, "/a/b");
	dir = cgroup_place_dir(&place, place.own);
	assert_string_equal(dir, "/sys/fs/cgroup/unified/a/b");
	free(dir);
	cgroup_place_release(&place);
}

static void a_mount_shows_only_what_is_below_its_root(void **state)
{
	static const char mounts[] =
		"30 28 0:26 /other /elsewhere rw - cgroup2 cgroup2 rw\n"
		"31 28 0:26 /a\\040b /with\\040blank rw master:1 - cgroup2 cgroup2 rw\n";
	struct cgroup_place place = {0};
	char *dir;

	(void)state;
	assert_int_equal(cgroup_place_parse("0::/a b/c\n", mounts, &place, NULL), 0);
	dir = cgroup_place_dir(&place, "/a b/c");
	assert_string_equal(dir, "/with blank/c");
	free(dir);
	dir = cgroup_place_dir(&place, "/a b");
	assert_string_equal(dir, "/with blank");
	free(dir);
	assert_null(cgroup_place_dir(&place, "/a bc"));
	assert_null(cgroup_place_dir(&place, "/"));
	cgroup_place_release(&place);
}

static void the_root_of_a_namespace_is_its_mount(void **state)
{
	struct cgroup_place place = {0};
	char *dir;

	(void)state;
	assert_int_equal(cgroup_place_parse("0::/\n", UNIFIED, &place, NULL), 0);
	dir = cgroup_place_dir(&place, "/");
	assert_string_equal(dir, "/sys/fs/cgroup");
	free(dir);
	assert_null(cgroup_place_dir(&place, "/a/../../b"));
	cgroup_place_release(&place);
}

static void a_machine_without_cgroup_v2_says_so(void **state)
{
	struct cgroup_place place = {0};
	struct error err = {0};

	(void)state;
	assert_int_equal(cgroup_place_parse("4:memory:/\n", UNIFIED, &place, &err), -ENOENT);
	assert_non_null(strstr(err.text, "no cgroup v2"));
	assert_int_equal(cgroup_place_parse("0::/\n", "", &place, &err), -ENOENT);
	assert_non_null(strstr(err.text, "not mounted"));
	assert_int_equal(
		cgroup_place_parse("0::/\n", "29 23 - cgroup2 x\n", &place, &err), -ENOENT);
}

static void paths_are_joined_and_compared_by_components(void **state)
{
	char *path = cgroup_path_join("/", "x");

	(void)state;
	assert_string_equal(path, "/x");
	free(path);
	path = cgroup_path_join("/a", "x");
	assert_string_equal(path, "/a/x");
	free(path);
	assert_string_equal(cgroup_path_below("/a/b", "/a"), "/b");
	assert_string_equal(cgroup_path_below("/a", "/a"), "");
	assert_string_equal(cgroup_path_below("/a", "/"), "/a");
	assert_null(cgroup_path_below("/ab", "/a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_cgroup_is_found_among_those_of_version_1),
		cmocka_unit_test(a_mount_shows_only_what_is_below_its_root),
		cmocka_unit_test(the_root_of_a_namespace_is_its_mount),
		cmocka_unit_test(a_machine_without_cgroup_v2_says_so),
		cmocka_unit_test(paths_are_joined_and_compared_by_components),
	};

	return cmocka_run_group_tests_name("cgroup-place", tests, NULL, NULL);
}
