/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MONITOR_LOG_H
#define MONITOR_LOG_H

#include <stddef.h>

#include "base/error.h"

enum log_stream { LOG_STREAM_STDOUT = 0, LOG_STREAM_STDERR = 1 };

/* struct log_writer - a container's log file. One line of output is one record. */
struct log_writer;

/*
 * log_writer_open - append to the log file in a container's directory; the first output makes it.
 * @dirfd: copied
 * @driver: "k8s-file", "json-file" or "none" (then nothing is written)
 * Returns 0; -EINVAL for an unknown driver; else as from open().
 */
int log_writer_open(int dirfd, const char *name, const char *driver, struct log_writer **ret,
	struct error *err);

/*
 * log_writer_add - log what the container wrote.
 * Lines without an end are kept until it comes, at most 16 KiB; then they go out as a partial
 * record. A failing write (full disk) is warned of once and does not stop the container.
 */
void log_writer_add(struct log_writer *log, enum log_stream stream, const char *data, size_t len);

/* Writes unfinished lines and closes the file. */
void log_writer_close(struct log_writer *log);
DEFINE_AUTO(struct log_writer *, log_writer_close);

#endif
