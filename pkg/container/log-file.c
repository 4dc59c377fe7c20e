/* SPDX-License-Identifier: Apache-2.0 */
#include "container/log-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"

#define CHUNK ((size_t)64 << 10)

struct log_file {
	int dirfd;
	char *name;
	char *rotated_name;
	int fd;      /* what is read now; -1: not there yet */
	int next_fd; /* what is read after it; -1: what has the name then */
	struct strbuf buf;
	size_t start; /* of what was not handed out yet */
};

static bool is_same(int one, int two)
{
	struct stat a, b;

	return one >= 0 && two >= 0 && fstat(one, &a) == 0 && fstat(two, &b) == 0 &&
	       a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

static int open_name(const struct log_file *log, const char *name)
{
	return openat(log->dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

/*
 * Both files as they belong together: the older in fd, and the newer in next_fd. A rotation between
 * the two openings shows in that the name has gone to another file.
 */
static void open_both(struct log_file *log)
{
	for (;;) {
		autoclose int current = open_name(log, log->name);
		autoclose int older = open_name(log, log->rotated_name);
		autoclose int check = open_name(log, log->name);

		if (current >= 0 ? !is_same(current, check) : check >= 0)
			continue;
		if (older < 0) {
			log->fd = take_fd(current);
			return;
		}
		log->fd = take_fd(older);
		log->next_fd = take_fd(current);
		return;
	}
}

int log_file_open(int dirfd, const char *name, struct log_file **ret, struct error *err)
{
	int copy = fcntl(dirfd, F_DUPFD_CLOEXEC, 3);
	struct log_file *log;

	if (copy < 0)
		return error_sys(err, errno, "open log %s", name);
	log = xnew(struct log_file);
	log->dirfd = copy;
	log->name = xstrdup(name);
	log->rotated_name = xasprintf("%s" LOG_ROTATED_SUFFIX, name);
	log->fd = log->next_fd = -1;
	open_both(log);
	*ret = log;
	return 0;
}

void log_file_close(struct log_file *log)
{
	if (!log)
		return;
	close_fd(&log->fd);
	close_fd(&log->next_fd);
	close_fd(&log->dirfd);
	free(log->name);
	free(log->rotated_name);
	strbuf_release(&log->buf);
	free(log);
}

/* ---- reading on ---- */

/* More bytes behind those that are there: how many, 0 at the end of the file, negative errno. */
static ssize_t fill(struct log_file *log)
{
	char chunk[CHUNK];
	ssize_t got;

	if (log->start > 0) {
		memmove(log->buf.data, log->buf.data + log->start, log->buf.len - log->start);
		log->buf.len -= log->start;
		log->start = 0;
	}
	do {
		got = read(log->fd, chunk, sizeof(chunk));
	} while (got < 0 && errno == EINTR);
	if (got > 0)
		strbuf_add(&log->buf, chunk, (size_t)got);
	return got < 0 ? -errno : got;
}

/* What follows the file that is read now, once it was replaced: 1, in next_fd; 0: it was not. */
static int find_next(struct log_file *log)
{
	autoclose int current = open_name(log, log->name);
	autoclose int older = -1;

	if (current < 0 || is_same(current, log->fd))
		return 0;
	/* One rotation made our file the old one; after two there is one in between. */
	older = log->fd < 0 ? -1 : open_name(log, log->rotated_name);
	if (older >= 0 && !is_same(older, log->fd) && !is_same(older, current))
		log->next_fd = take_fd(older);
	else
		log->next_fd = take_fd(current);
	return 1;
}

static void switch_file(struct log_file *log)
{
	close_fd(&log->fd);
	log->fd = take_fd(log->next_fd);
	/* A line without its end stays without. */
	log->buf.len = log->start = 0;
}

/* A whole line in the buffer: its length with the newline; 0: none. */
static size_t line_length(const struct log_file *log)
{
	const char *at = log->buf.data + log->start;
	size_t have = log->buf.len - log->start;
	const char *end = have ? memchr(at, '\n', have) : NULL;

	return end ? (size_t)(end - at) + 1 : 0;
}

/* As log_file_next(), for lines. */
static int next_line(struct log_file *log, const char **ret, size_t *ret_len)
{
	for (;;) {
		size_t len = line_length(log);
		ssize_t got;

		if (len > 0) {
			*ret = log->buf.data + log->start;
			*ret_len = len - 1;
			log->start += len;
			return 1;
		}
		if (log->buf.len - log->start > LOG_RECORD_MAX_BYTES)
			log->buf.len = log->start;
		got = log->fd < 0 ? 0 : fill(log);
		if (got < 0)
			return (int)got;
		if (got > 0)
			continue;
		if (log->next_fd >= 0)
			switch_file(log);
		else if (!find_next(log))
			return 0;
		/* Else once more: it may have grown before it was replaced. */
	}
}

int log_file_next(struct log_file *log, struct log_record *ret, struct error *err)
{
	const char *line = NULL;
	size_t len = 0;
	int r;

	while ((r = next_line(log, &line, &len)) > 0) {
		if (log_record_parse(line, len, ret) == 0)
			return 1;
	}
	return r < 0 ? error_sys(err, -r, "read log %s", log->name) : 0;
}

/* ---- looking back ---- */

struct tail {
	uint64_t wanted;
	uint64_t lines;  /* found so far */
	bool has_record; /* the last record was seen */
	off_t offset;    /* where the tail begins in the file that is looked at */
};

/* Looks at the record from @start to @end; true when it is not of the tail any more. */
static bool is_before_tail(struct tail *tail, int fd, off_t start, off_t end)
{
	size_t len = (size_t)(end - start);
	struct log_record record = {0};
	autofree char *line = NULL;
	bool is_end = false;

	if (len > LOG_RECORD_MAX_BYTES)
		return false;
	line = xmalloc(len + 1);
	if (pread(fd, line, len, start) != (ssize_t)len || log_record_parse(line, len, &record) < 0)
		return false;
	/* A piece belongs to the line that its end is of; the last of all may have none. */
	is_end = record.is_full || !tail->has_record;
	tail->has_record = true;
	log_record_release(&record);
	if (is_end && tail->lines == tail->wanted)
		return true;
	tail->lines += is_end;
	return false;
}

/* From the end of a file: 1 when the tail begins in it, at tail->offset; 0 when before it. */
static int find_tail(struct tail *tail, int fd)
{
	off_t at = lseek(fd, 0, SEEK_END), end = -1;
	autofree char *chunk = xmalloc(CHUNK);

	while (at > 0) {
		size_t piece = at < (off_t)CHUNK ? (size_t)at : CHUNK;

		at -= (off_t)piece;
		if (pread(fd, chunk, piece, at) != (ssize_t)piece)
			return -EIO;
		for (size_t i = piece; i > 0; i--) {
			off_t newline = at + (off_t)i - 1;

			if (chunk[i - 1] != '\n')
				continue;
			if (end >= 0 && is_before_tail(tail, fd, newline + 1, end)) {
				tail->offset = end + 1;
				return 1;
			}
			end = newline;
		}
	}
	if (end >= 0 && is_before_tail(tail, fd, 0, end)) {
		tail->offset = end + 1;
		return 1;
	}
	return 0;
}

int log_file_tail(struct log_file *log, uint64_t lines, struct error *err)
{
	struct tail tail = {.wanted = lines};
	int *const files[] = {&log->next_fd, &log->fd};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		int fd = *files[i], r = 0;

		if (fd < 0)
			continue;
		if (lines == 0) {
			tail.offset = lseek(fd, 0, SEEK_END);
			r = 1;
		} else {
			r = find_tail(&tail, fd);
		}
		if (r < 0 || lseek(fd, r > 0 ? tail.offset : 0, SEEK_SET) < 0)
			return error_sys(err, r < 0 ? -r : errno, "read log %s", log->name);
		if (r > 0 && fd == log->next_fd) {
			/* The older one is not wanted at all. */
			close_fd(&log->fd);
			log->fd = take_fd(log->next_fd);
		}
		if (r > 0)
			return 0;
	}
	return 0;
}
