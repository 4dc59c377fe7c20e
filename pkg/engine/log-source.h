/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_LOG_SOURCE_H
#define ENGINE_LOG_SOURCE_H

#include "container/container.h"
#include "container/log-record.h"

/* struct log_source - the log of one container, whatever its driver, from a point on. */
struct log_source;

struct log_source_options {
	bool follow; /* more is wanted while the container runs */
	bool has_tail;
	uint64_t tail;              /* lines */
	int64_t since_ns, until_ns; /* hints: records outside may still come */
};

/*
 * log_source_open - of an opened container, which is borrowed until it is closed.
 * Returns 0; -ENOTSUP for one that keeps no log; negative errno.
 */
int log_source_open(const struct container *ctr, const struct log_source_options *options,
	struct log_source **ret, struct error *err);
/* As log_file_next(). */
int log_source_next(struct log_source *source, struct log_record *ret, struct error *err);
/*
 * log_source_poll_fd - readable when something may have happened that log_source_next() or
 * log_source_has_ended() tell of. The next call of log_source_next() makes it unreadable.
 */
int log_source_poll_fd(const struct log_source *source);
/* True once the container has ended; what log_source_next() finds then is all there will be. */
bool log_source_has_ended(struct log_source *source);
void log_source_close(struct log_source *source);
DEFINE_AUTO(struct log_source *, log_source_close);

/* ---- log-journal.c: what journalctl prints ---- */

struct log_journal;
/* @id: of the container, full. */
int log_journal_open(const char *id, const struct log_source_options *options,
	struct log_journal **ret, struct error *err);
int log_journal_next(struct log_journal *journal, struct log_record *ret, struct error *err);
int log_journal_poll_fd(const struct log_journal *journal);
void log_journal_close(struct log_journal *journal);

#endif
