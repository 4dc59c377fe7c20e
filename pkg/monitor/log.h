/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MONITOR_LOG_H
#define MONITOR_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "container/log-options.h"
#include "container/log-record.h"

/* Where a container's output goes; borrowed while the log is opened. */
struct log_target {
	const char *driver; /* see log_driver_check() */
	struct log_options options;
	int dirfd;        /* of the container: its own file is there */
	const char *file; /* the name of that */
	const char *id;   /* of the container, and its name: fields in the journal */
	const char *name;
	const char *journal_socket; /* NULL: where journald listens */
};

/* struct log_writer - a container's log. One line of output is one record. */
struct log_writer;

/*
 * log_writer_open - begin to log. Files are appended to; the first output makes them.
 * Returns 0; -EINVAL for an unknown driver; else as from the kernel.
 */
int log_writer_open(const struct log_target *target, struct log_writer **ret, struct error *err);

/*
 * log_writer_add - log what the container wrote.
 * Lines without an end are kept until it comes, log_writer_rest() is called, or they are longer
 * than LOG_RECORD_MAX_TEXT; then they go out as pieces. A failing write (full disk) is warned of
 * once and does not stop the container.
 */
void log_writer_add(struct log_writer *log, enum log_stream stream, const char *data, size_t len);

/* Are there lines without an end that are not in the log? */
bool log_writer_has_rest(const struct log_writer *log);
/* Writes them as they are now, as pieces: a prompt, or last words, can be read while it goes on. */
void log_writer_rest(struct log_writer *log);

/* Writes unfinished lines and closes the log. */
void log_writer_close(struct log_writer *log);
DEFINE_AUTO(struct log_writer *, log_writer_close);

#endif
