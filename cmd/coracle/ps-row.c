/* SPDX-License-Identifier: Apache-2.0 */
#include "ps-row.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/json.h"
#include "common/out.h"
#include "format/human.h"
#include "format/utf8.h"

#define COMMAND_WIDTH 17 /* characters */

char *ps_row_status(const struct engine_ps_row *row, int64_t now_ns)
{
	autofree char *ago = NULL;

	if (row->error)
		return xstrdup("Damaged");
	if (str_eq(row->state, "running")) {
		ago = human_span(row->started_ns ? now_ns - row->started_ns : 0);
		return str_is_empty(row->health) ? xasprintf("Up %s", ago)
						 : xasprintf("Up %s (%s)", ago, row->health);
	}
	if (str_eq(row->state, "exited")) {
		ago = human_ago(row->finished_ns, now_ns);
		return xasprintf("Exited (%d) %s", row->exit_code, ago);
	}
	if (str_eq(row->state, "restarting")) {
		ago = human_ago(row->finished_ns, now_ns);
		return xasprintf("Restarting (%d) %s", row->exit_code, ago);
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
	size_t cut;

	for (char *at = line; *at; at++) {
		if ((unsigned char)*at < ' ')
			*at = ' ';
	}
	cut = utf8_offset(line, strlen(line), COMMAND_WIDTH);
	if (full || !line[cut])
		return take_ptr(line);
	return xasprintf("%.*s...", (int)cut, line);
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

static void add_seconds(struct json_object *obj, const char *key, int64_t ns)
{
	/* Year 1, as Go's zero time has it in seconds. */
	int64_t seconds = ns ? ns / 1000000000 : -62135596800;

	json_object_object_add(obj, key, json_object_new_int64(seconds));
}

/* Empty unless they were asked for and it runs. */
static struct json_object *namespaces_json(const struct engine_ps_row *row)
{
	const struct engine_namespaces *ns = &row->namespaces;
	const struct {
		const char *key;
		uint64_t inode;
	} members[] = {{"Mnt", ns->mount}, {"Cgroup", ns->cgroup}, {"Ipc", ns->ipc},
		{"Net", ns->network}, {"Pidns", ns->pid}, {"Uts", ns->uts}, {"User", ns->user}};
	struct json_object *obj = json_object_new_object();

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		if (members[i].inode)
			json_object_object_add(obj, members[i].key,
				json_from_owned(xasprintf("%" PRIu64, members[i].inode)));
	}
	return obj;
}

static struct json_object *size_json(const struct engine_ps_row *row)
{
	struct json_object *obj;

	if (!row->has_sizes)
		return NULL;
	obj = json_object_new_object();
	json_add_int(obj, "rootFsSize", (int64_t)row->sizes.root_bytes);
	json_add_int(obj, "rwSize", (int64_t)row->sizes.own_bytes);
	return obj;
}

struct json_object *ps_row_json(const struct engine_ps_row *row, int64_t now_ns)
{
	struct json_object *obj = json_object_new_object();
	char *names[] = {row->name, NULL};

	json_object_object_add(obj, "AutoRemove", json_object_new_boolean(row->auto_remove));
	json_object_object_add(obj, "Command", json_from_strv(row->command));
	json_object_object_add(
		obj, "CreatedAt", json_from_owned(human_ago(row->created_ns, now_ns)));
	json_object_object_add(
		obj, "Exited", json_object_new_boolean(str_eq(row->state, "exited")));
	add_seconds(obj, "ExitedAt", row->finished_ns);
	json_object_object_add(obj, "ExitCode", json_object_new_int(row->exit_code));
	json_add_string(obj, "Id", row->id);
	json_add_string(obj, "Image", row->image);
	json_add_string(obj, "ImageID", row->image_id);
	json_object_object_add(obj, "IsInfra", json_object_new_boolean(false));
	json_object_object_add(obj, "Labels", json_from_strmap(&row->labels));
	json_object_object_add(obj, "Mounts", json_from_strv(row->mounts));
	json_object_object_add(obj, "Names", json_from_strv(names));
	json_object_object_add(obj, "Namespaces", namespaces_json(row));
	json_object_object_add(obj, "Networks", json_from_strv(row->networks));
	json_object_object_add(obj, "Pid", json_object_new_int64(row->pid));
	json_add_string(obj, "Pod", "");
	json_add_string(obj, "PodName", "");
	json_object_object_add(obj, "Ports", ports_json(row));
	json_object_object_add(obj, "Restarts", json_object_new_int64(row->restarts));
	json_object_object_add(obj, "Size", size_json(row));
	add_seconds(obj, "StartedAt", row->started_ns);
	json_add_string(obj, "State", row->error ? "unknown" : row->state);
	json_object_object_add(obj, "Status", json_from_owned(ps_row_status(row, now_ns)));
	add_seconds(obj, "Created", row->created_ns);
	if (row->error)
		json_add_string(obj, "Error", row->error);
	return obj;
}

/* ---- what templates see ---- */

static int64_t now_of(const struct format_row *row)
{
	const struct ps_row_context *context = row->context;

	return context->now_ns;
}

static bool is_full(const struct format_row *row)
{
	const struct ps_row_context *context = row->context;

	return context->full;
}

#define GETTER(function, expression) \
	static struct json_object *function(const struct format_row *row) \
	{ \
		const struct engine_ps_row *ctr = row->data; \
\
		return expression; \
	}

GETTER(get_json, ps_row_json(ctr, now_of(row)))
GETTER(get_id, json_from_owned(out_id(ctr->id, is_full(row))))
GETTER(get_image, json_from_text(ctr->image))
GETTER(get_image_id, json_from_owned(out_id(ctr->image_id, is_full(row))))
GETTER(get_command, json_from_owned(ps_row_command(ctr, is_full(row))))
GETTER(get_created, json_from_owned(time_format(ctr->created_ns)))
GETTER(get_created_human, json_from_owned(human_ago(ctr->created_ns, now_of(row))))
GETTER(get_names, json_from_text(ctr->name))
GETTER(get_ports, json_from_owned(ps_row_ports(ctr)))
GETTER(get_status, json_from_owned(ps_row_status(ctr, now_of(row))))
GETTER(get_state, json_from_text(ctr->error ? "unknown" : ctr->state))
GETTER(get_labels, json_from_strmap(&ctr->labels))
GETTER(get_mounts, json_from_strv(ctr->mounts))
GETTER(get_volumes, json_from_owned(strv_join(ctr->volumes, ",")))
GETTER(get_networks, json_from_owned(strv_join(ctr->networks, ",")))

static struct json_object *get_label(const struct format_row *row, const char *key)
{
	const struct engine_ps_row *ctr = row->data;

	return json_from_text(strmap_get(&ctr->labels, key));
}

/* "12B (virtual 1.98MB)"; without --size there is none, as in podman. */
static char *size_text(const struct engine_ps_row *row)
{
	autofree char *own = human_size(row->sizes.own_bytes, HUMAN_SIZE_CLOSE);
	autofree char *root = human_size(row->sizes.root_bytes, HUMAN_SIZE_CLOSE);

	return row->has_sizes ? xasprintf("%s (virtual %s)", own, root) : xstrdup("");
}

static char *inode_text(uint64_t inode)
{
	return inode ? xasprintf("%" PRIu64, inode) : xstrdup("");
}

GETTER(get_size, json_from_owned(size_text(ctr)))
GETTER(get_restarts, json_object_new_int64(ctr->restarts))
GETTER(get_namespaces, namespaces_json(ctr))
GETTER(get_cgroup_ns, json_from_owned(inode_text(ctr->namespaces.cgroup)))
GETTER(get_ipc_ns, json_from_owned(inode_text(ctr->namespaces.ipc)))
GETTER(get_mount_ns, json_from_owned(inode_text(ctr->namespaces.mount)))
GETTER(get_network_ns, json_from_owned(inode_text(ctr->namespaces.network)))
GETTER(get_pid_ns, json_from_owned(inode_text(ctr->namespaces.pid)))
GETTER(get_user_ns, json_from_owned(inode_text(ctr->namespaces.user)))
GETTER(get_uts_ns, json_from_owned(inode_text(ctr->namespaces.uts)))

#define GOT(field_name, field_type, function, ...) \
	{ \
		.name = (field_name), .type = &(field_type), .get = (function), __VA_ARGS__ \
	}
/* The member of the same name. */
#define MEMBER(field_name, field_type, ...) \
	{ \
		.name = (field_name), .type = &(field_type), __VA_ARGS__ \
	}

static const struct format_field namespace_fields[] = {
	MEMBER("Cgroup", format_string, .header = "CGROUPNS"),
	MEMBER("IPC", format_string, .key = "Ipc"),
	MEMBER("MNT", format_string, .key = "Mnt"),
	MEMBER("NET", format_string, .key = "Net"),
	MEMBER("PIDNS", format_string, .key = "Pidns"),
	MEMBER("User", format_string, .header = "USERNS"),
	MEMBER("UTS", format_string, .key = "Uts"),
	{.name = NULL},
};
static const struct format_type namespaces = {
	.kind = FORMAT_STRUCT, .name = "namespaces", .fields = namespace_fields};

static const struct format_field fields[] = {
	GOT("ID", format_string, get_id, .header = "CONTAINER ID"),
	GOT("Image", format_string, get_image),
	GOT("ImageID", format_string, get_image_id),
	GOT("Command", format_string, get_command),
	GOT("Created", format_time, get_created),
	GOT("CreatedAt", format_time, get_created),
	GOT("CreatedHuman", format_string, get_created_human, .header = "CREATED"),
	GOT("RunningFor", format_string, get_created_human),
	GOT("Names", format_string, get_names),
	GOT("Ports", format_string, get_ports),
	GOT("Status", format_string, get_status),
	GOT("State", format_string, get_state),
	GOT("Labels", format_string_map, get_labels),
	{.name = "Label", .type = &format_string, .call = get_label},
	GOT("Mounts", format_strings, get_mounts),
	GOT("LocalVolumes", format_string, get_volumes),
	GOT("Networks", format_string, get_networks),
	GOT("Size", format_string, get_size),
	MEMBER("AutoRemove", format_bool),
	MEMBER("Exited", format_bool),
	MEMBER("ExitedAt", format_int),
	MEMBER("ExitCode", format_int),
	MEMBER("IsInfra", format_bool),
	GOT("Namespaces", namespaces, get_namespaces),
	GOT("CGROUPNS", format_string, get_cgroup_ns),
	GOT("IPC", format_string, get_ipc_ns),
	GOT("MNT", format_string, get_mount_ns),
	GOT("NET", format_string, get_network_ns),
	GOT("PIDNS", format_string, get_pid_ns),
	GOT("USERNS", format_string, get_user_ns),
	GOT("UTS", format_string, get_uts_ns),
	MEMBER("Pid", format_int),
	MEMBER("Pod", format_string, .header = "POD ID"),
	MEMBER("PodName", format_string, .header = "PODNAME"),
	GOT("Restarts", format_int, get_restarts),
	MEMBER("StartedAt", format_int),
	{.name = NULL},
};

const struct format_type ps_row_type = {
	.kind = FORMAT_STRUCT,
	.name = "container",
	.fields = fields,
	.json = get_json,
};
