/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "common/out.h"
#include "each.h"
#include "verbs.h"

struct wait_options {
	struct each_selection selection;
	char **conditions;
	char *interval;
	int64_t interval_ms;
};

static const struct opt wait_opts[] = {
	OPT_CSV(struct wait_options, conditions, "condition", 0, "STATE",
		"Wait for one of these states instead of the end"),
	OPT_BOOL(struct wait_options, selection.ignore, "ignore", 0,
		"Print -1 for those that do not exist"),
	OPT_STRING(struct wait_options, interval, "interval", 'i', "TIME",
		"How often to look: 500ms, 2s, or milliseconds (default 250ms)"),
	OPT_BOOL(struct wait_options, selection.latest, "latest", 'l', "The newest container"),
	OPT_END,
};

static int wait_one(struct engine *engine, const char *name, void *data, struct error *err)
{
	const struct wait_options *options = data;
	struct engine_wait wait = {
		.conditions = options->conditions, .interval_ms = options->interval_ms};
	int exit_code = -1;
	int r = engine_wait(engine, name, &wait, &exit_code, err);

	if (r < 0 && !(r == -ENOENT && options->selection.ignore))
		return r;
	out_linef("%d", exit_code);
	return EACH_SILENT;
}

/* podman takes a bare number for milliseconds. */
static int parse_interval(struct wait_options *options, struct error *err)
{
	uint64_t ms;
	int64_t span_ns;

	if (!options->interval)
		return 0;
	if (str_to_u64(options->interval, 10, &ms) == 0 && ms > 0 && ms <= INT32_MAX)
		options->interval_ms = (int64_t)ms;
	else if (str_to_duration(options->interval, &span_ns) == 0 && span_ns >= 1000000)
		options->interval_ms = span_ns / 1000000;
	else
		return error_set(
			err, EINVAL, "--interval %s: not a span of time", options->interval);
	return 0;
}

static int cmd_wait(struct cli *cli, void *data, char **args)
{
	struct wait_options *options = data;
	struct each each = {.selection = &options->selection, .run = wait_one, .data = options};
	struct error err = {0};

	if (!args[0] && !options->selection.latest) {
		out_errorf("\"coracle wait\" requires a name, id, or the \"--latest\" flag");
		return CLI_EXIT_ERROR;
	}
	if (parse_interval(options, &err) < 0)
		return out_failed(&err);
	return each_container(cli, &each, args);
}

const struct command wait_command = {
	.name = "wait",
	.summary = "Wait until containers end and print their exit codes",
	.arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
	.opts = wait_opts,
	.options_size = sizeof(struct wait_options),
	.run = cmd_wait,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_CONTAINERS,
};
