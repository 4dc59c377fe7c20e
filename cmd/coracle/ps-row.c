/* SPDX-License-Identifier: Apache-2.0 */
#include "ps-row.h"

#include "base/clock.h"
#include "base/json.h"
#include "common/out.h"

#define COMMAND_WIDTH 17

char *ps_row_status(const struct engine_ps_row *row, int64_t now_ns)
{
	autofree char *ago = NULL;

	if (row->error)
		return xstrdup("Damaged");
	if (str_eq(row->state, "running")) {
		ago = time_human_span(row->started_ns ? now_ns - row->started_ns : 0);
		return xasprintf("Up %s", ago);
	}
	if (str_eq(row->state, "exited")) {
		ago = out_ago(row->finished_ns, now_ns);
		return xasprintf("Exited (%d) %s", row->exit_code, ago);
	}
	if (str_is_empty(row->state))
		return xstrdup("Unknown");
	return xasprintf("%c%s", row->state[0] - 'a' + 'A', row->state + 1);
}

/* How many ports from @at on are one range. */
static size_t range_len(const struct engine_ps_row *row, size_t at)
{
	const struct engine_port *first = &row->ports[at];
	size_t len = 1;

	while (at + len < row->port_count) {
		const struct engine_port *next = &row->ports[at + len];

		if (!str_eq(next->host_ip, first->host_ip) ||
			!str_eq(next->protocol, first->protocol) ||
			next->host_port != first->host_port + len ||
			next->container_port != first->container_port + len)
			break;
		len++;
	}
	return len;
}

static void add_port(struct strbuf *text, const struct engine_port *port, size_t len)
{
	const char *ip = str_is_empty(port->host_ip) ? "0.0.0.0" : port->host_ip;
	bool v6 = strchr(ip, ':') != NULL;

	strbuf_addf(text, "%s%s%s:%u", v6 ? "[" : "", ip, v6 ? "]" : "", port->host_port);
	if (len > 1)
		strbuf_addf(text, "-%u", (unsigned)(port->host_port + len - 1));
	strbuf_addf(text, "->%u", port->container_port);
	if (len > 1)
		strbuf_addf(text, "-%u", (unsigned)(port->container_port + len - 1));
	strbuf_addf(text, "/%s", port->protocol);
}

char *ps_row_ports(const struct engine_ps_row *row)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	size_t len;

	for (size_t i = 0; i < row->port_count; i += len) {
		len = range_len(row, i);
		if (i > 0)
			strbuf_adds(&text, ", ");
		add_port(&text, &row->ports[i], len);
	}
	return strbuf_take(&text);
}

char *ps_row_command(const struct engine_ps_row *row, bool full)
{
	autofree char *line = strv_join(row->command, " ");

	for (char *at = line; *at; at++) {
		if ((unsigned char)*at < ' ')
			*at = ' ';
	}
	if (full || strlen(line) <= COMMAND_WIDTH)
		return take_ptr(line);
	return xasprintf("%.*s...", COMMAND_WIDTH, line);
}

static struct json_object *strings_json(char *const *list)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; list && list[i]; i++)
		json_object_array_add(array, json_object_new_string(list[i]));
	return array;
}

static struct json_object *map_json(const struct strmap *map)
{
	struct json_object *obj = json_object_new_object();

	for (size_t i = 0; i < map->count; i++)
		json_object_object_add(
			obj, map->items[i].key, json_object_new_string(map->items[i].value));
	return obj;
}

static struct json_object *ports_json(const struct engine_ps_row *row)
{
	struct json_object *array = json_object_new_array();
	size_t len;

	for (size_t i = 0; i < row->port_count; i += len) {
		const struct engine_port *port = &row->ports[i];
		struct json_object *obj = json_object_new_object();

		len = range_len(row, i);
		json_object_object_add(
			obj, "host_ip", json_object_new_string(port->host_ip ? port->host_ip : ""));
		json_object_object_add(
			obj, "container_port", json_object_new_int(port->container_port));
		json_object_object_add(obj, "host_port", json_object_new_int(port->host_port));
		json_object_object_add(obj, "range", json_object_new_int64((int64_t)len));
		json_object_object_add(obj, "protocol", json_object_new_string(port->protocol));
		json_object_array_add(array, obj);
	}
	return array;
}

static void add_text(struct json_object *obj, const char *key, const char *text)
{
	json_object_object_add(obj, key, json_object_new_string(text ? text : ""));
}

static void add_owned(struct json_object *obj, const char *key, char *text)
{
	add_text(obj, key, text);
	free(text);
}

static void add_seconds(struct json_object *obj, const char *key, int64_t ns)
{
	/* Year 1, as Go's zero time has it in seconds. */
	int64_t seconds = ns ? ns / 1000000000 : -62135596800;

	json_object_object_add(obj, key, json_object_new_int64(seconds));
}

struct json_object *ps_row_json(const struct engine_ps_row *row, int64_t now_ns)
{
	struct json_object *obj = json_object_new_object();
	char *names[] = {row->name, NULL};

	json_object_object_add(obj, "AutoRemove", json_object_new_boolean(row->auto_remove));
	json_object_object_add(obj, "Command", strings_json(row->command));
	add_owned(obj, "CreatedAt", out_ago(row->created_ns, now_ns));
	json_object_object_add(
		obj, "Exited", json_object_new_boolean(str_eq(row->state, "exited")));
	add_seconds(obj, "ExitedAt", row->finished_ns);
	json_object_object_add(obj, "ExitCode", json_object_new_int(row->exit_code));
	add_text(obj, "Id", row->id);
	add_text(obj, "Image", row->image);
	add_text(obj, "ImageID", row->image_id);
	json_object_object_add(obj, "IsInfra", json_object_new_boolean(false));
	json_object_object_add(obj, "Labels", map_json(&row->labels));
	json_object_object_add(obj, "Mounts", strings_json(row->mounts));
	json_object_object_add(obj, "Names", strings_json(names));
	json_object_object_add(obj, "Namespaces", json_object_new_object());
	json_object_object_add(obj, "Networks", strings_json(row->networks));
	json_object_object_add(obj, "Pid", json_object_new_int64(row->pid));
	add_text(obj, "Pod", "");
	add_text(obj, "PodName", "");
	json_object_object_add(obj, "Ports", ports_json(row));
	json_object_object_add(obj, "Restarts", json_object_new_int(0));
	json_object_object_add(obj, "Size", NULL);
	add_seconds(obj, "StartedAt", row->started_ns);
	add_text(obj, "State", row->error ? "unknown" : row->state);
	add_owned(obj, "Status", ps_row_status(row, now_ns));
	add_seconds(obj, "Created", row->created_ns);
	if (row->error)
		add_text(obj, "Error", row->error);
	return obj;
}

struct json_object *ps_row_fields(const struct engine_ps_row *row, int64_t now_ns, bool full)
{
	struct json_object *obj = ps_row_json(row, now_ns);

	add_owned(obj, "ID", out_id(row->id, full));
	add_owned(obj, "ImageID", out_id(row->image_id, full));
	add_owned(obj, "Command", ps_row_command(row, full));
	add_owned(obj, "CreatedAt", time_format(row->created_ns));
	add_owned(obj, "Created", out_ago(row->created_ns, now_ns));
	add_owned(obj, "CreatedHuman", out_ago(row->created_ns, now_ns));
	add_owned(obj, "RunningFor", out_ago(row->created_ns, now_ns));
	add_owned(obj, "ExitedAt", time_format(row->finished_ns));
	add_owned(obj, "StartedAt", time_format(row->started_ns));
	add_text(obj, "Names", row->name);
	add_owned(obj, "Ports", ps_row_ports(row));
	add_owned(obj, "Mounts", strv_join(row->mounts, ","));
	add_owned(obj, "LocalVolumes", strv_join(row->volumes, ","));
	add_owned(obj, "Networks", strv_join(row->networks, ","));
	return obj;
}
