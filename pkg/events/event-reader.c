/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader holds the file that it reads and the one before it: somebody may have opened that one
 * just before it was renamed, and write to it yet. When it comes to the end of both and the log is
 * another file by now, it opens that one, and the one in between if there was one, with the lock
 * that keeps the names still.
 */
#include "events/event-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "events/internal.h"
#include "sys/file.h"

struct log_part {
	int fd;
	ino_t inode;
	uint64_t generation;
	char *data; /* EVENT_MAX_LINE bytes */
	size_t start;
	size_t end;
	bool is_at_end;
	bool is_skipping; /* until the next newline */
};

#define PARTS_MAX 3

struct event_reader {
	int dirfd; /* borrowed */
	int watch_fd;
	struct log_part *parts[PARTS_MAX]; /* oldest first */
	size_t count;
	bool is_at_end;
	bool has_warned;
};

static void part_close(struct log_part *part)
{
	if (!part)
		return;
	close_fd(&part->fd);
	free(part->data);
	free(part);
}
DEFINE_AUTO(struct log_part *, part_close);

/* NULL, and errno, when there is no such file. */
static struct log_part *part_open(int dirfd, const char *name, int flags)
{
	AUTO(part_close) struct log_part *part = xnew(struct log_part);
	char header[LOG_HEADER_MAX];
	const char *newline;
	struct stat st;
	ssize_t len;

	part->fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags, 0600);
	if (part->fd < 0 || fstat(part->fd, &st) < 0)
		return NULL;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return NULL;
	}
	part->inode = st.st_ino;
	part->data = xmalloc(EVENT_MAX_LINE);
	len = pread(part->fd, header, sizeof(header), 0);
	newline = len > 0 ? memchr(header, '\n', (size_t)len) : NULL;
	if (newline)
		part->generation = event_log_generation(header, (size_t)(newline - header));
	return take_ptr(part);
}

/* What is there already is not wanted, also when the last line is only half there. */
static void part_seek_end(struct log_part *part)
{
	off_t end = lseek(part->fd, 0, SEEK_END);
	char last = '\n';

	if (end > 0 && pread(part->fd, &last, 1, end - 1) == 1)
		part->is_skipping = last != '\n';
}

/* 1 more bytes; 0 none for now. A line that is too long is given up. */
static int part_fill(struct log_part *part)
{
	ssize_t len;

	if (part->start > 0) {
		memmove(part->data, part->data + part->start, part->end - part->start);
		part->end -= part->start;
		part->start = 0;
	}
	if (part->end == EVENT_MAX_LINE) {
		part->end = 0;
		part->is_skipping = true;
	}
	len = read(part->fd, part->data + part->end, EVENT_MAX_LINE - part->end);
	if (len <= 0)
		return len < 0 && errno != EAGAIN ? -errno : 0;
	part->end += (size_t)len;
	return 1;
}

/* A line without its newline, valid until the next call: 1; 0 at the end. */
static int part_line(struct log_part *part, const char **ret, size_t *ret_len)
{
	for (;;) {
		const char *line = part->data + part->start;
		const char *newline = memchr(line, '\n', part->end - part->start);
		bool was_skipping = part->is_skipping;
		int r;

		if (!newline) {
			r = part_fill(part);
			if (r <= 0)
				return r;
			continue;
		}
		part->start += (size_t)(newline - line) + 1;
		part->is_skipping = false;
		if (was_skipping)
			continue;
		*ret = line;
		*ret_len = (size_t)(newline - line);
		return 1;
	}
}

static void add_part(struct event_reader *reader, struct log_part *part)
{
	reader->parts[reader->count++] = part;
}

static int open_first(struct event_reader *reader, bool only_new, struct error *err)
{
	autoclose int lock = lock_open_at(reader->dirfd, LOG_LOCK, true, err);
	struct log_part *part;

	if (lock < 0)
		return error_wrap(err, lock, "event log");
	part = part_open(reader->dirfd, LOG_OLD_FILE, 0);
	if (part)
		add_part(reader, part);
	part = part_open(reader->dirfd, LOG_FILE, O_CREAT);
	if (!part)
		return error_sys(err, errno, "open event log");
	add_part(reader, part);
	/* A rotation that was killed halfway: both names mean one file. */
	if (reader->count > 1 && reader->parts[0]->inode == part->inode) {
		part_close(reader->parts[0]);
		reader->parts[0] = part;
		reader->count = 1;
	}
	for (size_t i = 0; only_new && i < reader->count; i++)
		part_seek_end(reader->parts[i]);
	return 0;
}

static void open_watch(struct event_reader *reader)
{
	autofree char *path = xasprintf("/proc/self/fd/%d", reader->dirfd);

	reader->watch_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (reader->watch_fd < 0 || inotify_add_watch(reader->watch_fd, path,
					    IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR) < 0) {
		log_debug("event log: no watch: %m");
		close_fd(&reader->watch_fd);
	}
}

int event_reader_open(int dirfd, bool only_new, struct event_reader **ret, struct error *err)
{
	AUTO(event_reader_close) struct event_reader *reader = xnew(struct event_reader);
	int r;

	reader->dirfd = dirfd;
	/* Before the files: nothing may come in between. */
	open_watch(reader);
	r = open_first(reader, only_new, err);
	if (r < 0)
		return r;
	*ret = take_ptr(reader);
	return 0;
}

void event_reader_close(struct event_reader *reader)
{
	if (!reader)
		return;
	for (size_t i = 0; i < reader->count; i++)
		part_close(reader->parts[i]);
	close_fd(&reader->watch_fd);
	free(reader);
}

int event_reader_poll_fd(const struct event_reader *reader)
{
	return reader->watch_fd;
}

static void drain_watch(struct event_reader *reader)
{
	char events[4096];

	while (reader->watch_fd >= 0 && read(reader->watch_fd, events, sizeof(events)) > 0)
		continue;
}

/* All parts have been read to their end; only the last one may be written to yet. */
static void drop_older(struct event_reader *reader)
{
	struct log_part *last = reader->parts[reader->count - 1];

	for (size_t i = 0; i + 1 < reader->count; i++)
		part_close(reader->parts[i]);
	reader->parts[0] = last;
	reader->count = 1;
	/* Again to its end: lines may have come before it was renamed. */
	last->is_at_end = false;
}

/* 1 the log is another file now, and open; 0 it is the same. */
static int open_next(struct event_reader *reader, struct error *err)
{
	const struct log_part *last = reader->parts[reader->count - 1];
	AUTO(part_close) struct log_part *between = NULL;
	AUTO(part_close) struct log_part *next = NULL;
	autoclose int lock = -1;
	struct stat st;
	uint64_t first;

	if (fstatat(reader->dirfd, LOG_FILE, &st, 0) < 0 || st.st_ino == last->inode)
		return 0;
	lock = lock_open_at(reader->dirfd, LOG_LOCK, true, err);
	if (lock < 0)
		return error_wrap(err, lock, "event log");
	next = part_open(reader->dirfd, LOG_FILE, 0);
	if (!next || next->inode == last->inode)
		return 0;
	if (next->generation > last->generation + 1)
		between = part_open(reader->dirfd, LOG_OLD_FILE, 0);
	/* A halfway rotation has the log under both names. */
	if (between && between->inode == next->inode) {
		part_close(between);
		between = NULL;
	}
	first = between ? between->generation : next->generation;
	if (first > last->generation + 1)
		log_warn("event log: %" PRIu64 " of its files were replaced unread: events are "
			 "missing here",
			first - last->generation - 1);
	drop_older(reader);
	if (between)
		add_part(reader, take_ptr(between));
	add_part(reader, take_ptr(next));
	return 1;
}

/* 1 it is an event. */
static int take_line(
	struct event_reader *reader, const char *line, size_t len, struct event_record *ret)
{
	struct error err = {0};

	if (len == 0 || event_log_generation(line, len))
		return 0;
	if (event_parse(line, len, ret, &err) == 0)
		return 1;
	if (!reader->has_warned)
		log_warn("event log: a line that is no event is left out: %s", error_text(&err));
	reader->has_warned = true;
	return 0;
}

static int next_of_part(
	struct event_reader *reader, struct log_part *part, struct event_record *ret)
{
	const char *line;
	size_t len;
	int r = 0;

	while (!part->is_at_end && (r = part_line(part, &line, &len)) > 0) {
		if (take_line(reader, line, len, ret))
			return 1;
	}
	part->is_at_end = true;
	return r;
}

int event_reader_next(struct event_reader *reader, struct event_record *ret, struct error *err)
{
	int r;

	/* Before the files are looked at once more: what comes later makes it readable again. */
	if (reader->is_at_end)
		drain_watch(reader);
	reader->is_at_end = false;
	do {
		for (size_t i = 0; i < reader->count; i++) {
			r = next_of_part(reader, reader->parts[i], ret);
			if (r < 0)
				return error_sys(err, -r, "read event log");
			if (r > 0)
				return 1;
		}
		r = open_next(reader, err);
	} while (r > 0);
	for (size_t i = 0; i < reader->count; i++)
		reader->parts[i]->is_at_end = false;
	reader->is_at_end = true;
	return r;
}
