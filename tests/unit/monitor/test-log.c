/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>

#include "base/json.h"
#include "monitor/log.h"
#include "sys/file.h"

static int make_dir(void **state)
{
	char path[] = "/tmp/test-log-XXXXXX";

	*state = xstrdup(mkdtemp(path));
	return *state ? 0 : -1;
}

static int remove_dir(void **state)
{
	int r = dir_remove_all_at(AT_FDCWD, *state, NULL);

	free(*state);
	return r;
}

/* What a driver writes for pieces of output; owned by the caller. */
static char *write_log(const char *dir, const char *driver, const char *const *pieces)
{
	autoclose int fd = dir_open_at(AT_FDCWD, dir, NULL);
	struct log_writer *log = NULL;
	char *text = NULL;

	assert_int_equal(log_writer_open(fd, "log", driver, &log, NULL), 0);
	for (size_t i = 0; pieces[i]; i++)
		log_writer_add(log, LOG_STREAM_STDOUT, pieces[i], strlen(pieces[i]));
	log_writer_close(log);
	assert_int_equal(file_read_at(fd, "log", 1 << 20, &text, NULL, NULL), 0);
	return text;
}

static void lines_become_records_whatever_the_reads_were(void **state)
{
	static const char *const pieces[] = { "on", "e\ntw", "o\n\nrest", NULL };
	static const char *const wanted[] = { "stdout F one", "stdout F two", "stdout F ",
		"stdout P rest" };
	autofree char *text = write_log(*state, "k8s-file", pieces);
	AUTO(strv_free) char **lines = strv_split(text, '\n');

	assert_int_equal(strv_len(lines), ARRAY_SIZE(wanted) + 1);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		assert_int_equal(lines[i][10], 'T');
		assert_string_equal(strchr(lines[i], ' ') + 1, wanted[i]);
	}
}

static void json_lines_are_json(void **state)
{
	static const char *const pieces[] = { "a\"b\\c\t\x01\n", NULL };
	autofree char *text = write_log(*state, "json-file", pieces);
	AUTO(json_free) struct json_object *obj = NULL;

	assert_int_equal(json_parse(text, strlen(text), &obj, NULL), 0);
	assert_string_equal(json_get_string(obj, "log"), "a\"b\\c\t\x01\n");
	assert_string_equal(json_get_string(obj, "stream"), "stdout");
}

static void long_lines_are_cut_into_partial_records(void **state)
{
	autofree char *line = xcalloc(1, 40001);
	const char *pieces[] = { line, "\n", NULL };
	autofree char *text = NULL;
	AUTO(strv_free) char **lines = NULL;

	memset(line, 'x', 40000);
	text = write_log(*state, "k8s-file", pieces);
	lines = strv_split(text, '\n');
	assert_int_equal(strv_len(lines), 4);
	assert_non_null(strstr(lines[0], " stdout P x"));
	assert_non_null(strstr(lines[2], " stdout F x"));
}

static void unknown_drivers_are_refused(void **state)
{
	struct log_writer *log = NULL;

	(void)state;
	assert_int_equal(log_writer_open(AT_FDCWD, "log", "syslog", &log, NULL), -EINVAL);
	assert_null(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			lines_become_records_whatever_the_reads_were, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(json_lines_are_json, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			long_lines_are_cut_into_partial_records, make_dir, remove_dir),
		cmocka_unit_test(unknown_drivers_are_refused),
	};

	return cmocka_run_group_tests_name("monitor/log", tests, NULL, NULL);
}
