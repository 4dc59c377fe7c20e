/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/log.h"

#include <errno.h>

#include "base/clock.h"
#include "base/log.h"
#include "monitor/log-sink.h"

struct log_line {
	struct strbuf text;
	int64_t started_ns; /* when its first byte came */
};

struct log_writer {
	struct log_sink *sink;    /* NULL: driver none */
	struct log_line lines[2]; /* unfinished, by stream */
	bool has_warned;
};

static int open_sink(const struct log_target *target, struct log_sink **ret, struct error *err)
{
	int r = log_driver_check(target->driver, err);

	if (r < 0 || str_eq(target->driver, "none"))
		return r;
	if (str_eq(target->driver, "journald"))
		return log_journal_sink_open(target, ret, err);
	return log_file_sink_open(target,
		str_eq(target->driver, "json-file") ? LOG_FORMAT_JSON : LOG_FORMAT_K8S, ret, err);
}

int log_writer_open(const struct log_target *target, struct log_writer **ret, struct error *err)
{
	struct log_sink *sink = NULL;
	int r = open_sink(target, &sink, err);

	if (r < 0)
		return error_wrap(err, r, "log");
	*ret = xnew(struct log_writer);
	(*ret)->sink = sink;
	return 0;
}

static void warn(struct log_writer *log, int r)
{
	if (r < 0 && !log->has_warned)
		log_warn("log: %s: output is not recorded", strerror(-r));
	log->has_warned = log->has_warned || r < 0;
}

static void emit(struct log_writer *log, enum log_stream stream, bool is_full)
{
	struct log_line *line = &log->lines[stream];
	const struct log_record record = {
		.time_ns = line->started_ns,
		.stream = stream,
		.is_full = is_full,
		.text = strbuf_get(&line->text),
		.len = line->text.len,
	};

	warn(log, log->sink->add(log->sink, &record));
	line->text.len = 0;
}

/* At most @room bytes, and not the first half of a character. */
static size_t cut(const char *data, size_t room)
{
	size_t len = room;

	while (len > 0 && room - len < 3 && ((unsigned char)data[len] & 0xc0) == 0x80)
		len--;
	return ((unsigned char)data[len] & 0xc0) == 0x80 ? room : len;
}

void log_writer_add(struct log_writer *log, enum log_stream stream, const char *data, size_t len)
{
	struct log_line *line = &log->lines[stream];
	int64_t now;

	if (!log->sink || len == 0)
		return;
	now = clock_now_ns();
	while (len) {
		const char *end = memchr(data, '\n', len);
		size_t piece = end ? (size_t)(end - data) : len;
		size_t room = LOG_RECORD_MAX_TEXT - line->text.len;
		bool is_cut = piece > room;

		if (line->text.len == 0)
			line->started_ns = now;
		if (is_cut)
			piece = cut(data, room);
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
	warn(log, log->sink->flush(log->sink));
}

bool log_writer_has_rest(const struct log_writer *log)
{
	return log->lines[LOG_STREAM_STDOUT].text.len || log->lines[LOG_STREAM_STDERR].text.len;
}

void log_writer_rest(struct log_writer *log)
{
	for (size_t i = 0; i < ARRAY_SIZE(log->lines); i++) {
		if (log->lines[i].text.len)
			emit(log, (enum log_stream)i, false);
	}
	if (log->sink)
		warn(log, log->sink->flush(log->sink));
}

void log_writer_close(struct log_writer *log)
{
	if (!log)
		return;
	log_writer_rest(log);
	for (size_t i = 0; i < ARRAY_SIZE(log->lines); i++)
		strbuf_release(&log->lines[i].text);
	if (log->sink)
		log->sink->close(log->sink);
	free(log);
}
