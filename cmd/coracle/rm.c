/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "common/out.h"
#include "each.h"
#include "verbs.h"

#define EXIT_NO_CONTAINER 1
#define EXIT_IN_USE 2

struct rm_options {
	struct each_selection selection;
	bool force;
	bool volumes;
	bool depend;
	bool has_time;
	int64_t time_s;
};

static const struct opt rm_opts[] = {
	OPT_GROUP(struct rm_options, selection, each_opts),
	OPT_CSV(struct rm_options, selection.filters, "filter", 0, "KEY=VALUE",
		"Those that match, in any state; see ps"),
	OPT_BOOL(struct rm_options, depend, "depend", 0, "Those that use its network first"),
	OPT_BOOL(struct rm_options, force, "force", 'f', "Stop containers that run; as --ignore"),
	OPT_BOOL(struct rm_options, selection.ignore, "ignore", 'i',
		"No error for those that do not exist"),
	OPT_I64(struct rm_options, time_s, "time", 't', "SECONDS",
		"With --force, patience before SIGKILL (default 10)",
		.has_offset = offsetof(struct rm_options, has_time)),
	OPT_BOOL(struct rm_options, volumes, "volumes", 'v', "Remove its anonymous volumes too"),
	OPT_END,
};

static int remove_one(struct engine *engine, const char *name, void *data, struct error *err)
{
	const struct rm_options *options = data;
	struct engine_rm rm = {
		.name = name,
		.force = options->force,
		.volumes = options->volumes,
		.depend = options->selection.all,
		.has_timeout = options->has_time,
		.timeout_s = options->time_s,
	};
	autofree char *id = NULL;

	return engine_rm(engine, &rm, &id, err);
}

/* --depend: ids of all that go, not names, as podman prints them. */
static int remove_with_dependents(
	struct engine *engine, const char *name, void *data, struct error *err)
{
	AUTO(strv_free) char **ids = NULL;
	autofree char *id = NULL;
	int r = engine_dependents(engine, name, &ids, err);

	if (r == 0)
		r = engine_container_find(engine, name, &id, err);
	if (r == 1)
		strv_add(&ids, id);
	for (size_t i = 0; r >= 0 && ids && ids[i]; i++) {
		r = remove_one(engine, ids[i], data, err);
		if (r == 0)
			out_linef("%s", ids[i]);
	}
	return r < 0 ? r : EACH_SILENT;
}

static int exit_code(int r)
{
	if (r == -ENOENT)
		return EXIT_NO_CONTAINER;
	return r == -EBUSY ? EXIT_IN_USE : CLI_EXIT_ERROR;
}

static int cmd_rm(struct cli *cli, void *data, char **args)
{
	struct rm_options *options = data;
	struct each each = {.selection = &options->selection,
		.run = options->depend ? remove_with_dependents : remove_one,
		.data = options,
		.exit_code = exit_code};

	if (options->has_time && !options->force) {
		out_errorf("--force option must be specified to use the --time option");
		return CLI_EXIT_ERROR;
	}
	options->selection.ignore |= options->force;
	return each_container(cli, &each, args);
}

const struct command rm_command = {
	.name = "rm",
	.summary = "Remove containers",
	.arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
	.opts = rm_opts,
	.options_size = sizeof(struct rm_options),
	.run = cmd_rm,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_CONTAINERS,
};
