/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/mem.h"

#define FEED_CHUNK (256 * 1024)

static int set_blocking(int fd, bool blocking)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -errno;
	flags = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
	return fcntl(fd, F_SETFL, flags) < 0 ? -errno : 0;
}

static bool is_running(const struct feed *feed)
{
	return feed->result == 0 && feed->offset < feed->end;
}

/* Moves what the pipe takes now. */
static int feed_some(struct feed *feed, char *chunk)
{
	uint64_t left = feed->end - feed->offset;
	ssize_t got, put;

	got = pread(feed->filefd, chunk, left < FEED_CHUNK ? (size_t)left : FEED_CHUNK,
		(off_t)feed->offset);
	if (got < 0)
		return errno == EINTR ? 0 : -errno;
	if (got == 0)
		return -ENODATA;
	put = write(feed->pipefd, chunk, (size_t)got);
	if (put < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	feed->offset += (uint64_t)put;
	return 0;
}

static int poll_feeds(
	struct feed *feeds, struct pollfd *polls, size_t count, char *chunk, struct error *err)
{
	if (poll(polls, count, -1) < 0)
		return errno == EINTR ? 0 : error_sys(err, errno, "poll");
	for (size_t i = 0; i < count; i++) {
		if (is_running(&feeds[i]) && polls[i].revents)
			feeds[i].result = feed_some(&feeds[i], chunk);
	}
	return 0;
}

int feeds_run(struct feed *feeds, size_t count, struct error *err)
{
	autofree struct pollfd *polls = xcalloc(count + 1, sizeof(*polls));
	autofree char *chunk = xmalloc(FEED_CHUNK);
	size_t running;
	int r = 0;

	for (size_t i = 0; i < count; i++)
		feeds[i].result = set_blocking(feeds[i].pipefd, false);
	do {
		running = 0;
		for (size_t i = 0; i < count; i++) {
			polls[i].fd = is_running(&feeds[i]) ? feeds[i].pipefd : -1;
			polls[i].events = POLLOUT;
			running += is_running(&feeds[i]);
		}
		if (running)
			r = poll_feeds(feeds, polls, count, chunk, err);
	} while (running && r >= 0);
	for (size_t i = 0; i < count; i++)
		(void)set_blocking(feeds[i].pipefd, true);
	return r;
}
