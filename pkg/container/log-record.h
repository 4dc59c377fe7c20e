/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTAINER_LOG_RECORD_H
#define CONTAINER_LOG_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Of one record's text; a longer line is several records. */
#define LOG_RECORD_MAX_TEXT 16384
/* Of a record as it stands in a file: six bytes for one in JSON, and its frame. */
#define LOG_RECORD_MAX_BYTES ((size_t)128 << 10)

enum log_stream { LOG_STREAM_STDOUT = 0, LOG_STREAM_STDERR = 1 };

/* One line of output, or a piece of one. */
struct log_record {
	int64_t time_ns; /* when its first byte came */
	enum log_stream stream;
	bool is_full; /* a newline follows the text; else the next record of the stream goes on */
	const char *text; /* borrowed from what was parsed, unless owned */
	size_t len;
	char *owned; /* what text points to, when it had to be decoded */
};
void log_record_release(struct log_record *record);

enum log_format {
	LOG_FORMAT_K8S = 0, /* CRI log format: "time stream F|P text" */
	LOG_FORMAT_JSON,    /* docker's json-file */
};

#define LOG_TIME_SIZE 40
/* The time as the format has it, all nine digits of it. */
void log_record_time(enum log_format format, int64_t ns, char ret[LOG_TIME_SIZE]);
/* Appends a record with its newline. @time: of log_record_time(), which may be kept over calls. */
void log_record_format(struct strbuf *out, enum log_format format, const struct log_record *record,
	const char *time);
/*
 * log_record_parse - a line of either format, without its newline.
 * @ret: to be released; borrows from @line
 * Returns 0; -EBADMSG for a torn or foreign line.
 */
int log_record_parse(const char *line, size_t len, struct log_record *ret);

#endif
