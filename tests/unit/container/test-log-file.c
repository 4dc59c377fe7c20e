/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "container/log-file.h"
#include "sys/file.h"

#define TIME "2026-01-02T03:04:05.000000000+00:00"

struct place {
	char path[32];
	int dirfd;
};

static int make_place(void **state)
{
	struct place *place = xnew(struct place);

	strcpy(place->path, "/tmp/test-log-XXXXXX");
	*state = place;
	if (!mkdtemp(place->path))
		return -1;
	place->dirfd = dir_open_at(AT_FDCWD, place->path, NULL);
	return place->dirfd < 0 ? -1 : 0;
}

static int remove_place(void **state)
{
	struct place *place = *state;

	close(place->dirfd);
	dir_remove_all_at(AT_FDCWD, place->path, NULL);
	free(place);
	return 0;
}

/* Appends records to "log": "F a", "P b" …, or any other line as it is. */
static void append(const struct place *place, const char *const *records)
{
	autoclose int fd =
		openat(place->dirfd, "log", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	for (; *records; records++) {
		autofree char *line = (**records == 'F' || **records == 'P') && (*records)[1] == ' '
					      ? xasprintf(TIME " stdout %s\n", *records)
					      : xstrdup(*records);

		assert_int_equal(fd_write_all(fd, line, strlen(line)), 0);
	}
}
#define APPEND(place, ...) append(place, (const char *const[]){__VA_ARGS__, NULL})

static void rotate(const struct place *place)
{
	assert_int_equal(renameat(place->dirfd, "log", place->dirfd, "log.1"), 0);
}

/* All there is now, joined by blanks; a piece ends with "+". Owned by the caller. */
static char *read_now(struct log_file *log)
{
	struct strbuf all = STRBUF_INIT;
	struct log_record record = {0};
	int r;

	while ((r = log_file_next(log, &record, NULL)) > 0) {
		strbuf_addf(&all, "%s%.*s%s", all.len ? " " : "", (int)record.len, record.text,
			record.is_full ? "" : "+");
		log_record_release(&record);
	}
	assert_int_equal(r, 0);
	return strbuf_take(&all);
}

static void assert_reads(struct log_file *log, const char *wanted)
{
	autofree char *got = read_now(log);

	assert_string_equal(got, wanted);
}

static struct log_file *open_log(const struct place *place)
{
	struct log_file *log = NULL;

	assert_int_equal(log_file_open(place->dirfd, "log", &log, NULL), 0);
	return log;
}

static void a_log_that_is_made_later_is_found(void **state)
{
	AUTO(log_file_close) struct log_file *log = open_log(*state);

	assert_reads(log, "");
	APPEND(*state, "F one");
	assert_reads(log, "one");
	APPEND(*state, "F two", "P thr");
	assert_reads(log, "two thr+");
	assert_reads(log, "");
}

static void lines_come_when_they_are_whole(void **state)
{
	AUTO(log_file_close) struct log_file *log = open_log(*state);

	APPEND(*state, "F one", TIME " stdout F tw");
	assert_reads(log, "one");
	APPEND(*state, "o\n");
	assert_reads(log, "two");
}

static void what_is_torn_is_skipped(void **state)
{
	AUTO(log_file_close) struct log_file *log = open_log(*state);

	APPEND(*state, "F one", "garbage\n", "\n", TIME " std\n", "F two");
	assert_reads(log, "one two");
}

static void the_old_file_comes_first(void **state)
{
	AUTO(log_file_close) struct log_file *log = NULL;

	APPEND(*state, "F one");
	rotate(*state);
	APPEND(*state, "F two");
	log = open_log(*state);
	assert_reads(log, "one two");
}

static void a_reader_sees_what_was_written_before_the_rotation(void **state)
{
	AUTO(log_file_close) struct log_file *log = open_log(*state);

	APPEND(*state, "F one");
	assert_reads(log, "one");
	APPEND(*state, "F two");
	rotate(*state);
	assert_reads(log, "two");
	APPEND(*state, "F three");
	assert_reads(log, "three");
	APPEND(*state, "F four");
	rotate(*state);
	APPEND(*state, "F five");
	assert_reads(log, "four five");
}

static void two_rotations_between_two_looks_lose_nothing(void **state)
{
	AUTO(log_file_close) struct log_file *log = open_log(*state);

	APPEND(*state, "F one");
	assert_reads(log, "one");
	APPEND(*state, "F two");
	rotate(*state);
	APPEND(*state, "F three");
	rotate(*state);
	APPEND(*state, "F four");
	assert_reads(log, "two three four");
}

static void the_tail_of_a_log(void **state)
{
	static const struct {
		uint64_t lines;
		const char *wanted;
	} cases[] = {
		{0, ""},
		{1, "g+"},
		{2, "f g+"},
		{3, "d+ e f g+"},
		{4, "c d+ e f g+"},
		{5, "a+ b c d+ e f g+"},
		{6, "a+ b c d+ e f g+"},
		{UINT64_MAX, "a+ b c d+ e f g+"},
	};

	APPEND(*state, "P a", "F b", "F c", "P d");
	rotate(*state);
	APPEND(*state, "F e", "torn\n", "F f", "P g", "not yet whole");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(log_file_close) struct log_file *log = open_log(*state);

		assert_int_equal(log_file_tail(log, cases[i].lines, NULL), 0);
		assert_reads(log, cases[i].wanted);
	}
}

static void the_tail_of_a_large_log(void **state)
{
	AUTO(log_file_close) struct log_file *log = NULL;
	AUTO(strbuf_release) struct strbuf line = STRBUF_INIT;
	AUTO(strbuf_release) struct strbuf wanted = STRBUF_INIT;

	/* Records lie across the chunks that are looked at. */
	for (int i = 0; i < 40; i++) {
		line.len = 0;
		strbuf_addf(&line, "F %d-%0*d", i, 1000 + i * 350, 0);
		APPEND(*state, line.data);
		if (i >= 5)
			strbuf_addf(&wanted, "%s%s", i == 5 ? "" : " ", line.data + 2);
	}
	log = open_log(*state);
	assert_int_equal(log_file_tail(log, 35, NULL), 0);
	assert_reads(log, wanted.data);
}

static void following_from_the_end(void **state)
{
	AUTO(log_file_close) struct log_file *log = NULL;

	APPEND(*state, "F one");
	rotate(*state);
	log = open_log(*state);
	assert_int_equal(log_file_tail(log, 0, NULL), 0);
	APPEND(*state, "F two");
	assert_reads(log, "two");
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(a_log_that_is_made_later_is_found),
		IN_PLACE(lines_come_when_they_are_whole),
		IN_PLACE(what_is_torn_is_skipped),
		IN_PLACE(the_old_file_comes_first),
		IN_PLACE(a_reader_sees_what_was_written_before_the_rotation),
		IN_PLACE(two_rotations_between_two_looks_lose_nothing),
		IN_PLACE(the_tail_of_a_log),
		IN_PLACE(the_tail_of_a_large_log),
		IN_PLACE(following_from_the_end),
	};

	return cmocka_run_group_tests_name("container/log-file", tests, NULL, NULL);
}
