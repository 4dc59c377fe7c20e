/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MONITOR_LOG_SINK_H
#define MONITOR_LOG_SINK_H

#include "monitor/log.h"

/* struct log_sink - what a log driver does with records; embedded in the driver's own struct. */
struct log_sink {
	/* Takes a record, or the first part of it until flush(). */
	int (*add)(struct log_sink *sink, const struct log_record *record);
	/* Everything that was added is in its place afterwards: 0 or negative errno. */
	int (*flush)(struct log_sink *sink);
	void (*close)(struct log_sink *sink);
};

/* log-file.c: a file that is rotated. @format: how records stand in it. */
int log_file_sink_open(const struct log_target *target, enum log_format format,
	struct log_sink **ret, struct error *err);
/* log-journal.c: journald's native protocol. */
int log_journal_sink_open(
	const struct log_target *target, struct log_sink **ret, struct error *err);

#endif
