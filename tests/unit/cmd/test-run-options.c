/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "run-options.h"
#include "sys/file.h"

static char *const host[] = {
	(char *)"PATH=/bin", (char *)"LC_A=1", (char *)"LC_B=2", (char *)"EMPTY=", NULL};

/* A file with @text; its path is owned by the caller. */
static char *temporary(const char *text)
{
	char path[] = "/tmp/coracle-test-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
	close(fd);
	return xstrdup(path);
}

static void environment_is_ordered_by_source(void **state)
{
	autofree char *file = temporary("# comment\n\nA=file\nB=file with blanks \n  LC_A\nGONE\n");
	struct run_options options = {0};
	AUTO(strv_free) char **env = NULL;
	struct error err = {0};

	(void)state;
	strv_add(&options.env_files, file);
	strv_add(&options.env, "A=flag");
	strv_add(&options.env, "EMPTY");
	strv_add(&options.env, "NONE=");
	strv_add(&options.env, "MISSING");
	assert_int_equal(run_environment(&options, host, &env, &err), 0);
	assert_string_equal(strv_env_get(env, "A"), "flag");
	assert_string_equal(strv_env_get(env, "B"), "file with blanks ");
	assert_string_equal(strv_env_get(env, "LC_A"), "1");
	assert_string_equal(strv_env_get(env, "EMPTY"), "");
	assert_string_equal(strv_env_get(env, "NONE"), "");
	assert_null(strv_env_get(env, "MISSING"));
	assert_null(strv_env_get(env, "GONE"));
	assert_null(strv_env_get(env, "PATH"));
	unlink(file);
	strv_free(options.env_files);
	strv_free(options.env);
}

static void a_star_copies_what_begins_so(void **state)
{
	struct run_options options = {0};
	AUTO(strv_free) char **env = NULL;
	struct error err = {0};

	(void)state;
	strv_add(&options.env, "LC_*");
	assert_int_equal(run_environment(&options, host, &env, &err), 0);
	assert_int_equal(strv_len(env), 2);
	assert_string_equal(strv_env_get(env, "LC_B"), "2");
	strv_free(options.env);
}

static void env_host_copies_all(void **state)
{
	struct run_options options = {.env_host = true};
	AUTO(strv_free) char **env = NULL;
	struct error err = {0};

	(void)state;
	assert_int_equal(run_environment(&options, host, &env, &err), 0);
	assert_int_equal(strv_len(env), 4);
}

static void a_missing_env_file_is_named(void **state)
{
	struct run_options options = {0};
	AUTO(strv_free) char **env = NULL;
	struct error err = {0};

	(void)state;
	strv_add(&options.env_files, "/nonexistent/env");
	assert_int_equal(run_environment(&options, host, &env, &err), -ENOENT);
	assert_non_null(strstr(error_text(&err), "/nonexistent/env"));
	strv_free(options.env_files);
}

static void a_variable_needs_a_name(void **state)
{
	struct run_options options = {0};
	AUTO(strv_free) char **env = NULL;
	struct error err = {0};

	(void)state;
	strv_add(&options.env, "=x");
	assert_int_equal(run_environment(&options, host, &env, &err), -EINVAL);
	strv_free(options.env);
}

static void entrypoint_is_a_word_or_a_list(void **state)
{
	const struct {
		const char *text;
		size_t count;
		const char *first;
	} cases[] = {
		{"", 0, NULL},
		{"/bin/sh -c", 1, "/bin/sh -c"},
		{"[\"/bin/sh\", \"-c\"]", 2, "/bin/sh"},
		{"[]", 0, NULL},
		{"[", 1, "["},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strv_free) char **words = NULL;
		struct error err = {0};

		assert_int_equal(run_entrypoint(cases[i].text, &words, &err), 0);
		assert_int_equal(strv_len(words), cases[i].count);
		if (cases[i].first)
			assert_string_equal(words[0], cases[i].first);
	}
}

/* Parses a whole command line of run. */
static int finish(const char **words, struct run_options *options, struct error *err)
{
	struct cli cli = {.argv = (char **)words};
	size_t args = 0;
	int r;

	*options = (struct run_options){0};
	run_options_init(options);
	r = opt_parse(container_opts, (char **)words, OPT_STOP_AT_ARGUMENT, options, &args, err);
	if (r == 0)
		r = run_options_finish(options, &cli, (char **)words, err);
	return r;
}

static void release(struct run_options *options)
{
	run_request_release(&options->req);
	opt_release(container_opts, options);
}

static void a_request_holds_what_was_typed(void **state)
{
	const char *words[] = {"-it", "--rm", "-v", "a:/b", "-v", "/c:/d:ro", "-p", "80,81:82",
		"--label", "k=v", "-e", "X=1", "--cap-drop", "all", "--pull=never", "--arch",
		"arm64", "--variant", "v8", "--entrypoint", "", "--pidfile", "pid",
		"--tls-verify=false", "busybox", "ls", "-l", NULL};
	struct run_options options;
	struct error err = {0};

	(void)state;
	assert_int_equal(finish(words, &options, &err), 0);
	assert_string_equal(options.req.image, "busybox");
	assert_int_equal(strv_len(options.req.command), 2);
	assert_string_equal(options.req.command[1], "-l");
	assert_true(options.req.interactive && options.req.tty && options.req.auto_remove);
	assert_int_equal(strv_len(options.req.volumes), 2);
	assert_int_equal(strv_len(options.req.publish), 2);
	assert_string_equal(strmap_get(&options.req.labels, "k"), "v");
	assert_string_equal(options.req.env[0], "X=1");
	assert_int_equal(options.req.pull, RUN_PULL_NEVER);
	assert_string_equal(options.req.platform, "linux/arm64/v8");
	assert_true(options.req.has_entrypoint);
	assert_null(options.req.entrypoint);
	assert_int_equal(options.req.pidfile[0], '/');
	assert_string_equal(options.req.tls_verify, "false");
	assert_int_equal(options.req.stop_timeout_s, RUN_STOP_TIMEOUT_DEFAULT);
	assert_true(options.req.read_only_tmpfs);
	release(&options);
}

static void bad_values_are_refused_before_anything_is_done(void **state)
{
	const char *cases[][3] = {
		{"--stop-signal=SIGNONE", "image", NULL},
		{"--oom-score-adj=1001", "image", NULL},
		{"--detach-keys=ctrl-1", "image", NULL},
		{"--attach=stdlog", "image", NULL},
		{"--replace", "image", NULL},
		{"--label==x", "image", NULL},
		{"--label-file=/nonexistent", "image", NULL},
		{"--variant=v8", "image", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run_options options;
		struct error err = {0};

		assert_true(finish(cases[i], &options, &err) < 0);
		assert_true(err.text[0] != '\0');
		release(&options);
	}
}

static void a_cidfile_is_not_overwritten(void **state)
{
	autofree char *file = temporary("old");
	autofree char *other = xasprintf("%s.new", file);
	autofree char *text = NULL;
	struct error err = {0};
	int fd;

	(void)state;
	assert_int_equal(cidfile_open(file, &err), -EEXIST);
	fd = cidfile_open(other, &err);
	assert_true(fd >= 0);
	assert_int_equal(cidfile_finish(fd, other, "abc", &err), 0);
	assert_int_equal(file_read_at(AT_FDCWD, other, 100, &text, NULL, &err), 0);
	assert_string_equal(text, "abc");
	unlink(other);
	fd = cidfile_open(other, &err);
	assert_int_equal(cidfile_finish(fd, other, NULL, &err), 0);
	assert_int_equal(access(other, F_OK), -1);
	unlink(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(environment_is_ordered_by_source),
		cmocka_unit_test(a_star_copies_what_begins_so),
		cmocka_unit_test(env_host_copies_all),
		cmocka_unit_test(a_missing_env_file_is_named),
		cmocka_unit_test(a_variable_needs_a_name),
		cmocka_unit_test(entrypoint_is_a_word_or_a_list),
		cmocka_unit_test(a_request_holds_what_was_typed),
		cmocka_unit_test(bad_values_are_refused_before_anything_is_done),
		cmocka_unit_test(a_cidfile_is_not_overwritten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
