/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/json.h"

#define FIELD(field_name, field_type) \
	{ \
		.name = (field_name), .type = &(field_type) \
	}
#define OBJECT(text, table, ...) \
	{ \
		.kind = FORMAT_STRUCT, .name = (text), .fields = (table), .is_open = true, \
		__VA_ARGS__ \
	}
#define END \
	{ \
		.name = NULL \
	}

const char sample_json[] =
	"{\"Id\":\"134c31b0af651f6a\",\"Name\":\"web\","
	"\"Created\":\"2026-11-24T08:40:16.497693626Z\","
	"\"State\":{\"Status\":\"created\",\"Running\":false,\"ExitCode\":0,\"Pid\":0,"
	"\"StartedAt\":\"0001-01-01T00:00:00Z\"},"
	"\"Config\":{\"Env\":[\"TERM=xterm\",\"X=y\",\"A=1\"],\"Cmd\":[\"sleep\",\"1000\"],"
	"\"Labels\":{\"x\":\"y\",\"k\":\"v\",\"b\":\"two\",\"a\":\"one\"},\"Image\":\"localhost/"
	"box:1\","
	"\"Healthcheck\":null},"
	"\"Ports\":{\"81/udp\":[{\"HostIp\":\"\",\"HostPort\":\"8081\"}],"
	"\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"8080\"}],\"90/tcp\":null},"
	"\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"/tmp\",\"Destination\":\"/"
	"mnt\",\"RW\":false}],"
	"\"Nothing\":null,\"Ratio\":0.5,\"Big\":1000000.0,"
	"\"Evil\":{\"k\\u001b\":\"a\\tb\\u001b[31m\\nx\\u009by\\u202ez\"}}";

static const struct format_field health_fields[] = {
	FIELD("Status", format_string), FIELD("FailingStreak", format_int), END};
static const struct format_type health = OBJECT("health", health_fields, .is_embedded = true);
static const struct format_field state_fields[] = {
	FIELD("StartedAt", format_time), FIELD("Health", health), END};
static const struct format_type state = OBJECT("state", state_fields);
static const struct format_type healthcheck = {.kind = FORMAT_STRUCT, .name = "health check"};
static const struct format_field config_fields[] = {
	FIELD("Env", format_strings),
	FIELD("Labels", format_string_map),
	FIELD("Annotations", format_string_map),
	FIELD("User", format_string),
	FIELD("Volumes", format_map),
	FIELD("Healthcheck", healthcheck),
	END,
};
static const struct format_type config = OBJECT("config", config_fields);
static const struct format_type ports = {.kind = FORMAT_MAP, .items = &format_list};
static const struct format_field mount_fields[] = {
	{.name = "Src", .key = "Source"}, FIELD("Name", format_string), END};
static const struct format_type mount = OBJECT("mount", mount_fields);
static const struct format_type mounts = {.kind = FORMAT_LIST, .items = &mount};

static struct json_object *get_short(const struct format_row *row)
{
	struct json_object *obj = format_row_object(row);

	return json_object_new_string_len(json_get_string(obj, "Id"), 12);
}

static struct json_object *call_label(const struct format_row *row, const char *word)
{
	struct json_object *obj = format_row_object(row);

	return json_object_get(json_get(json_get(json_get(obj, "Config"), "Labels"), word));
}

static const struct format_field fields[] = {
	{.name = "ID", .type = &format_string, .get = get_short, .header = "CONTAINER ID"},
	{.name = "Label", .type = &format_string, .call = call_label},
	FIELD("Created", format_time),
	FIELD("State", state),
	FIELD("Config", config),
	FIELD("Ports", ports),
	FIELD("Mounts", mounts),
	FIELD("Evil", format_string_map),
	END,
};
const struct format_type sample_type = OBJECT("container", fields);

int run_template(const char *format, size_t count, struct strbuf *ret, struct error *err)
{
	AUTO(json_free) struct json_object *obj = NULL;
	const void *items[4];
	const struct format_rows rows = {
		.verb = "inspect",
		.type = &sample_type,
		.items = items,
		.count = count,
	};

	assert_int_equal(json_parse(sample_json, strlen(sample_json), &obj, err), 0);
	assert_true(count <= ARRAY_SIZE(items));
	for (size_t i = 0; i < count; i++)
		items[i] = obj;
	return format_rows_text(format, &rows, ret, err);
}
