/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVENTS_EVENT_READER_H
#define EVENTS_EVENT_READER_H

#include <stdbool.h>

#include "events/event.h"

/*
 * Reads the log of events (event-log.h) and goes on while it grows and is rotated: every event
 * once, in the order of the log. Lines that are no events are skipped; the first is warned of.
 *
 * Two things are not kept: what a reader has not taken while the log was rotated twice (it is told
 * so), and a line whose writer was stopped between opening the file and writing while that
 * happened.
 */
struct event_reader;

/*
 * event_reader_open - begin with the oldest event there is, or with what comes from now on.
 * @dirfd: the run directory; borrowed until the reader is closed
 */
int event_reader_open(int dirfd, bool only_new, struct event_reader **ret, struct error *err);
void event_reader_close(struct event_reader *reader);
DEFINE_AUTO(struct event_reader *, event_reader_close);

/* The next event: 1, to be released by the caller; 0 when there is none for now. */
int event_reader_next(struct event_reader *reader, struct event_record *ret, struct error *err);

/*
 * Readable when event_reader_next() that returned 0 is worth another call; -1 where the kernel
 * has no more watches to give: call it now and then.
 */
int event_reader_poll_fd(const struct event_reader *reader);

#endif
