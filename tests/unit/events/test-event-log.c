/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "events/event-log.h"
#include "events/event-reader.h"
#include "sys/file.h"

#define WRITERS 8

struct place {
	char path[32];
	int dirfd;
	char *filler; /* label that makes an event about 1 KiB */
};

static int make_place(void **state)
{
	struct place *place = xnew(struct place);

	strcpy(place->path, "/tmp/test-events-XXXXXX");
	*state = place;
	if (!mkdtemp(place->path))
		return -1;
	place->filler = xcalloc(1, 1001);
	memset(place->filler, 'x', 1000);
	place->dirfd = dir_open_at(AT_FDCWD, place->path, NULL);
	return place->dirfd < 0 ? -1 : 0;
}

static int remove_place(void **state)
{
	struct place *place = *state;

	close(place->dirfd);
	dir_remove_all_at(AT_FDCWD, place->path, NULL);
	free(place->filler);
	free(place);
	return 0;
}

static void write_number(const struct place *place, unsigned writer, unsigned number)
{
	autofree char *name = xasprintf("%u.%u", writer, number);
	struct strmap_item item = {(char *)"filler", place->filler};
	const struct strmap labels = {&item, 1};
	const struct event event = {.status = EVENT_START, .name = name, .attributes = &labels};

	event_log_write(place->dirfd, &event, 1);
}

/* The next event is that one. */
static void expect_next(struct event_reader *reader, const char *name)
{
	AUTO(event_record_release) struct event_record record = {0};

	assert_int_equal(event_reader_next(reader, &record, NULL), 1);
	assert_string_equal(record.name, name);
}

static void expect_none(struct event_reader *reader)
{
	struct event_record record = {0};

	assert_int_equal(event_reader_next(reader, &record, NULL), 0);
}

static void put(const struct place *place, const char *text)
{
	autoclose int fd =
		openat(place->dirfd, "events.log", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
}

static void a_reader_begins_where_it_was_asked_to(void **state)
{
	const struct place *place = *state;
	AUTO(event_reader_close) struct event_reader *all = NULL;
	AUTO(event_reader_close) struct event_reader *only_new = NULL;

	write_number(place, 0, 1);
	assert_int_equal(event_reader_open(place->dirfd, false, &all, NULL), 0);
	assert_int_equal(event_reader_open(place->dirfd, true, &only_new, NULL), 0);
	write_number(place, 0, 2);
	expect_next(all, "0.1");
	expect_next(all, "0.2");
	expect_none(all);
	expect_next(only_new, "0.2");
	expect_none(only_new);
	write_number(place, 0, 3);
	expect_next(all, "0.3");
	expect_next(only_new, "0.3");
}

static void a_reader_is_there_before_the_log(void **state)
{
	const struct place *place = *state;
	AUTO(event_reader_close) struct event_reader *reader = NULL;

	assert_int_equal(event_reader_open(place->dirfd, true, &reader, NULL), 0);
	expect_none(reader);
	write_number(place, 0, 1);
	expect_next(reader, "0.1");
}

static void several_events_are_one_write(void **state)
{
	const struct place *place = *state;
	AUTO(event_reader_close) struct event_reader *reader = NULL;
	const struct event events[] = {{.name = "one"}, {.name = "two"}};

	event_log_write(place->dirfd, events, 2);
	event_log_write(-1, events, 2);
	assert_int_equal(event_reader_open(place->dirfd, false, &reader, NULL), 0);
	expect_next(reader, "one");
	expect_next(reader, "two");
	expect_none(reader);
}

static void torn_and_alien_lines_are_left_out(void **state)
{
	const struct place *place = *state;
	AUTO(event_reader_close) struct event_reader *reader = NULL;
	autofree char *endless = xcalloc(1, 3 * EVENT_MAX_LINE + 1);

	memset(endless, '{', 3 * EVENT_MAX_LINE);
	write_number(place, 0, 1);
	put(place, "\n{\"Status\":\"st\nhello\n");
	put(place, endless);
	put(place, "\n");
	write_number(place, 0, 2);
	put(place, "{\"Status\"");
	assert_int_equal(event_reader_open(place->dirfd, false, &reader, NULL), 0);
	expect_next(reader, "0.1");
	expect_next(reader, "0.2");
	expect_none(reader);
	/* The rest of a line that comes in pieces. */
	put(place, ":\"s\",\"Type\":\"t\",\"Name\":\"n\",\"Time\":");
	expect_none(reader);
	put(place, "\"2026-01-02T03:04:05Z\"}\n");
	expect_next(reader, "n");
	expect_none(reader);
}

static void half_a_line_at_the_end_is_nothing_new(void **state)
{
	const struct place *place = *state;
	AUTO(event_reader_close) struct event_reader *reader = NULL;

	put(place, "{\"Status\"");
	assert_int_equal(event_reader_open(place->dirfd, true, &reader, NULL), 0);
	put(place, ":\"s\"}\n");
	expect_none(reader);
	write_number(place, 0, 1);
	expect_next(reader, "0.1");
}

static off_t size_of(const struct place *place, const char *name)
{
	struct stat st;

	return fstatat(place->dirfd, name, &st, 0) < 0 ? -1 : st.st_size;
}

static void the_log_is_rotated_and_read_in_order(void **state)
{
	const struct place *place = *state;
	AUTO(event_reader_close) struct event_reader *follower = NULL;
	AUTO(event_reader_close) struct event_reader *later = NULL;
	const unsigned count = EVENT_LOG_MAX * 3 / 2 / 1000;

	assert_int_equal(event_reader_open(place->dirfd, true, &follower, NULL), 0);
	for (unsigned i = 0; i < count; i++)
		write_number(place, 0, i);
	assert_true(size_of(place, "events.log") < EVENT_LOG_MAX);
	assert_true(size_of(place, "events.log.1") > EVENT_LOG_MAX);
	assert_int_equal(event_reader_open(place->dirfd, false, &later, NULL), 0);
	for (unsigned i = 0; i < count; i++) {
		autofree char *name = xasprintf("0.%u", i);

		expect_next(follower, name);
		expect_next(later, name);
	}
	expect_none(follower);
	expect_none(later);
}

/* Two rotations behind: the file in between has both names gone but for ".1". */
static void a_reader_may_be_one_file_behind(void **state)
{
	const struct place *place = *state;
	AUTO(event_reader_close) struct event_reader *reader = NULL;
	const unsigned count = EVENT_LOG_MAX * 5 / 2 / 1000;

	assert_int_equal(event_reader_open(place->dirfd, true, &reader, NULL), 0);
	for (unsigned i = 0; i < count; i++)
		write_number(place, 0, i);
	for (unsigned i = 0; i < count; i++) {
		autofree char *name = xasprintf("0.%u", i);

		expect_next(reader, name);
	}
	expect_none(reader);
}

/* It has its own file, and the two that there are; what was in others is lost to it. */
static void a_reader_far_behind_goes_on_with_what_there_is(void **state)
{
	const struct place *place = *state;
	AUTO(event_reader_close) struct event_reader *reader = NULL;
	const unsigned count = EVENT_LOG_MAX * 9 / 2 / 1000;
	unsigned expected = 0, gaps = 0;

	assert_int_equal(event_reader_open(place->dirfd, true, &reader, NULL), 0);
	for (unsigned i = 0; i < count; i++)
		write_number(place, 0, i);
	while (expected < count) {
		AUTO(event_record_release) struct event_record record = {0};
		unsigned writer, number;

		assert_int_equal(event_reader_next(reader, &record, NULL), 1);
		assert_int_equal(sscanf(record.name, "%u.%u", &writer, &number), 2);
		assert_true(number >= expected);
		gaps += number != expected;
		expected = number + 1;
	}
	expect_none(reader);
	assert_int_equal(gaps, 1);
}

static void what_is_written_late_to_the_old_file_is_read(void **state)
{
	const struct place *place = *state;
	AUTO(event_reader_close) struct event_reader *reader = NULL;
	AUTO(strbuf_release) struct strbuf late = STRBUF_INIT;
	const struct event event = {.name = "late"};
	autoclose int old = -1;
	unsigned i;

	write_number(place, 0, 0);
	old = openat(place->dirfd, "events.log", O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(event_reader_open(place->dirfd, true, &reader, NULL), 0);
	for (i = 1; size_of(place, "events.log.1") < 0; i++) {
		autofree char *name = xasprintf("0.%u", i);

		write_number(place, 0, i);
		expect_next(reader, name);
	}
	write_number(place, 1, 0);
	expect_next(reader, "1.0");
	expect_none(reader);
	event_add_line(&event, &late);
	assert_int_equal(fd_write_all(old, late.data, late.len), 0);
	expect_next(reader, "late");
	expect_none(reader);
}

static void a_rotation_that_was_killed_halfway_loses_nothing(void **state)
{
	const struct place *place = *state;
	AUTO(event_reader_close) struct event_reader *reader = NULL;
	const unsigned count = EVENT_LOG_MAX / 1000 + 10;

	write_number(place, 0, 0);
	/* Both names mean one file, and what it made is lying about. */
	assert_int_equal(linkat(place->dirfd, "events.log", place->dirfd, "events.log.1", 0), 0);
	assert_int_equal(linkat(place->dirfd, "events.log", place->dirfd, "events.log.link", 0), 0);
	assert_int_equal(
		file_write_at(place->dirfd, "events.log.new", "junk", 4, 0600, 0, NULL), 0);
	assert_int_equal(event_reader_open(place->dirfd, false, &reader, NULL), 0);
	expect_next(reader, "0.0");
	expect_none(reader);
	for (unsigned i = 1; i < count; i++) {
		autofree char *name = xasprintf("0.%u", i);

		write_number(place, 0, i);
		expect_next(reader, name);
	}
	expect_none(reader);
	assert_true(size_of(place, "events.log.1") > EVENT_LOG_MAX);
	assert_true(size_of(place, "events.log") < EVENT_LOG_MAX);
	assert_int_equal(size_of(place, "events.log.new"), -1);
	assert_int_equal(size_of(place, "events.log.link"), -1);
}

static void a_held_lock_only_delays_the_rotation(void **state)
{
	const struct place *place = *state;
	const unsigned count = EVENT_LOG_MAX / 1000 + 10;
	int lock = lock_open_at(place->dirfd, "events.lock", true, NULL);

	for (unsigned i = 0; i < count; i++)
		write_number(place, 0, i);
	assert_int_equal(size_of(place, "events.log.1"), -1);
	close(lock);
	write_number(place, 0, count);
	assert_true(size_of(place, "events.log.1") > EVENT_LOG_MAX);
}

/* Reads on until every writer's @count events are there; each once and in its order. */
static void follow(struct event_reader *reader, unsigned count)
{
	unsigned next[WRITERS] = {0};
	unsigned seen = 0;

	while (seen < count * WRITERS) {
		AUTO(event_record_release) struct event_record record = {0};
		struct pollfd pfd = {event_reader_poll_fd(reader), POLLIN, 0};
		unsigned writer, number;
		int r = event_reader_next(reader, &record, NULL);

		assert_true(r >= 0);
		if (r == 0) {
			assert_int_equal(poll(&pfd, 1, 20000), 1);
			continue;
		}
		assert_int_equal(sscanf(record.name, "%u.%u", &writer, &number), 2);
		assert_true(writer < WRITERS);
		assert_int_equal(number, next[writer]);
		next[writer]++;
		seen++;
	}
	expect_none(reader);
}

static void a_follower_gets_all_of_many_writers_once(void **state)
{
	const struct place *place = *state;
	AUTO(event_reader_close) struct event_reader *reader = NULL;
	const unsigned count = 4 * EVENT_LOG_MAX / 1000 / WRITERS;

	assert_int_equal(event_reader_open(place->dirfd, true, &reader, NULL), 0);
	for (unsigned writer = 0; writer < WRITERS; writer++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid > 0)
			continue;
		for (unsigned i = 0; i < count; i++) {
			write_number(place, writer, i);
			/* No faster than podman could: the reader is to keep up. */
			usleep(500);
		}
		_exit(0);
	}
	follow(reader, count);
	while (wait(NULL) > 0)
		continue;
	assert_true(size_of(place, "events.log.1") > EVENT_LOG_MAX);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)
	const struct CMUnitTest tests[] = {
		TEST(a_reader_begins_where_it_was_asked_to),
		TEST(a_reader_is_there_before_the_log),
		TEST(several_events_are_one_write),
		TEST(torn_and_alien_lines_are_left_out),
		TEST(half_a_line_at_the_end_is_nothing_new),
		TEST(the_log_is_rotated_and_read_in_order),
		TEST(a_reader_may_be_one_file_behind),
		TEST(a_reader_far_behind_goes_on_with_what_there_is),
		TEST(what_is_written_late_to_the_old_file_is_read),
		TEST(a_rotation_that_was_killed_halfway_loses_nothing),
		TEST(a_held_lock_only_delays_the_rotation),
		TEST(a_follower_gets_all_of_many_writers_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
