/* SPDX-License-Identifier: Apache-2.0 */
#include "container/event.h"

#include "events/event-log.h"

/* podman names the image in full, and one that was asked for by its id by that. */
static const char *image_of(const struct container_record *record)
{
	return str_is_empty(record->image_name) ? record->image : record->image_name;
}

void container_note_events(int fd, const struct container_record *record,
	const struct container_event *list, size_t count)
{
	autofree struct event *events = xcalloc(count + !count, sizeof(*events));

	for (size_t i = 0; i < count; i++) {
		events[i] = (struct event){
			.time_ns = list[i].time_ns,
			.type = EVENT_CONTAINER,
			.status = list[i].status,
			.exit_code = list[i].exit_code,
			.health_status = list[i].health_status,
			.id = record->id,
			.name = record->name,
			.image = image_of(record),
			.attributes = &record->labels,
		};
	}
	event_log_write(fd, events, count);
}

void container_note_event(int fd, const struct container_record *record, enum event_status status)
{
	const struct container_event event = {.status = status};

	container_note_events(fd, record, &event, 1);
}

void image_note_event(int fd, enum event_status status, const char *id, const char *name)
{
	const struct event event = {.type = EVENT_IMAGE, .status = status, .id = id, .name = name};

	event_log_write(fd, &event, 1);
}

void volume_note_event(int fd, enum event_status status, const char *name)
{
	const struct event event = {.type = EVENT_VOLUME, .status = status, .name = name};

	event_log_write(fd, &event, 1);
}
