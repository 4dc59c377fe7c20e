/* SPDX-License-Identifier: Apache-2.0 */
/* The rules for inner nodes and the places of containers, on plain directories. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "cgroup/flat.h"
#include "cgroup/internal.h"
#include "sys/file.h"

struct fake {
	char path[64];
	int fd;
};

static void put(const struct fake *fake, const char *name, const char *text)
{
	assert_int_equal(file_write_at(fake->fd, name, text, strlen(text), 0600, 0, NULL), 0);
}

static void put_node(const struct fake *fake, const char *dir, const char *controllers)
{
	static const char *const files[] = {"cgroup.procs", "cgroup.subtree_control"};
	char *name;

	mkdirat(fake->fd, dir, 0700);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		name = xasprintf("%s/%s", dir, files[i]);
		put(fake, name, "");
		free(name);
	}
	name = xasprintf("%s/cgroup.controllers", dir);
	put(fake, name, controllers);
	free(name);
}

static int set_up(void **state)
{
	struct fake *fake = xnew(struct fake);

	strcpy(fake->path, "/tmp/cgroup-branch.XXXXXX");
	assert_non_null(mkdtemp(fake->path));
	fake->fd = open(fake->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fake->fd >= 0);
	put_node(fake, ".", "cpuset cpu io memory pids\n");
	*state = fake;
	return 0;
}

static int tear_down(void **state)
{
	struct fake *fake = *state;

	close(fake->fd);
	assert_int_equal(dir_remove_all_at(AT_FDCWD, fake->path, NULL), 0);
	free(fake);
	return 0;
}

static void assert_content(const struct fake *fake, const char *name, const char *expected)
{
	char *text = NULL;

	assert_int_equal(flat_read(fake->fd, name, &text), 0);
	assert_string_equal(text, expected);
	free(text);
}

static char *memory[] = {(char *)"memory", NULL};
static char *usual[] = {(char *)"memory", (char *)"pids", (char *)"rdma", NULL};

static void what_is_there_is_switched_on(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(branch_enable(fake->fd, "/x", memory, usual, "", NULL), 0);
	assert_content(fake, "cgroup.subtree_control", "+memory +pids");
}

static void what_is_on_stays(void **state)
{
	struct fake *fake = *state;

	put(fake, "cgroup.subtree_control", "memory pids\n");
	put(fake, "cgroup.procs", "1\n");
	assert_int_equal(branch_enable(fake->fd, "/x", memory, usual, "", NULL), 0);
	assert_content(fake, "cgroup.subtree_control", "memory pids\n");
	assert_int_equal(faccessat(fake->fd, CGROUP_LEAF, F_OK, 0), -1);
}

static void nobody_is_moved_for_defaults(void **state)
{
	struct fake *fake = *state;

	put(fake, "cgroup.procs", "1\n");
	assert_int_equal(branch_enable(fake->fd, "/x", NULL, usual, "", NULL), 0);
	assert_content(fake, "cgroup.subtree_control", "");
	assert_int_equal(faccessat(fake->fd, CGROUP_LEAF, F_OK, 0), -1);
}

static void missing_controllers_come_with_the_remedy(void **state)
{
	struct fake *fake = *state;
	struct error err = {0};

	put(fake, "cgroup.controllers", "pids\n");
	assert_int_equal(
		branch_enable(fake->fd, "/x", memory, usual, ": ask for it", &err), -ENOTSUP);
	assert_string_equal(
		err.text, "the memory controller is not delegated to cgroup /x: ask for it");
}

static void processes_of_others_cannot_be_moved(void **state)
{
	struct fake *fake = *state;
	struct error err = {0};

	put_node(fake, CGROUP_LEAF, "");
	put(fake, "cgroup.procs", "0\n");
	assert_int_equal(branch_enable(fake->fd, "/x", memory, usual, "", &err), -EBUSY);
	assert_non_null(strstr(err.text, "move the processes of cgroup /x"));
}

static void trees_of_any_depth_are_cleared(void **state)
{
	struct fake *fake = *state;
	char *path = xstrdup("deep");

	/* Real cgroups have files that need no removal; these have none. */
	assert_int_equal(mkdirat(fake->fd, "t", 0700), 0);
	for (int i = 0; i < 200; i++) {
		char *full = xasprintf("t/%s", path);
		char *longer = xasprintf("%s/x", path);

		assert_int_equal(mkdirat(fake->fd, full, 0700), 0);
		free(full);
		free(path);
		path = longer;
	}
	free(path);
	assert_int_equal(mkdirat(fake->fd, "t/side", 0700), 0);
	{
		autoclose int fd = dir_open_at(fake->fd, "t", NULL);

		assert_int_equal(branch_clear(fd), 0);
	}
	assert_int_equal(unlinkat(fake->fd, "t", AT_REMOVEDIR), 0);
}

static int find_site(struct fake *fake, const char *own, const char *parent, enum cgroup_mode mode,
	char **base, char **name, struct error *err)
{
	struct cgroup_request req = {.id = "abc", .parent = parent, .mode = mode};
	struct cgroup_pending pending = {.req = &req,
		.manager = CGROUP_MANAGER_CGROUPFS,
		.place = {fake->path, (char *)"/", (char *)own}};

	return cgroupfs_find_site(&pending, base, name, err);
}

static void containers_lie_in_our_cgroup(void **state)
{
	static const struct {
		const char *own, *parent, *base;
	} cases[] = {
		{"/", NULL, "/"},
		{"/own", "", "/own"},
		{"/own/supervisor", NULL, "/own"},
		{"/alien/supervisor", NULL, "/alien/supervisor"},
		{"/own", "web", "/own/web"},
		{"/own", "web/inner", "/own/web/inner"},
		{"/own", "/own/web", "/own/web"},
		{"/own", "/own", "/own"},
		{"/own", "/other", "/other"},
	};
	struct fake *fake = *state;

	put_node(fake, "own", "memory");
	put_node(fake, "own/web", "memory");
	put_node(fake, "own/supervisor", "");
	put_node(fake, "other", "memory");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *base = NULL, *name = NULL;
		struct error err = {0};

		if (find_site(fake, cases[i].own, cases[i].parent, CGROUP_MODE_ENABLED, &base,
			    &name, &err) < 0)
			fail_msg("case %zu: %s", i, err.text);
		assert_string_equal(base, cases[i].base);
		assert_string_equal(name, "coracle-abc");
		free(base);
		free(name);
	}
}

static void odd_parents_are_refused(void **state)
{
	struct fake *fake = *state;
	struct error err = {0};
	char *base = NULL, *name = NULL;

	assert_true(
		find_site(fake, "/own", "user.slice", CGROUP_MODE_ENABLED, &base, &name, &err) < 0);
	assert_non_null(strstr(err.text, "systemd's"));
	assert_true(find_site(fake, "/own", "../x", CGROUP_MODE_ENABLED, &base, &name, &err) < 0);
	assert_true(
		find_site(fake, "/own", "/nobody", CGROUP_MODE_ENABLED, &base, &name, &err) < 0);
	assert_non_null(strstr(err.text, "not delegated"));
	assert_true(find_site(fake, "/own", "web", CGROUP_MODE_SPLIT, &base, &name, &err) < 0);
	assert_null(base);
}

static void scopes_are_recognised(void **state)
{
	char *name = systemd_scope_of("/a/user.slice/coracle-12.scope/container");

	(void)state;
	assert_string_equal(name, "coracle-12.scope");
	free(name);
	assert_null(systemd_scope_of("/a/coracle-12/b.scope"));
	assert_null(systemd_scope_of("/a/other.scope/container"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_there_is_switched_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_on_stays, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nobody_is_moved_for_defaults, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			missing_controllers_come_with_the_remedy, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			processes_of_others_cannot_be_moved, set_up, tear_down),
		cmocka_unit_test_setup_teardown(trees_of_any_depth_are_cleared, set_up, tear_down),
		cmocka_unit_test_setup_teardown(containers_lie_in_our_cgroup, set_up, tear_down),
		cmocka_unit_test_setup_teardown(odd_parents_are_refused, set_up, tear_down),
		cmocka_unit_test(scopes_are_recognised),
	};

	return cmocka_run_group_tests_name("cgroup-branch", tests, NULL, NULL);
}
