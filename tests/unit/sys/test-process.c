/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/process-title.h"
#include "sys/process.h"

static int run_shell(const char *script, const char *input, char **out, char **errors)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)script, NULL };
	struct process_spawn spawn = { .path = "sh", .argv = argv };

	return process_run(
		&spawn, input, input ? strlen(input) : 0, 1 << 20, out, errors, NULL);
}

static void programs_run_with_input_and_output(void **state)
{
	autofree char *out = NULL;
	autofree char *errors = NULL;

	(void)state;
	assert_int_equal(run_shell("cat; echo err >&2; exit 3", "hello", &out, &errors), 3);
	assert_string_equal(out, "hello");
	assert_string_equal(errors, "err\n");
}

static void a_program_may_ignore_its_input(void **state)
{
	AUTO(strbuf_release) struct strbuf big = STRBUF_INIT;
	autofree char *out = NULL;

	(void)state;
	for (int i = 0; i < 300000; i++)
		strbuf_addc(&big, 'x');
	assert_int_equal(run_shell("exit 0", big.data, &out, NULL), 0);
}

static void too_much_output_is_an_error(void **state)
{
	autofree char *out = NULL;

	(void)state;
	assert_int_equal(run_shell("yes", NULL, &out, NULL), -EFBIG);
	assert_null(out);
}

static void missing_programs_are_named(void **state)
{
	char *argv[] = { (char *)"x", NULL };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(process_spawn(&(struct process_spawn){ .path = "no-such-program",
					       .argv = argv, .stdin_fd = -1, .stdout_fd = -1,
					       .stderr_fd = -1 },
				 NULL, NULL, &err),
		-ENOENT);
	assert_non_null(strstr(error_text(&err), "no-such-program"));
	assert_int_equal(process_spawn(&(struct process_spawn){ .path = "/dev/null", .argv = argv,
					       .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1 },
				 NULL, NULL, &err),
		-EACCES);
}

static void only_named_descriptors_are_inherited(void **state)
{
	int leaked = open("/dev/null", O_RDONLY); /* without O_CLOEXEC on purpose */
	autofree char *out = NULL;

	(void)state;
	assert_true(leaked >= 0);
	assert_int_equal(run_shell("for f in 3 4 5 6 7 8 9; do "
				   "[ ! -e /proc/self/fd/$f ] || readlink /proc/self/fd/$f; done",
				 NULL, &out, NULL),
		0);
	assert_string_equal(out, "");
	close(leaked);
}

/* Writes to descriptor 3 whether it has no others, and its title. */
static int forked_role(void *data)
{
	char title[256] = "";
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, title, sizeof(title) - 1);

	if (fd != 4 || len < 0 || getsid(0) != getpid() || !getenv("PATH"))
		return 1;
	return write(3, title, strlen(title)) < 0 ? 1 : *(int *)data;
}

static void a_forked_role_has_its_descriptors_and_title(void **state)
{
	char *argv[] = {(char *)"role", (char *)"with words", NULL};
	char title[256] = "";
	int code = 42, ends[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(process_fork(&(struct process_spawn){.argv = argv,
					      .stdin_fd = -1,
					      .stdout_fd = -1,
					      .stderr_fd = -1,
					      .fds = &ends[1],
					      .fd_count = 1,
					      .new_session = true},
				 forked_role, &code, &pid, NULL),
		0);
	close(ends[1]);
	assert_int_equal(process_wait(pid), 42);
	assert_true(read(ends[0], title, sizeof(title) - 1) > 0);
	assert_string_equal(title, "role with words");
	close(ends[0]);
}

static void identity_survives_reuse_of_the_number(void **state)
{
	struct process_id id = { 0 };
	int pidfd;

	(void)state;
	assert_int_equal(process_id_get(getpid(), &id, NULL), 0);
	pidfd = process_id_open(&id);
	assert_true(pidfd >= 0);
	close(pidfd);
	id.start++;
	assert_int_equal(process_id_open(&id), -ESRCH);
	id.start--;
	id.boot_id[0] ^= 1;
	assert_int_equal(process_id_open(&id), -ESRCH);
	process_id_release(&id);
}

static void the_kernel_tells_how_a_process_ended(void **state)
{
	const char *argv[] = {"sh", "-c", "exit 7", NULL};
	struct process_spawn spawn = {
		.path = "sh", .argv = (char *const *)argv, .stdin_fd = -1, .stdout_fd = -1,
		.stderr_fd = -1};
	struct process_id id = {0};
	int pidfd, code = -1;
	pid_t pid;

	(void)state;
	assert_int_equal(process_spawn(&spawn, &pid, &pidfd, NULL), 0);
	/* A zombie has all that a living process has. */
	assert_int_equal(process_id_get(pid, &id, NULL), 0);
	assert_int_equal(pidfd_wait_end(pidfd, 10000), 1);
	assert_int_equal(process_exit_code(&id, pidfd, &code), 1);
	assert_int_equal(code, 7);
	code = -1;
	assert_int_equal(process_wait(pid), 7);
	/* Reaped: known to newer kernels only, and never wrong. */
	if (process_exit_code(&id, pidfd, &code) == 1)
		assert_int_equal(code, 7);
	else
		assert_int_equal(code, -1);
	close(pidfd);
	process_id_release(&id);
}

static void signals_have_names_and_numbers(void **state)
{
	static const struct {
		const char *text;
		int result, sig;
	} cases[] = { { "TERM", 0, SIGTERM }, { "SIGKILL", 0, SIGKILL }, { "sigint", 0, SIGINT },
		{ "9", 0, 9 }, { "RTMIN+3", 0, 37 }, { "", -EINVAL, 0 }, { "0", -EINVAL, 0 },
		{ "99", -EINVAL, 0 }, { "NOPE", -EINVAL, 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int sig = 0;

		assert_int_equal(signal_parse(cases[i].text, &sig), cases[i].result);
		assert_int_equal(sig, cases[i].sig);
	}
	assert_string_equal(signal_name(SIGTERM), "SIGTERM");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_run_with_input_and_output),
		cmocka_unit_test(a_program_may_ignore_its_input),
		cmocka_unit_test(too_much_output_is_an_error),
		cmocka_unit_test(missing_programs_are_named),
		cmocka_unit_test(only_named_descriptors_are_inherited),
		cmocka_unit_test(a_forked_role_has_its_descriptors_and_title),
		cmocka_unit_test(identity_survives_reuse_of_the_number),
		cmocka_unit_test(the_kernel_tells_how_a_process_ended),
		cmocka_unit_test(signals_have_names_and_numbers),
	};

	process_title_init(argc, argv);
	return cmocka_run_group_tests_name("sys/process", tests, NULL, NULL);
}
