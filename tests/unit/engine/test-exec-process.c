/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/exec-process.h"
#include "spec/capability.h"
#include "spec/defaults.h"

#define PASSWD "root:x:0:0::/root:/bin/sh\njoe:x:1000:1000::/home/joe:/bin/sh\n"
#define GROUP "root:x:0:\njoe:x:1000:\nwheel:x:10:joe\n"

static char *command[] = {"id", "-u", NULL};

/* Of a container that runs as @uid with CHOWN and KILL, the second of them by --cap-add. */
static void make_process(uint32_t uid, struct spec_process *ret)
{
	uint64_t chown = UINT64_C(1) << capability_parse("CHOWN");
	uint64_t kill = UINT64_C(1) << capability_parse("KILL");

	ret->user.uid = ret->user.gid = uid;
	ret->cwd = xstrdup("/srv");
	strv_add(&ret->args, "init");
	strv_env_set(&ret->env, "PATH", "/bin");
	strv_env_set(&ret->env, "HOME", "/root");
	spec_add_group(&ret->user, 7);
	defaults_set_capabilities(ret, chown | kill, kill);
}

static int make(const struct engine_exec *exec, const struct container_record *record, uint32_t uid,
	struct spec_process *ret)
{
	*ret = (struct spec_process){0};
	make_process(uid, ret);
	return exec_process_make(exec, record, PASSWD, GROUP, ret, NULL);
}

static void by_default_it_is_the_containers(void **state)
{
	const struct engine_exec exec = {.command = command};
	const struct container_record record = {.default_home = true};
	struct spec_process process;
	autofree uint32_t *groups = NULL;

	(void)state;
	assert_int_equal(make(&exec, &record, 1000, &process), 0);
	assert_string_equal(process.args[0], "id");
	assert_string_equal(process.cwd, "/srv");
	assert_int_equal(process.user.uid, 1000);
	assert_int_equal(spec_user_groups(&process.user, &groups), 1);
	assert_string_equal(strv_env_get(process.env, "HOME"), "/root");
	assert_null(strv_env_get(process.env, "TERM"));
	assert_true(strv_has(process.capabilities.ambient, "CAP_KILL"));
	assert_int_equal(strv_len(process.capabilities.effective), 1);
	spec_process_release(&process);
}

static void another_user(void **state)
{
	static char *group_add[] = {"joe", "44", NULL};
	struct engine_exec exec = {.command = command, .user = "joe"};
	struct container_record record = {.default_home = true, .group_add = group_add};
	struct spec_process process;
	uint32_t *groups = NULL;

	(void)state;
	assert_int_equal(make(&exec, &record, 0, &process), 0);
	assert_int_equal(process.user.uid, 1000);
	assert_int_equal(process.user.gid, 1000);
	assert_int_equal(spec_user_groups(&process.user, &groups), 3);
	assert_int_equal(groups[0], 10);
	assert_int_equal(groups[2], 44);
	assert_string_equal(strv_env_get(process.env, "HOME"), "/home/joe");
	free(groups);
	spec_process_release(&process);
	/* A home that was given is everybody's. */
	record.default_home = false;
	exec.user = "1000:wheel";
	assert_int_equal(make(&exec, &record, 0, &process), 0);
	assert_int_equal(process.user.gid, 10);
	assert_string_equal(strv_env_get(process.env, "HOME"), "/root");
	spec_process_release(&process);
	exec.user = "jim";
	assert_int_equal(make(&exec, &record, 0, &process), -ENOENT);
	spec_process_release(&process);
}

static void capabilities_follow_the_user(void **state)
{
	static const struct {
		uint32_t container_uid;
		const char *user;
		bool privileged;
		size_t bounding, effective, ambient;
	} cases[] = {
		{0, NULL, false, 2, 2, 0},
		{0, "0", false, 2, 2, 0},
		{0, "joe", false, 2, 0, 0},
		{1000, NULL, false, 2, 1, 1},
		{1000, "joe", false, 2, 1, 1},
		{1000, "root", false, 2, 2, 0},
		{1000, "4711", false, 2, 0, 0},
		{0, NULL, true, CAPABILITY_COUNT, CAPABILITY_COUNT, 0},
		{0, "joe", true, CAPABILITY_COUNT, 0, 0},
	};
	const struct container_record record = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct engine_exec exec = {.command = command,
			.user = cases[i].user,
			.privileged = cases[i].privileged};
		struct spec_process process;

		assert_int_equal(make(&exec, &record, cases[i].container_uid, &process), 0);
		assert_int_equal(strv_len(process.capabilities.bounding), cases[i].bounding);
		assert_int_equal(strv_len(process.capabilities.effective), cases[i].effective);
		assert_int_equal(strv_len(process.capabilities.ambient), cases[i].ambient);
		spec_process_release(&process);
	}
}

static void terminal_environment_and_directory(void **state)
{
	static char *env[] = {"A=1", "PATH=/sbin", NULL};
	const struct engine_exec exec = {.command = command,
		.env = env,
		.workdir = "/tmp",
		.tty = true,
		.has_window = true,
		.window_rows = 30,
		.window_columns = 90};
	const struct container_record record = {0};
	struct spec_process process;

	(void)state;
	assert_int_equal(make(&exec, &record, 0, &process), 0);
	assert_true(process.terminal);
	assert_int_equal(process.console_size.height, 30);
	assert_string_equal(process.cwd, "/tmp");
	assert_string_equal(strv_env_get(process.env, "TERM"), "xterm");
	assert_string_equal(strv_env_get(process.env, "A"), "1");
	assert_string_equal(strv_env_get(process.env, "PATH"), "/sbin");
	spec_process_release(&process);
}

static void what_cannot_be_run_is_refused(void **state)
{
	static char *nothing[] = {NULL}, *empty[] = {"", NULL};
	const struct engine_exec requests[] = {
		{.command = NULL},
		{.command = nothing},
		{.command = empty},
		{.command = command, .workdir = "tmp"},
	};
	const struct container_record record = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		struct spec_process process;

		assert_int_equal(make(&requests[i], &record, 0, &process), -EINVAL);
		spec_process_release(&process);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_default_it_is_the_containers),
		cmocka_unit_test(another_user),
		cmocka_unit_test(capabilities_follow_the_user),
		cmocka_unit_test(terminal_environment_and_directory),
		cmocka_unit_test(what_cannot_be_run_is_refused),
	};

	return cmocka_run_group_tests_name("engine/exec-process", tests, NULL, NULL);
}
