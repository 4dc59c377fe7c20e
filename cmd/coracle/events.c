/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/events.h"

#include <errno.h>
#include <inttypes.h>

#include "base/clock.h"
#include "base/json.h"
#include "common/out.h"
#include "format/clean.h"
#include "format/human.h"
#include "format/json-text.h"
#include "time-arg.h"
#include "verbs.h"

#define FLUSH_BYTES 65536

struct events_options {
	char **filters;
	char *format;
	bool no_trunc;
	bool stream;
	char *since;
	char *until;
};

static const struct opt events_opts[] = {
	OPT_LIST(struct events_options, filters, "filter", 'f', "KEY=VALUE",
		"Only those that match, such as event=died"),
	OPT_STRING(struct events_options, format, "format", 0, "FORMAT", "json, or a Go template"),
	OPT_BOOL(struct events_options, no_trunc, "no-trunc", 0, "Print whole ids (default true)"),
	OPT_STRING(struct events_options, since, "since", 0, "TIME",
		"Begin with the events of this time, or of this long ago"),
	OPT_BOOL(struct events_options, stream, "stream", 0,
		"Go on with what happens from now on (default true)"),
	OPT_STRING(struct events_options, until, "until", 0, "TIME",
		"End at this time, or in so long from now"),
	OPT_END,
};

static void init(void *data)
{
	struct events_options *options = data;

	options->no_trunc = true;
	options->stream = true;
}

static const struct format_field event_fields[] = {
	{.name = "Action", .type = &format_string, .key = "Status"},
	{.name = "Attributes", .type = &format_string_map},
	{.name = "ContainerExitCode", .type = &format_int},
	{.name = "HealthStatus", .type = &format_string, .key = "health_status"},
	{.name = "ID", .type = &format_string},
	{.name = "Image", .type = &format_string},
	{.name = "Name", .type = &format_string},
	{.name = "Network", .type = &format_string},
	{.name = "Status", .type = &format_string},
	{.name = "Time", .type = &format_time},
	{.name = "Type", .type = &format_string},
	{0},
};
static const struct format_type event_type = {
	.kind = FORMAT_STRUCT,
	.name = "*events.Event",
	.fields = event_fields,
};

static void add_text(struct json_object *obj, const char *key, const char *value)
{
	if (!str_is_empty(value))
		json_add_string(obj, key, value);
}

/* As podman has it: what is empty is left out. */
static struct json_object *event_json(const struct event_record *event)
{
	struct json_object *obj = json_object_new_object();

	if (event->exit_code)
		json_add_int(obj, "ContainerExitCode", event->exit_code);
	add_text(obj, "ID", event->id);
	add_text(obj, "Image", event->image);
	add_text(obj, "Name", event->name);
	add_text(obj, "Network", event->network);
	add_text(obj, "Status", event->status);
	json_object_object_add(obj, "Time", json_from_owned(time_format(event->time_ns)));
	add_text(obj, "Type", event->type);
	add_text(obj, "health_status", event->health_status);
	json_object_object_add(obj, "Attributes",
		event->has_attributes ? json_from_strmap(&event->attributes) : NULL);
	return obj;
}

/* What is on its way to standard output. */
struct printer {
	const struct events_options *options;
	struct strbuf out;
	struct error *err;
	bool has_heading; /* of a table */
};

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static void add_details(struct strbuf *line, const struct event_record *event)
{
	strbuf_addf(line, " (image=%s, name=%s", or_empty(event->image), or_empty(event->name));
	if (event->health_status)
		strbuf_addf(line, ", health_status=%s", event->health_status);
	for (size_t i = 0; i < event->attributes.count; i++)
		strbuf_addf(line, ", %s=%s", event->attributes.items[i].key,
			event->attributes.items[i].value);
	strbuf_addc(line, ')');
}

/* Names and labels are anybody's: they shall not look like a line of their own. */
static void add_line(struct printer *printer, const struct event_record *event)
{
	AUTO(strbuf_release) struct strbuf line = STRBUF_INIT;
	autofree char *when = time_format(event->time_ns);
	autofree char *time = human_time(when);
	autofree char *id = out_id(event->id, printer->options->no_trunc);

	strbuf_addf(&line, "%s %s %s", time, event->type, event->status);
	if (str_eq(event->type, "container") || str_eq(event->type, "pod")) {
		strbuf_addf(&line, " %s", id);
		add_details(&line, event);
	} else if (str_eq(event->type, "volume")) {
		strbuf_addf(&line, " %s", or_empty(event->name));
	} else if (!str_eq(event->type, "system")) {
		strbuf_addf(&line, " %s %s", id, or_empty(event->name));
	}
	clean_add(&printer->out, line.data, line.len, CLEAN_CELL);
	strbuf_addc(&printer->out, '\n');
}

static int add_template(
	struct printer *printer, const struct event_record *event, struct error *err)
{
	AUTO(json_free) struct json_object *obj = event_json(event);
	const void *items[] = {obj};
	struct format_rows rows = {
		.verb = "events",
		.type = &event_type,
		.items = items,
		.count = 1,
		.bytes = isatty(STDOUT_FILENO) ? FORMAT_BYTES_TERMINAL : FORMAT_BYTES_RAW,
		.no_heading = printer->has_heading,
	};
	int r = format_rows_text(printer->options->format, &rows, &printer->out, err);

	printer->has_heading = true;
	return r;
}

static int print(void *data, const struct event_record *event)
{
	struct printer *printer = data;
	const char *format = printer->options->format;
	int r = 0;

	if (event && !format) {
		add_line(printer, event);
	} else if (event && format_is_json(format)) {
		AUTO(json_free) struct json_object *obj = event_json(event);

		json_text_add(&printer->out, obj, &event_type, JSON_TEXT_COMPACT);
		strbuf_addc(&printer->out, '\n');
	} else if (event) {
		r = add_template(printer, event, printer->err);
	}
	if (printer->out.len && (!event || printer->out.len >= FLUSH_BYTES)) {
		out_text(printer->out.data);
		printer->out.len = 0;
	}
	return r;
}

static int fill(
	const struct events_options *options, struct engine_events *events, struct error *err)
{
	int r = 0;

	events->filters = options->filters;
	events->stream = options->stream;
	events->from_start = !options->stream || options->since || options->until;
	if (options->since) {
		events->has_since = true;
		r = time_arg(options->since, &events->since_ns, err);
	}
	if (r == 0 && options->until) {
		events->has_until = true;
		r = time_arg_until(options->until, &events->until_ns, err);
	}
	return r;
}

static int cmd_events(struct cli *cli, void *data, char **args)
{
	AUTO(engine_close) struct engine *engine = NULL;
	struct error err = {0};
	struct printer printer = {.options = data, .err = &err};
	struct engine_events events = {.emit = print, .data = &printer};
	int r;

	(void)args;
	if (fill(data, &events, &err) < 0 || cli_engine_open(cli, &engine, &err) < 0)
		return out_failed(&err);
	r = engine_events(engine, &events, &err);
	strbuf_release(&printer.out);
	return r < 0 ? out_failed(&err) : 0;
}

const struct command events_command = {
	.name = "events",
	.summary = "Print what happens to containers, images and volumes",
	.arguments = "[OPTIONS]",
	.opts = events_opts,
	.options_size = sizeof(struct events_options),
	.init = init,
	.run = cmd_events,
};
