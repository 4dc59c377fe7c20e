/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTAINER_LOG_FILE_H
#define CONTAINER_LOG_FILE_H

#include "base/error.h"
#include "container/log-record.h"

/* The one old file that rotation keeps: NAME.1. */
#define LOG_ROTATED_SUFFIX ".1"

/*
 * struct log_file - the records of a log that may be growing and rotating while it is read.
 *
 * The writer renames NAME to NAME.1, in place of an older one, and goes on in a new file. A reader
 * that keeps up sees every record once; one that falls behind by two files misses what was deleted.
 */
struct log_file;

/*
 * log_file_open - begin at the oldest record. A file that does not exist yet is an empty log.
 * @dirfd: copied.  @name: in that directory
 * Returns 0; negative errno.
 */
int log_file_open(int dirfd, const char *name, struct log_file **ret, struct error *err);
/*
 * log_file_tail - skip to the last @lines lines; to be called before anything was read. Lines that
 * were cut into pieces count once. 0 skips to the end.
 */
int log_file_tail(struct log_file *log, uint64_t lines, struct error *err);
/*
 * log_file_next - the next record: 1; 0 when there is none now; negative errno.
 * @ret: borrows from the log until the next call; to be released. Torn lines are skipped.
 */
int log_file_next(struct log_file *log, struct log_record *ret, struct error *err);
void log_file_close(struct log_file *log);
DEFINE_AUTO(struct log_file *, log_file_close);

#endif
