/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVENTS_EVENT_LOG_H
#define EVENTS_EVENT_LOG_H

#include "events/event.h"

/*
 * The log of events: two files in the run directory, gone after a reboot as podman's are.
 *
 *     events.log      what happens now; lines are appended, each by one write()
 *     events.log.1    what was there before it grew beyond EVENT_LOG_MAX
 *     events.lock     held while one becomes the other, and by readers while they open both
 *
 * Writers take no lock: O_APPEND keeps their lines apart, and whoever opened the file before it
 * was renamed still writes to where readers look. Every file but the first begins with a line
 * that counts the files: {"Generation":7}.
 */
#define EVENT_LOG_MAX (1 << 20)

/*
 * event_log_write - append events to the log.
 * @dirfd:  the run directory; negative: nothing is written
 * @events: in the order in which they happened, together in one write(); their lines come to at
 *          most @count * EVENT_MAX_LINE bytes
 *
 * Never fails what was done: an event that cannot be written is a warning. Four system calls, none
 * of which waits for a disk; the write that finds the log too large renames it, unless somebody
 * else is at it.
 */
void event_log_write(int dirfd, const struct event *events, size_t count);

#endif
