/* SPDX-License-Identifier: Apache-2.0 */
#include "each.h"

#include <errno.h>

#include "common/out.h"
#include "ps-filter.h"
#include "verbs.h"

const struct opt each_opts[] = {
	OPT_BOOL(
		struct each_selection, all, "all", 'a', "All containers that this makes sense for"),
	OPT_LIST(struct each_selection, cidfiles, "cidfile", 0, "FILE", "Read the id from a file",
		.complete = COMPLETE_FILES),
	OPT_BOOL(struct each_selection, latest, "latest", 'l', "The newest container"),
	OPT_END,
};

const struct opt each_filter_opts[] = {
	OPT_CSV(struct each_selection, filters, "filter", 'f', "KEY=VALUE",
		"Those that match, in any state; see ps"),
	OPT_END,
};

int each_check(const struct each_selection *selection, char *const *args, struct error *err)
{
	const struct {
		bool is_wrong;
		const char *message;
	} rules[] = {
		{selection->all && selection->latest && !selection->cidfiles,
			"--all and --latest cannot be used together"},
		{selection->cidfiles && (selection->all || selection->latest),
			"--all, --latest, and --cidfile cannot be used together"},
		{selection->all && args[0], "no arguments are needed with --all"},
		{selection->latest && args[0], "--latest and containers cannot be used together"},
		{selection->filters && args[0], "--filter takes no arguments"},
		{selection->filters && (selection->latest || selection->cidfiles),
			"--filter cannot be used with --latest or --cidfile"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		if (rules[i].is_wrong)
			return error_set(err, EINVAL, "%s", rules[i].message);
	}
	if (args[0] || selection->all || selection->latest || selection->cidfiles ||
		selection->filters)
		return 0;
	return error_set(err, EINVAL, "you must provide at least one name or id");
}

static int filtered_names(
	struct engine *engine, char *const *filters, char ***ret, struct error *err)
{
	AUTO(engine_ps_release) struct engine_ps list = {0};
	AUTO(ps_filter_free) struct ps_filter *filter = NULL;
	int r = engine_ps(engine, &list, err);

	if (r == 0)
		r = ps_filter_new(filters, &list, &filter, err);
	for (size_t i = 0; r == 0 && i < list.count; i++) {
		if (ps_filter_matches(filter, &list.rows[i]))
			strv_add(ret, list.rows[i].id);
	}
	return r;
}

static void reverse(char **list)
{
	size_t count = strv_len(list);

	for (size_t i = 0; list && i < count / 2; i++) {
		char *other = list[count - 1 - i];

		list[count - 1 - i] = list[i];
		list[i] = other;
	}
}

int each_names(struct engine *engine, const struct each_selection *selection, char *const *args,
	char ***ret, struct error *err)
{
	int r;

	if (selection->filters)
		r = filtered_names(engine, selection->filters, ret, err);
	else
		r = cli_container_names(engine, args, selection->all, selection->latest,
			selection->cidfiles, ret, err);
	if (r == 0 && selection->oldest_first && (selection->all || selection->filters))
		reverse(*ret);
	return r;
}

static int run_one(const struct each *each, struct engine *engine, const char *name)
{
	const struct each_selection *selection = each->selection;
	struct error err = {0};
	int r = each->run(engine, name, each->data, &err);

	/* With --all and --filter it was there a moment ago. */
	if (r == -ENOENT && (selection->ignore || selection->all || selection->filters))
		return 0;
	if (r < 0) {
		out_error(&err);
		return each->exit_code ? each->exit_code(r) : CLI_EXIT_ERROR;
	}
	if (r != EACH_SILENT)
		out_linef("%s", name);
	return 0;
}

int each_container(struct cli *cli, const struct each *each, char **args)
{
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(strv_free) char **names = NULL;
	struct error err = {0};
	int code = 0;

	if (each_check(each->selection, args, &err) < 0 ||
		cli_engine_open(cli, &engine, &err) < 0 ||
		each_names(engine, each->selection, args, &names, &err) < 0)
		return out_failed(&err);
	for (size_t i = 0; names && names[i]; i++) {
		int failed = run_one(each, engine, names[i]);

		code = failed ? failed : code;
	}
	return code;
}
