/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTAINER_EVENT_H
#define CONTAINER_EVENT_H

#include "container/record.h"
#include "events/event.h"

/*
 * Events of what lies in the store. They are written when the thing has been done, or, where others
 * see its effect at once (kill, stop), just before, so that the log has cause before effect.
 * Nothing here can fail; see event_log_write().
 * @fd: events_fd of the store
 */
struct container_event {
	enum event_status status;
	int64_t exit_code;         /* died, exec_died */
	const char *health_status; /* health_status: "healthy", "unhealthy", "starting" */
	int64_t time_ns;           /* 0: now */
};
/* @list: what happened in a row; one write */
void container_note_events(int fd, const struct container_record *record,
	const struct container_event *list, size_t count);
/* One of them, with nothing to add. */
void container_note_event(int fd, const struct container_record *record, enum event_status status);

/* @name: as it was named; NULL where only the id is known */
void image_note_event(int fd, enum event_status status, const char *id, const char *name);
void volume_note_event(int fd, enum event_status status, const char *name);

#endif
