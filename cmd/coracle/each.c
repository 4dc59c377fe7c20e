/* SPDX-License-Identifier: Apache-2.0 */
#include "each.h"

#include <errno.h>

#include "common/out.h"
#include "verbs.h"

const struct opt each_opts[] = {
	OPT_BOOL(
		struct each_selection, all, "all", 'a', "All containers that this makes sense for"),
	OPT_LIST(struct each_selection, cidfiles, "cidfile", 0, "FILE", "Read the id from a file",
		.complete = COMPLETE_FILES),
	OPT_BOOL(struct each_selection, latest, "latest", 'l', "The newest container"),
	OPT_END,
};

static int run_one(const struct each *each, struct engine *engine, const char *name)
{
	const struct each_selection *selection = each->selection;
	struct error err = {0};
	int r = each->run(engine, name, each->data, &err);

	/* With --all it was there a moment ago. */
	if (r == -ENOENT && (selection->ignore || selection->all))
		return 0;
	if (r < 0) {
		out_error(&err);
		return each->exit_code ? each->exit_code(r) : CLI_EXIT_ERROR;
	}
	if (r != EACH_SILENT)
		out_linef("%s", name);
	return 0;
}

/* Names beside --all are a mistake, and "rm -a web" a costly one. */
static const char *check(const struct each_selection *selection, char *const *args)
{
	int flags = selection->all + selection->latest + (selection->cidfiles != NULL);

	if (selection->all && selection->latest)
		return "--all and --latest cannot be used together";
	if (flags > 1)
		return "--all, --latest, and --cidfile cannot be used together";
	if (selection->all && args[0])
		return "no arguments are needed with --all";
	if (selection->latest && args[0])
		return "--latest and containers cannot be used together";
	return flags || args[0] ? NULL : "you must provide at least one name or id";
}

int each_container(struct cli *cli, const struct each *each, char **args)
{
	const struct each_selection *selection = each->selection;
	const char *mistake = check(selection, args);
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(strv_free) char **names = NULL;
	struct error err = {0};
	int code = 0;

	if (mistake) {
		out_errorf("%s", mistake);
		return CLI_EXIT_ERROR;
	}
	if (cli_engine_open(cli, &engine, &err) < 0 ||
		cli_container_names(engine, args, selection->all, selection->latest,
			selection->cidfiles, &names, &err) < 0)
		return out_failed(&err);
	for (size_t i = 0; names && names[i]; i++) {
		int failed = run_one(each, engine, names[i]);

		code = failed ? failed : code;
	}
	return code;
}
