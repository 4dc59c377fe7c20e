/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "engine/log-source.h"
#include "sys/file.h"

static char folder[] = "/tmp/test-journal-XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) && setenv("PATH", folder, 1) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return dir_remove_all_at(AT_FDCWD, folder, NULL);
}

/* A journalctl that prints @output, and its arguments into a file. */
static void journalctl(const char *output)
{
	autofree char *path = xasprintf("%s/journalctl", folder);
	autofree char *text =
		xasprintf("#!/bin/sh\necho \"$*\" >%s/arguments\ncase \"$*\" in *--follow*) exec "
			  "/bin/cat %s/output - <>%s/fifo;; esac\nexec /bin/cat %s/output\n",
			folder, folder, folder, folder);
	autofree char *lines = xasprintf("%s/output", folder);
	autofree char *fifo = xasprintf("%s/fifo", folder);

	assert_int_equal(file_write_at(AT_FDCWD, lines, output, strlen(output), 0600, 0, NULL), 0);
	assert_int_equal(file_write_at(AT_FDCWD, path, text, strlen(text), 0700, 0, NULL), 0);
	(void)mkfifo(fifo, 0600);
}

static void assert_next(struct log_journal *journal, int64_t time_us, enum log_stream stream,
	bool is_full, const char *text, size_t len)
{
	struct log_record record = {0};

	assert_int_equal(log_journal_next(journal, &record, NULL), 1);
	assert_int_equal(record.time_ns, time_us * 1000);
	assert_int_equal(record.stream, stream);
	assert_int_equal(record.is_full, is_full);
	assert_int_equal(record.len, len);
	assert_memory_equal(record.text, text, len);
	log_record_release(&record);
}

static void records_come_out_as_they_went_in(void **state)
{
	const struct log_source_options options = {0};
	struct log_journal *journal = NULL;
	struct log_record record = {0};

	(void)state;
	journalctl("{\"__REALTIME_TIMESTAMP\":\"17\",\"PRIORITY\":\"6\",\"MESSAGE\":\"one\"}\n"
		   "not json\n"
		   "{\"PRIORITY\":\"6\",\"MESSAGE\":\"no time\"}\n"
		   "{\"__REALTIME_TIMESTAMP\":\"18\",\"PRIORITY\":\"3\",\"MESSAGE\":[97,0,255],"
		   "\"CONTAINER_PARTIAL_MESSAGE\":\"true\"}\n"
		   "{\"__REALTIME_TIMESTAMP\":\"19\",\"PRIORITY\":\"6\",\"MESSAGE\":null}\n");
	assert_int_equal(log_journal_open("abc", &options, &journal, NULL), 0);
	assert_next(journal, 17, LOG_STREAM_STDOUT, true, "one", 3);
	assert_next(journal, 18, LOG_STREAM_STDERR, false, "a\0\xff", 3);
	assert_next(journal, 19, LOG_STREAM_STDOUT, true, "", 0);
	assert_int_equal(log_journal_next(journal, &record, NULL), 0);
	log_journal_close(journal);
}

static void following_does_not_wait(void **state)
{
	const struct log_source_options options = {.follow = true};
	struct log_journal *journal = NULL;
	struct log_record record = {0};
	int r;

	(void)state;
	journalctl("{\"__REALTIME_TIMESTAMP\":\"17\",\"MESSAGE\":\"one\"}\n");
	assert_int_equal(log_journal_open("abc", &options, &journal, NULL), 0);
	while ((r = log_journal_next(journal, &record, NULL)) == 0)
		usleep(1000);
	assert_int_equal(r, 1);
	log_record_release(&record);
	assert_int_equal(log_journal_next(journal, &record, NULL), 0);
	/* Ends the program, which would go on for ever. */
	log_journal_close(journal);
}

static void what_is_asked_of_journalctl(void **state)
{
	static const struct {
		struct log_source_options options;
		const char *wanted;
	} cases[] = {
		{{0}, "--output=json CONTAINER_ID_FULL=abc\n"},
		{{.has_tail = true, .tail = 5, .since_ns = 1000002000},
			"--output=json --lines=5 --since=@1.000002 CONTAINER_ID_FULL=abc\n"},
		{{.follow = true}, "--output=json --lines=all --follow CONTAINER_ID_FULL=abc\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *path = xasprintf("%s/arguments", folder);
		struct log_journal *journal = NULL;
		struct log_record record = {0};
		autofree char *text = NULL;

		journalctl("{\"__REALTIME_TIMESTAMP\":\"17\",\"MESSAGE\":\"one\"}\n");
		assert_int_equal(log_journal_open("abc", &cases[i].options, &journal, NULL), 0);
		while (log_journal_next(journal, &record, NULL) == 0)
			usleep(1000);
		log_record_release(&record);
		log_journal_close(journal);
		assert_int_equal(file_read_at(AT_FDCWD, path, 4096, &text, NULL, NULL), 0);
		assert_non_null(strstr(text, cases[i].wanted));
	}
}

static void without_journalctl_it_is_named(void **state)
{
	const struct log_source_options options = {0};
	autofree char *path = xasprintf("%s/journalctl", folder);
	struct log_journal *journal = NULL;
	struct error err = {0};

	(void)state;
	unlink(path);
	assert_int_equal(log_journal_open("abc", &options, &journal, &err), -ENOENT);
	assert_non_null(strstr(error_text(&err), "journalctl"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_out_as_they_went_in),
		cmocka_unit_test(following_does_not_wait),
		cmocka_unit_test(what_is_asked_of_journalctl),
		cmocka_unit_test(without_journalctl_it_is_named),
	};

	return cmocka_run_group_tests_name("engine/log-journal", tests, make_folder, remove_folder);
}
