/* SPDX-License-Identifier: Apache-2.0 */
#include "container/log-record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/json.h"

#define NS_PER_S INT64_C(1000000000)

static const char *const stream_names[] = {"stdout", "stderr"};

void log_record_release(struct log_record *record)
{
	free(record->owned);
	*record = (struct log_record){0};
}

/* Not time_format(), which leaves out zeros at the end. */
void log_record_time(enum log_format format, int64_t ns, char ret[LOG_TIME_SIZE])
{
	time_t seconds = (time_t)(ns / NS_PER_S);
	struct tm tm;
	size_t len;

	gmtime_r(&seconds, &tm);
	len = strftime(ret, LOG_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(ret + len, LOG_TIME_SIZE - len, ".%09" PRId64 "%s", ns % NS_PER_S,
		format == LOG_FORMAT_JSON ? "Z" : "+00:00");
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

void log_record_format(struct strbuf *out, enum log_format format, const struct log_record *record,
	const char *time)
{
	const char *stream = stream_names[record->stream];

	if (format == LOG_FORMAT_JSON) {
		strbuf_adds(out, "{\"log\":\"");
		add_json_text(out, record->text, record->len);
		strbuf_addf(out, "%s\",\"stream\":\"%s\",\"time\":\"%s\"}\n",
			record->is_full ? "\\n" : "", stream, time);
		return;
	}
	strbuf_addf(out, "%s %s %c ", time, stream, record->is_full ? 'F' : 'P');
	strbuf_add(out, record->text, record->len);
	strbuf_addc(out, '\n');
}

static int parse_stream(const char *text, size_t len, enum log_stream *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(stream_names); i++) {
		if (len == strlen(stream_names[i]) && memcmp(text, stream_names[i], len) == 0) {
			*ret = (enum log_stream)i;
			return 0;
		}
	}
	return -EBADMSG;
}

/* What follows the next blank, or NULL. */
static const char *next_word(const char *at, const char *end)
{
	const char *blank = at ? memchr(at, ' ', (size_t)(end - at)) : NULL;

	return blank ? blank + 1 : NULL;
}

static int parse_k8s(const char *line, size_t len, struct log_record *ret)
{
	const char *end = line + len;
	const char *stream = next_word(line, end);
	const char *tag = next_word(stream, end);
	const char *text = next_word(tag, end);
	char time[LOG_TIME_SIZE];
	size_t time_len;

	if (!text || text != tag + 2 || (*tag != 'F' && *tag != 'P'))
		return -EBADMSG;
	time_len = (size_t)(stream - 1 - line);
	if (time_len >= sizeof(time))
		return -EBADMSG;
	memcpy(time, line, time_len);
	time[time_len] = '\0';
	if (time_parse(time, &ret->time_ns) < 0 ||
		parse_stream(stream, (size_t)(tag - 1 - stream), &ret->stream) < 0)
		return -EBADMSG;
	ret->is_full = *tag == 'F';
	ret->text = text;
	ret->len = (size_t)(end - text);
	return 0;
}

static int parse_json(const char *line, size_t len, struct log_record *ret)
{
	AUTO(json_free) struct json_object *obj = NULL;
	struct json_object *log;
	const char *time, *stream;
	size_t text_len;

	if (json_parse_bytes(line, len, &obj, NULL) < 0)
		return -EBADMSG;
	time = json_get_string(obj, "time");
	stream = json_get_string(obj, "stream");
	log = json_get(obj, "log");
	if (!time || !stream || !json_object_is_type(log, json_type_string) ||
		time_parse(time, &ret->time_ns) < 0 ||
		parse_stream(stream, strlen(stream), &ret->stream) < 0)
		return -EBADMSG;
	text_len = (size_t)json_object_get_string_len(log);
	ret->owned = xmemdup(json_object_get_string(log), text_len + 1);
	ret->is_full = text_len > 0 && ret->owned[text_len - 1] == '\n';
	ret->text = ret->owned;
	ret->len = text_len - ret->is_full;
	return 0;
}

int log_record_parse(const char *line, size_t len, struct log_record *ret)
{
	struct log_record record = {0};
	int r = len > 0 && *line == '{' ? parse_json(line, len, &record)
					: parse_k8s(line, len, &record);

	if (r == 0)
		*ret = record;
	return r;
}
