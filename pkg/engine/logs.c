/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/internal.h"
#include "sys/file.h"

/* A record is at most 16 KiB of text, escaped six times, and its frame. */
#define RECORD_MAX ((size_t)128 << 10)
#define FOLLOW_POLL_MS 500

struct log_record {
	int64_t time_ns;
	char *time;
	bool is_stderr;
	bool is_full; /* a newline follows */
	char *text;
	size_t len;
};

static void record_release(struct log_record *record)
{
	free(record->time);
	free(record->text);
	*record = (struct log_record){0};
}

/* "TIME stream F|P text" */
static bool parse_k8s(const char *line, size_t len, struct log_record *ret)
{
	const char *stream = memchr(line, ' ', len);
	const char *tag = stream ? strchr(stream + 1, ' ') : NULL;
	const char *text = tag ? strchr(tag + 1, ' ') : NULL;

	if (!text || text > line + len)
		return false;
	ret->time = xstrndup(line, (size_t)(stream - line));
	if (time_parse(ret->time, &ret->time_ns) < 0)
		return false;
	ret->is_stderr = str_after(stream + 1, "stderr") != NULL;
	ret->is_full = tag[1] == 'F';
	ret->len = len - (size_t)(text + 1 - line);
	ret->text = xmemdup(text + 1, ret->len + 1);
	return true;
}

static bool parse_json(const char *line, size_t len, struct log_record *ret)
{
	AUTO(json_free) struct json_object *obj = NULL;
	struct json_object *log;
	const char *time, *stream;

	if (json_parse(line, len, &obj, NULL) < 0)
		return false;
	time = json_get_string(obj, "time");
	stream = json_get_string(obj, "stream");
	log = json_get(obj, "log");
	if (!time || !stream || !json_object_is_type(log, json_type_string) ||
		time_parse(time, &ret->time_ns) < 0)
		return false;
	ret->time = xstrdup(time);
	ret->is_stderr = str_eq(stream, "stderr");
	ret->len = (size_t)json_object_get_string_len(log);
	ret->text = xmemdup(json_object_get_string(log), ret->len + 1);
	ret->is_full = ret->len && ret->text[ret->len - 1] == '\n';
	if (ret->is_full)
		ret->len--;
	return true;
}

static int write_record(const struct engine_logs *logs, const struct log_record *record)
{
	AUTO(strbuf_release) struct strbuf out = STRBUF_INIT;

	if (logs->timestamps)
		strbuf_addf(&out, "%s ", record->time);
	strbuf_add(&out, record->text, record->len);
	if (record->is_full)
		strbuf_addc(&out, '\n');
	return fd_write_all(
		record->is_stderr ? logs->stderr_fd : logs->stdout_fd, out.data, out.len);
}

static int handle_line(const struct engine_logs *logs, const char *line, size_t len)
{
	struct log_record record = {0};
	bool good = *line == '{' ? parse_json(line, len, &record) : parse_k8s(line, len, &record);
	int r = 0;

	/* A torn line is what a crash of the machine leaves; the rest is still worth reading. */
	if (good && record.time_ns >= logs->since_ns &&
		(!logs->until_ns || record.time_ns <= logs->until_ns))
		r = write_record(logs, &record);
	record_release(&record);
	return r;
}

/* Offset of the last @count lines, found from the end of the file. */
static off_t tail_offset(int fd, uint64_t count)
{
	off_t end = lseek(fd, 0, SEEK_END), at = end;
	char chunk[8192];

	if (count == 0)
		return end;
	while (at > 0) {
		size_t piece = at < (off_t)sizeof(chunk) ? (size_t)at : sizeof(chunk);

		at -= (off_t)piece;
		if (pread(fd, chunk, piece, at) != (ssize_t)piece)
			return 0;
		for (size_t i = piece; i > 0; i--) {
			if (chunk[i - 1] != '\n' || at + (off_t)i == end)
				continue;
			if (--count == 0)
				return at + (off_t)i;
		}
	}
	return 0;
}

/* Everything that is in the file now; an unfinished line stays in @rest. */
static int read_available(const struct engine_logs *logs, int fd, struct strbuf *rest)
{
	char chunk[65536];
	ssize_t got;
	int r = 0;

	while (r == 0 && (got = read(fd, chunk, sizeof(chunk))) > 0) {
		const char *start;
		const char *end;

		strbuf_add(rest, chunk, (size_t)got);
		start = rest->data;
		while (r == 0 &&
			(end = memchr(start, '\n', rest->len - (size_t)(start - rest->data)))) {
			r = handle_line(logs, start, (size_t)(end - start));
			start = end + 1;
		}
		rest->len -= (size_t)(start - rest->data);
		memmove(rest->data, start, rest->len);
		if (rest->len > RECORD_MAX)
			rest->len = 0;
	}
	return r;
}

static int follow(
	const struct engine_logs *logs, const struct container *ctr, int fd, struct strbuf *rest)
{
	autoclose int monitor = process_id_open(&ctr->state.monitor);
	autoclose int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	autofree char *path = xasprintf("/proc/self/fd/%d", fd);
	char events[4096];
	int r = 0;

	inotify_add_watch(watch, path, IN_MODIFY);
	while (r == 0 && monitor >= 0) {
		struct pollfd slots[2] = {{monitor, POLLIN, 0}, {watch, POLLIN, 0}};

		poll(slots, 2, FOLLOW_POLL_MS);
		if (slots[1].revents && read(watch, events, sizeof(events)) < 0 && errno != EAGAIN)
			return -errno;
		r = read_available(logs, fd, rest);
		if (slots[0].revents)
			return r < 0 ? r : read_available(logs, fd, rest);
	}
	return r;
}

int engine_logs(struct engine *engine, const struct engine_logs *logs, struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	AUTO(strbuf_release) struct strbuf rest = STRBUF_INIT;
	int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW;
	autoclose int fd = -1;
	int r = engine_container_open(engine, logs->name, &ctr, err);

	if (r < 0)
		return r;
	if (str_eq(ctr->record->log_driver, "none"))
		return error_set(err, ENOTSUP,
			"container %.12s keeps no logs (log driver \"none\")", ctr->record->id);
	/* The monitor makes the file with the first output; who follows needs one to wait on. */
	if (logs->follow && container_is_monitored(ctr))
		flags |= O_CREAT;
	fd = openat(ctr->dirfd, CONTAINER_LOG_FILE, flags, 0600);
	if (fd < 0 && errno == ENOENT) /* never started, or it said nothing */
		return 0;
	if (fd < 0)
		return error_sys(err, errno, "log of container %.12s", ctr->record->id);
	lseek(fd, logs->has_tail ? tail_offset(fd, logs->tail) : 0, SEEK_SET);
	r = read_available(logs, fd, &rest);
	if (r == 0 && logs->follow)
		r = follow(logs, ctr, fd, &rest);
	return r < 0 ? error_sys(err, -r, "write logs") : 0;
}
