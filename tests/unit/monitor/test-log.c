/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/clock.h"
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
	struct log_target target = {.driver = driver, .dirfd = fd, .file = "log"};
	struct log_writer *log = NULL;
	char *text = NULL;

	assert_int_equal(log_writer_open(&target, &log, NULL), 0);
	for (size_t i = 0; pieces[i]; i++)
		log_writer_add(log, LOG_STREAM_STDOUT, pieces[i], strlen(pieces[i]));
	log_writer_close(log);
	assert_int_equal(file_read_at(fd, "log", 1 << 20, &text, NULL, NULL), 0);
	return text;
}

static void lines_become_records_whatever_the_reads_were(void **state)
{
	static const char *const pieces[] = {"on", "e\ntw", "o\n\nrest", NULL};
	static const char *const wanted[] = {
		"stdout F one", "stdout F two", "stdout F ", "stdout P rest"};
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
	static const char *const pieces[] = {"a\"b\\c\t\x01\n", NULL};
	autofree char *text = write_log(*state, "json-file", pieces);
	AUTO(json_free) struct json_object *obj = NULL;

	assert_int_equal(json_parse(text, strlen(text), &obj, NULL), 0);
	assert_string_equal(json_get_string(obj, "log"), "a\"b\\c\t\x01\n");
	assert_string_equal(json_get_string(obj, "stream"), "stdout");
}

static void long_lines_are_cut_into_partial_records(void **state)
{
	autofree char *line = xcalloc(1, 40001);
	const char *pieces[] = {line, "\n", NULL};
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
	const struct log_target target = {.driver = "syslog", .dirfd = AT_FDCWD, .file = "log"};
	struct log_writer *log = NULL;

	(void)state;
	assert_int_equal(log_writer_open(&target, &log, NULL), -EINVAL);
	assert_null(log);
}

static char *read_text(int dirfd, const char *name)
{
	char *text = NULL;

	assert_int_equal(file_read_at(dirfd, name, 1 << 20, &text, NULL, NULL), 0);
	return text;
}

/* Lines of 100 bytes are 146 with what stands before them. */
static void write_lines(const struct log_target *target, int first, int last)
{
	struct log_writer *log = NULL;

	assert_int_equal(log_writer_open(target, &log, NULL), 0);
	for (int i = first; i <= last; i++) {
		autofree char *line = xasprintf("%0100d\n", i);

		log_writer_add(log, LOG_STREAM_STDOUT, line, strlen(line));
	}
	log_writer_close(log);
}

static void a_full_file_becomes_the_old_one(void **state)
{
	autoclose int fd = dir_open_at(AT_FDCWD, *state, NULL);
	const struct log_target target = {
		.driver = "k8s-file", .dirfd = fd, .file = "log", .options.max_size_bytes = 1000};
	autofree char *text = NULL, *old = NULL;
	struct log_writer *log = NULL;

	/* Six fit; what another run has written counts. */
	write_lines(&target, 1, 4);
	write_lines(&target, 5, 15);
	text = read_text(fd, "log");
	old = read_text(fd, "log.1");
	assert_int_equal(strlen(old), 6 * 146);
	assert_int_equal(strlen(text), 3 * 146);
	assert_non_null(strstr(old, "0007\n"));
	assert_non_null(strstr(old, "0012\n"));
	assert_non_null(strstr(text, "0013\n"));
	/* Lines that come at once are rotated between them, too. */
	assert_int_equal(log_writer_open(&target, &log, NULL), 0);
	for (int i = 0; i < 10; i++)
		log_writer_add(log, LOG_STREAM_STDERR, "1\n2\n3\n4\n5\n6\n7\n8\n", 16);
	log_writer_close(log);
	free(text);
	free(old);
	text = read_text(fd, "log");
	old = read_text(fd, "log.1");
	assert_true(strlen(old) <= 1000 && strlen(old) > 900);
	assert_true(strlen(text) <= 1000);
}

static void a_line_that_is_larger_than_the_file_may_be(void **state)
{
	autoclose int fd = dir_open_at(AT_FDCWD, *state, NULL);
	const struct log_target target = {
		.driver = "json-file", .dirfd = fd, .file = "log", .options.max_size_bytes = 10};
	autofree char *text = NULL, *old = NULL;

	write_lines(&target, 1, 2);
	text = read_text(fd, "log");
	old = read_text(fd, "log.1");
	assert_non_null(strstr(old, "0001\\n"));
	assert_non_null(strstr(text, "0002\\n"));
}

static void a_path_of_ones_own(void **state)
{
	autofree char *path = xasprintf("%s/mine", (const char *)*state);
	autofree char *missing = xasprintf("%s/no/mine", (const char *)*state);
	struct log_target target = {
		.driver = "k8s-file", .dirfd = -1, .file = "log", .options.path = path};
	struct log_writer *log = NULL;
	autofree char *text = NULL;

	write_lines(&target, 1, 1);
	text = read_text(AT_FDCWD, path);
	assert_non_null(strstr(text, " stdout F 00"));
	target.options.path = missing;
	assert_int_equal(log_writer_open(&target, &log, NULL), -ENOENT);
}

static int bind_journal(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void assert_datagram(int fd, const char *wanted)
{
	char text[4096];
	ssize_t len = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	assert_true(len > 0);
	text[len] = '\0';
	assert_string_equal(text, wanted);
}

static void records_in_the_journal_have_podmans_fields(void **state)
{
	autofree char *path = xasprintf("%s/socket", (const char *)*state);
	autoclose int fd = bind_journal(path);
	struct log_target target = {.driver = "journald",
		.dirfd = -1,
		.id = "0123456789abcdef",
		.name = "web\nPRIORITY=0",
		.journal_socket = path};
	struct log_writer *log = NULL;

	assert_int_equal(log_writer_open(&target, &log, NULL), 0);
	log_writer_add(log, LOG_STREAM_STDERR, "a=b\x01\npart", 9);
	log_writer_close(log);
	assert_datagram(fd, "CONTAINER_ID=0123456789ab\nCONTAINER_ID_FULL=0123456789abcdef\n"
			    "CONTAINER_NAME=web\nSYSLOG_IDENTIFIER=0123456789ab\nPRIORITY=3\n"
			    "MESSAGE=a=b\x01\n");
	assert_datagram(fd, "CONTAINER_ID=0123456789ab\nCONTAINER_ID_FULL=0123456789abcdef\n"
			    "CONTAINER_NAME=web\nSYSLOG_IDENTIFIER=0123456789ab\nPRIORITY=3\n"
			    "CONTAINER_PARTIAL_MESSAGE=true\nMESSAGE=part\n");
}

/* Fills the socket of a journal that takes nothing: how many records went in. */
static size_t fill_journal(struct log_writer *log, int fd)
{
	int64_t start = clock_monotonic_ns();
	size_t count = 0;
	char text[4096];

	/* The one that does not fit any more takes its time. */
	while (clock_monotonic_ns() - start < INT64_C(1000000000)) {
		log_writer_add(log, LOG_STREAM_STDOUT, "x\n", 2);
		assert_true(count++ < 100000);
	}
	for (count = 0; recv(fd, text, sizeof(text), MSG_DONTWAIT) > 0; count++)
		continue;
	return count;
}

static void a_journal_that_is_stuck_holds_up_once(void **state)
{
	autofree char *path = xasprintf("%s/socket", (const char *)*state);
	autoclose int fd = bind_journal(path);
	struct log_target target = {
		.driver = "journald", .id = "0", .name = "web", .journal_socket = path};
	struct log_writer *log = NULL;
	int64_t start;
	char text[4096];

	assert_int_equal(log_writer_open(&target, &log, NULL), 0);
	/* Until it is full, and two seconds more; it is empty then, and takes everything again. */
	assert_true(fill_journal(log, fd) > 0);
	log_writer_add(log, LOG_STREAM_STDOUT, "again\n", 6);
	assert_true(recv(fd, text, sizeof(text), MSG_DONTWAIT) > 0);
	assert_true(fill_journal(log, -1) == 0);
	start = clock_monotonic_ns();
	for (int i = 0; i < 1000; i++)
		log_writer_add(log, LOG_STREAM_STDOUT, "lost\n", 5);
	assert_true(clock_monotonic_ns() - start < INT64_C(1000000000));
	log_writer_close(log);
}

static void a_journal_that_was_begun_anew_is_found(void **state)
{
	autofree char *path = xasprintf("%s/socket", (const char *)*state);
	int fd = bind_journal(path);
	struct log_target target = {
		.driver = "journald", .id = "0", .name = "web", .journal_socket = path};
	struct log_writer *log = NULL;
	char text[4096];

	assert_int_equal(log_writer_open(&target, &log, NULL), 0);
	log_writer_add(log, LOG_STREAM_STDOUT, "one\n", 4);
	close(fd);
	unlinkat(AT_FDCWD, path, 0);
	log_writer_add(log, LOG_STREAM_STDOUT, "lost\n", 5);
	fd = bind_journal(path);
	log_writer_add(log, LOG_STREAM_STDOUT, "two\n", 4);
	assert_true(recv(fd, text, sizeof(text), MSG_DONTWAIT) > 0);
	log_writer_close(log);
	close(fd);
}

static void a_line_without_end_can_be_read_while_it_goes_on(void **state)
{
	autoclose int fd = dir_open_at(AT_FDCWD, *state, NULL);
	const struct log_target target = {.driver = "k8s-file", .dirfd = fd, .file = "log"};
	struct log_writer *log = NULL;
	autofree char *before = NULL, *after = NULL;

	assert_int_equal(log_writer_open(&target, &log, NULL), 0);
	assert_false(log_writer_has_rest(log));
	log_writer_add(log, LOG_STREAM_STDOUT, "name: ", 6);
	assert_true(log_writer_has_rest(log));
	log_writer_rest(log);
	assert_false(log_writer_has_rest(log));
	before = read_text(fd, "log");
	assert_non_null(strstr(before, " stdout P name: \n"));
	log_writer_add(log, LOG_STREAM_STDOUT, "me\n", 3);
	log_writer_close(log);
	after = read_text(fd, "log");
	assert_non_null(strstr(after, " stdout F me\n"));
}

static void a_journal_that_is_not_there(void **state)
{
	autofree char *path = xasprintf("%s/socket", (const char *)*state);
	struct log_target target = {.driver = "journald",
		.id = "0123456789abcdef",
		.name = "web",
		.journal_socket = path};
	struct log_writer *log = NULL;
	struct error err = {0};

	assert_int_equal(log_writer_open(&target, &log, &err), -ENOENT);
	assert_non_null(strstr(error_text(&err), "driver journald needs systemd's journal"));
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
		cmocka_unit_test_setup_teardown(
			a_full_file_becomes_the_old_one, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			a_line_that_is_larger_than_the_file_may_be, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(a_path_of_ones_own, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			records_in_the_journal_have_podmans_fields, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			a_journal_that_is_stuck_holds_up_once, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			a_journal_that_was_begun_anew_is_found, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			a_line_without_end_can_be_read_while_it_goes_on, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(a_journal_that_is_not_there, make_dir, remove_dir),
	};

	return cmocka_run_group_tests_name("monitor/log", tests, NULL, NULL);
}
