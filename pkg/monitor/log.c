/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "sys/file.h"

#define LINE_MAX_BYTES 16384

typedef void (*log_format)(struct strbuf *out, enum log_stream stream, const char *time,
	const char *line, size_t len, bool is_full);

struct log_line {
	struct strbuf text;
	int64_t started_ns; /* when its first byte came */
};

struct log_writer {
	int dirfd; /* where the file is made when there is something to write; -1: driver none */
	char *name;
	int fd; /* -1: not yet */
	log_format format;
	struct log_line lines[2]; /* unfinished, by stream */
	struct strbuf out;        /* records of one log_writer_add(), written at once */
	int64_t time_ns;          /* what time_text says: lines that come together share it */
	char time_text[64];
	bool has_warned;
};

static const char *const stream_names[] = { "stdout", "stderr" };

/* CRI log format: "time stream F|P text". */
static void format_k8s(struct strbuf *out, enum log_stream stream, const char *time,
	const char *line, size_t len, bool is_full)
{
	strbuf_adds(out, time);
	strbuf_adds(out, stream == LOG_STREAM_STDOUT ? " stdout " : " stderr ");
	strbuf_adds(out, is_full ? "F " : "P ");
	strbuf_add(out, line, len);
	strbuf_addc(out, '\n');
}

static void add_json_text(struct strbuf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte == '"' || byte == '\\')
			strbuf_addf(out, "\\%c", byte);
		else if (byte == '\n')
			strbuf_adds(out, "\\n");
		else if (byte == '\r')
			strbuf_adds(out, "\\r");
		else if (byte == '\t')
			strbuf_adds(out, "\\t");
		else if (byte < 0x20 || byte == 0x7f)
			strbuf_addf(out, "\\u%04x", byte);
		else
			strbuf_addc(out, (char)byte);
	}
}

static void format_json(struct strbuf *out, enum log_stream stream, const char *time,
	const char *line, size_t len, bool is_full)
{
	strbuf_adds(out, "{\"log\":\"");
	add_json_text(out, line, len);
	strbuf_addf(out, "%s\",\"stream\":\"%s\",\"time\":\"%s\"}\n", is_full ? "\\n" : "",
		stream_names[stream], time);
}

int log_writer_open(int dirfd, const char *name, const char *driver, struct log_writer **ret,
	struct error *err)
{
	struct log_writer *log;
	int copy = -1;

	if (!str_eq(driver, "none") && !str_eq(driver, "k8s-file") && !str_eq(driver, "json-file"))
		return error_set(err, EINVAL, "log driver %s: not known", driver);
	if (!str_eq(driver, "none")) {
		copy = fcntl(dirfd, F_DUPFD_CLOEXEC, 3);
		if (copy < 0)
			return error_sys(err, errno, "open log %s", name);
	}
	log = xnew(struct log_writer);
	log->dirfd = copy;
	log->name = xstrdup(name);
	log->fd = -1;
	log->format = str_eq(driver, "json-file") ? format_json : format_k8s;
	*ret = log;
	return 0;
}

/* Not time_format(): the log formats want all nine digits. */
static const char *format_time(struct log_writer *log, int64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;

	if (ns == log->time_ns)
		return log->time_text;
	gmtime_r(&seconds, &tm);
	snprintf(log->time_text, sizeof(log->time_text),
		"%04d-%02d-%02dT%02d:%02d:%02d.%09" PRId64 "%s", tm.tm_year + 1900, tm.tm_mon + 1,
		tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, ns % 1000000000,
		log->format == format_json ? "Z" : "+00:00");
	log->time_ns = ns;
	return log->time_text;
}

static void emit(struct log_writer *log, enum log_stream stream, bool is_full)
{
	struct log_line *line = &log->lines[stream];

	log->format(&log->out, stream, format_time(log, line->started_ns), strbuf_get(&line->text),
		line->text.len, is_full);
	line->text.len = 0;
}

/* Most containers that run for a moment say nothing: a file for them would be work for nothing. */
static int open_file(struct log_writer *log)
{
	if (log->fd < 0)
		log->fd = openat(log->dirfd, log->name,
			O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	return log->fd < 0 ? -errno : 0;
}

static void flush(struct log_writer *log)
{
	int r = log->out.len ? open_file(log) : 0;

	if (r == 0 && log->out.len)
		r = fd_write_all(log->fd, log->out.data, log->out.len);
	log->out.len = 0;
	if (r < 0 && !log->has_warned) {
		log->has_warned = true;
		log_warn("log: %s: output is not recorded", strerror(-r));
	}
}

void log_writer_add(struct log_writer *log, enum log_stream stream, const char *data, size_t len)
{
	struct log_line *line = &log->lines[stream];
	int64_t now;

	if (log->dirfd < 0 || len == 0)
		return;
	now = clock_now_ns();
	while (len) {
		const char *end = memchr(data, '\n', len);
		size_t piece = end ? (size_t)(end - data) : len;
		size_t room = LINE_MAX_BYTES - line->text.len;
		bool is_cut = piece > room;

		if (line->text.len == 0)
			line->started_ns = now;
		if (is_cut)
			piece = room;
		strbuf_add(&line->text, data, piece);
		data += piece;
		len -= piece;
		if (is_cut) {
			emit(log, stream, false);
		} else if (end) {
			emit(log, stream, true);
			data++;
			len--;
		}
	}
	flush(log);
}

void log_writer_close(struct log_writer *log)
{
	if (!log)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(log->lines); i++) {
		if (log->lines[i].text.len)
			emit(log, (enum log_stream)i, false);
		strbuf_release(&log->lines[i].text);
	}
	flush(log);
	close_fd(&log->fd);
	close_fd(&log->dirfd);
	strbuf_release(&log->out);
	free(log->name);
	free(log);
}
