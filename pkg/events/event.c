/* SPDX-License-Identifier: Apache-2.0 */
#include "events/event.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>

#include "base/clock.h"
#include "base/json.h"
#include "format/utf8.h"

/* For the closing braces and the newline. */
#define TAIL_BYTES 8

const char *event_type_name(enum event_type type)
{
	static const char *const names[] = {
		[EVENT_CONTAINER] = "container",
		[EVENT_IMAGE] = "image",
		[EVENT_NETWORK] = "network",
		[EVENT_POD] = "pod",
		[EVENT_SYSTEM] = "system",
		[EVENT_VOLUME] = "volume",
	};

	static_assert(ARRAY_SIZE(names) == EVENT_TYPE_COUNT, "every type has its name");
	return names[type];
}

const char *event_status_name(enum event_status status)
{
	static const char *const names[] = {
		[EVENT_ATTACH] = "attach",
		[EVENT_CLEANUP] = "cleanup",
		[EVENT_COMMIT] = "commit",
		[EVENT_CREATE] = "create",
		[EVENT_DIED] = "died",
		[EVENT_EXEC] = "exec",
		[EVENT_EXEC_DIED] = "exec_died",
		[EVENT_EXPORT] = "export",
		[EVENT_HEALTH_STATUS] = "health_status",
		[EVENT_IMPORT] = "import",
		[EVENT_INIT] = "init",
		[EVENT_KILL] = "kill",
		[EVENT_LOAD] = "loadfromarchive",
		[EVENT_MOUNT] = "mount",
		[EVENT_OOM] = "oom",
		[EVENT_PAUSE] = "pause",
		[EVENT_PRUNE] = "prune",
		[EVENT_PULL] = "pull",
		[EVENT_PUSH] = "push",
		[EVENT_REMOVE] = "remove",
		[EVENT_RENAME] = "rename",
		[EVENT_RESTART] = "restart",
		[EVENT_SAVE] = "save",
		[EVENT_START] = "start",
		[EVENT_STOP] = "stop",
		[EVENT_TAG] = "tag",
		[EVENT_UNMOUNT] = "unmount",
		[EVENT_UNPAUSE] = "unpause",
		[EVENT_UNTAG] = "untag",
		[EVENT_UPDATE] = "update",
	};

	static_assert(ARRAY_SIZE(names) == EVENT_STATUS_COUNT, "every status has its name");
	return names[status];
}

static void add_character(struct strbuf *ret, uint32_t code, const char *bytes, size_t len)
{
	if (code == UTF8_INVALID)
		utf8_add(ret, 0xFFFD);
	else if (code == '"' || code == '\\')
		strbuf_addf(ret, "\\%c", (char)code);
	else if (code < 0x20 || code == 0x7F)
		strbuf_addf(ret, "\\u%04x", code);
	else
		strbuf_add(ret, bytes, len);
}

static void add_string(struct strbuf *ret, const char *text, size_t limit)
{
	size_t len = strnlen(text, limit);

	strbuf_addc(ret, '"');
	for (size_t i = 0, used; i < len; i += used) {
		uint32_t code;

		used = utf8_decode(text + i, len - i, &code);
		add_character(ret, code, text + i, used);
	}
	strbuf_addc(ret, '"');
}

static void add_member(struct strbuf *ret, const char *key, const char *value)
{
	if (str_is_empty(value))
		return;
	strbuf_addf(ret, "\"%s\":", key);
	add_string(ret, value, EVENT_MAX_TEXT);
	strbuf_addc(ret, ',');
}

/* @start: where the line begins in @ret */
static void add_attributes(struct strbuf *ret, size_t start, const struct strmap *map)
{
	strbuf_addc(ret, '{');
	for (size_t i = 0; i < map->count; i++) {
		size_t before = ret->len;

		if (i > 0)
			strbuf_addc(ret, ',');
		add_string(ret, map->items[i].key, EVENT_MAX_ATTRIBUTE);
		strbuf_addc(ret, ':');
		add_string(ret, map->items[i].value, EVENT_MAX_ATTRIBUTE);
		if (ret->len - start + TAIL_BYTES > EVENT_MAX_LINE) {
			ret->len = before;
			break;
		}
	}
	strbuf_addc(ret, '}');
}

void event_add_line(const struct event *event, struct strbuf *ret)
{
	autofree char *time = time_format(event->time_ns ? event->time_ns : clock_now_ns());
	size_t start = ret->len;

	strbuf_addc(ret, '{');
	if (event->exit_code)
		strbuf_addf(ret, "\"ContainerExitCode\":%" PRId64 ",", event->exit_code);
	add_member(ret, "ID", event->id);
	add_member(ret, "Image", event->image);
	add_member(ret, "Name", event->name);
	add_member(ret, "Status", event_status_name(event->status));
	add_member(ret, "Time", time);
	add_member(ret, "Type", event_type_name(event->type));
	add_member(ret, "health_status", event->health_status);
	strbuf_adds(ret, "\"Attributes\":");
	if (event->attributes)
		add_attributes(ret, start, event->attributes);
	else
		strbuf_adds(ret, "null");
	strbuf_adds(ret, "}\n");
}

/* The line as its table of members has it. */
struct line {
	struct event_record record;
	char *time;
	struct json_object *attributes; /* there only to see whether there are any */
};

#define LINE struct line
static const struct json_field line_fields[] = {
	JSON_STRING(LINE, record.type, "Type", JSON_REQUIRED),
	JSON_STRING(LINE, record.status, "Status", JSON_REQUIRED),
	JSON_STRING(LINE, time, "Time", JSON_REQUIRED),
	JSON_I64(LINE, record.exit_code, "ContainerExitCode"),
	JSON_STRING(LINE, record.id, "ID"),
	JSON_STRING(LINE, record.name, "Name"),
	JSON_STRING(LINE, record.image, "Image"),
	JSON_STRING(LINE, record.network, "Network"),
	JSON_STRING(LINE, record.health_status, "health_status"),
	JSON_MAP(LINE, record.attributes, "Attributes"),
	JSON_RAW(LINE, attributes, "Attributes"),
	JSON_END,
};

void event_record_release(struct event_record *record)
{
	struct line line = {.record = *record};

	json_release(line_fields, &line);
	*record = (struct event_record){0};
}

int event_parse(const char *text, size_t len, struct event_record *ret, struct error *err)
{
	struct line line = {0};
	int r = json_read_bytes(text, len, "event", line_fields, &line, err);

	if (r == 0 && time_parse(line.time, &line.record.time_ns) < 0)
		r = error_set(err, EBADMSG, "event.Time: not a time");
	if (r == 0) {
		*ret = line.record;
		ret->has_attributes = line.attributes != NULL;
		line.record = (struct event_record){0};
	}
	json_release(line_fields, &line);
	return r;
}
