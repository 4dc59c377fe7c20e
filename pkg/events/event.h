/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVENTS_EVENT_H
#define EVENTS_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/*
 * What has happened to a container, an image or a volume: one line of JSON in the event log, with
 * the members that podman gives it:
 *
 *     {"ContainerExitCode":3,"ID":"…","Image":"…","Name":"web","Status":"died",
 *      "Time":"2026-01-02T03:04:05.6Z","Type":"container","Attributes":{"label":"value"}}
 *
 * Members that are empty are left out, so is an exit code of 0. Attributes are the labels of a
 * container, null for the rest.
 */
enum event_type {
	EVENT_CONTAINER = 0,
	EVENT_IMAGE,
	EVENT_NETWORK,
	EVENT_POD,
	EVENT_SYSTEM,
	EVENT_VOLUME,
	EVENT_TYPE_COUNT,
};
const char *event_type_name(enum event_type type);

enum event_status {
	EVENT_ATTACH = 0,
	EVENT_CLEANUP,
	EVENT_COMMIT,
	EVENT_CREATE,
	EVENT_DIED,
	EVENT_EXEC,
	EVENT_EXEC_DIED,
	EVENT_EXPORT,
	EVENT_HEALTH_STATUS,
	EVENT_IMPORT,
	EVENT_INIT,
	EVENT_KILL,
	EVENT_LOAD, /* "loadfromarchive" */
	EVENT_MOUNT,
	EVENT_OOM,
	EVENT_PAUSE,
	EVENT_PRUNE,
	EVENT_PULL,
	EVENT_PUSH,
	EVENT_REMOVE,
	EVENT_RENAME,
	EVENT_RESTART,
	EVENT_SAVE,
	EVENT_START,
	EVENT_STOP,
	EVENT_TAG,
	EVENT_UNMOUNT,
	EVENT_UNPAUSE,
	EVENT_UNTAG,
	EVENT_UPDATE,
	EVENT_STATUS_COUNT,
};
const char *event_status_name(enum event_status status);

/* One that is to be written; everything is borrowed, and NULL is empty. */
struct event {
	int64_t time_ns; /* 0: now */
	enum event_type type;
	enum event_status status;
	int64_t exit_code;
	const char *id;
	const char *name;
	const char *image; /* of a container */
	const char *health_status;
	const struct strmap *attributes;
};

/* Bytes of a line with its newline; attributes that do not fit are left out, the last ones first.
 */
#define EVENT_MAX_LINE (64 << 10)
/* Longer ones are cut. With every byte escaped, four texts still leave room for attributes. */
#define EVENT_MAX_TEXT 1024            /* of names and the like */
#define EVENT_MAX_ATTRIBUTE (16 << 10) /* of a key, and of a value */

/*
 * event_add_line - append the line of an event, at most EVENT_MAX_LINE bytes.
 * Whatever the strings hold, it is one line of valid JSON: bytes that are not UTF-8 become U+FFFD.
 */
void event_add_line(const struct event *event, struct strbuf *ret);

/* One that was read. Strings are NULL where the line has none. */
struct event_record {
	int64_t time_ns;
	char *type;
	char *status;
	int64_t exit_code;
	char *id;
	char *name;
	char *image;
	char *network;
	char *health_status;
	struct strmap attributes;
	bool has_attributes; /* an object, be it empty */
};
void event_record_release(struct event_record *record);
static inline void auto_event_record_release(struct event_record *record)
{
	event_record_release(record);
}

/*
 * event_parse - read a line (without its newline) back. The log is fed by everything that runs as
 * its user; unknown members, types and statuses are taken as they are.
 * Returns 0; -EBADMSG for what is no event, and nothing to release then.
 */
int event_parse(const char *line, size_t len, struct event_record *ret, struct error *err);

#endif
