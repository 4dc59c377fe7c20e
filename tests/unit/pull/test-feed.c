/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"

#define FILE_SIZE 3000000

/* A file whose bytes tell their place. */
static int make_file(void)
{
	int fd = memfd_create("feed", MFD_CLOEXEC);
	static unsigned char bytes[FILE_SIZE];

	for (size_t i = 0; i < FILE_SIZE; i++)
		bytes[i] = (unsigned char)(i * 31 + i / 251);
	assert_int_equal(write(fd, bytes, FILE_SIZE), FILE_SIZE);
	return fd;
}

/* A process that reads to the end and tells whether it got bytes [@begin, @end) of the file. */
static pid_t start_reader(int fds[2], size_t begin, size_t end)
{
	pid_t pid = fork();
	unsigned char byte_buf[4096];
	size_t at = begin;
	ssize_t got;

	if (pid != 0)
		return pid;
	/* Write ends of other readers would keep these from seeing the end. */
	if (dup2(fds[0], 0) < 0 || close_range(3, ~0U, 0) < 0)
		_exit(3);
	while ((got = read(0, byte_buf, sizeof(byte_buf))) > 0) {
		for (ssize_t i = 0; i < got; i++, at++) {
			if (byte_buf[i] != (unsigned char)(at * 31 + at / 251))
				_exit(1);
		}
	}
	_exit(at == end ? 0 : 2);
}

static void several_files_arrive_whole(void **state)
{
	autoclose int file = make_file();
	struct feed feeds[4] = {0};
	pid_t readers[4];
	int fds[4][2], status;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(pipe2(fds[i], O_CLOEXEC), 0);
		feeds[i] = (struct feed){file, fds[i][1], i * 1000, FILE_SIZE - i, 0};
	}
	for (size_t i = 0; i < 4; i++) {
		readers[i] = start_reader(fds[i], i * 1000, FILE_SIZE - i);
		assert_true(readers[i] > 0);
		close(fds[i][0]);
	}
	assert_int_equal(feeds_run(feeds, 4, NULL), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(feeds[i].result, 0);
		assert_int_equal(fcntl(fds[i][1], F_GETFL) & O_NONBLOCK, 0);
		close(fds[i][1]);
	}
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(waitpid(readers[i], &status, 0), readers[i]);
		assert_int_equal(status, 0);
	}
}

static void reader_that_is_gone_ends_its_feed_only(void **state)
{
	autoclose int file = make_file();
	struct feed feeds[2];
	pid_t reader;
	int gone[2], kept[2], status;

	(void)state;
	assert_int_equal(pipe2(gone, O_CLOEXEC), 0);
	assert_int_equal(pipe2(kept, O_CLOEXEC), 0);
	close(gone[0]);
	reader = start_reader(kept, 0, FILE_SIZE);
	close(kept[0]);
	feeds[0] = (struct feed){file, gone[1], 0, FILE_SIZE, 0};
	feeds[1] = (struct feed){file, kept[1], 0, FILE_SIZE, 0};
	assert_int_equal(feeds_run(feeds, 2, NULL), 0);
	assert_int_equal(feeds[0].result, -EPIPE);
	assert_int_equal(feeds[1].result, 0);
	close(gone[1]);
	close(kept[1]);
	assert_int_equal(waitpid(reader, &status, 0), reader);
	assert_int_equal(status, 0);
}

static void file_that_is_too_short_is_an_error(void **state)
{
	autoclose int file = make_file();
	struct feed feed;
	pid_t reader;
	int fds[2], status;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	reader = start_reader(fds, FILE_SIZE - 10, FILE_SIZE);
	close(fds[0]);
	feed = (struct feed){file, fds[1], FILE_SIZE - 10, FILE_SIZE + 10, 0};
	assert_int_equal(feeds_run(&feed, 1, NULL), 0);
	assert_int_equal(feed.result, -ENODATA);
	close(fds[1]);
	assert_int_equal(waitpid(reader, &status, 0), reader);
	assert_int_equal(status, 0);
}

static void nothing_to_feed_returns_at_once(void **state)
{
	(void)state;
	assert_int_equal(feeds_run(NULL, 0, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_files_arrive_whole),
		cmocka_unit_test(reader_that_is_gone_ends_its_feed_only),
		cmocka_unit_test(file_that_is_too_short_is_an_error),
		cmocka_unit_test(nothing_to_feed_returns_at_once),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
