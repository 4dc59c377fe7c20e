/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "common/out.h"
#include "confirm.h"
#include "time-arg.h"
#include "verbs.h"

struct prune_options {
	bool force;
	char **filters;
};

static const struct opt prune_opts[] = {
	OPT_LIST(struct prune_options, filters, "filter", 0, "KEY=VALUE",
		"Only these: until=TIME, label=KEY[=VALUE]"),
	OPT_BOOL(struct prune_options, force, "force", 'f', "Do not ask"),
	OPT_END,
};

/* What the filters say: the newest moment, and the labels. */
static int read_filters(
	char *const *filters, int64_t *ret_until_ns, char ***ret_labels, struct error *err)
{
	for (size_t i = 0; filters && filters[i]; i++) {
		const char *until = str_after(filters[i], "until=");
		const char *label = str_after(filters[i], "label=");
		int r = 0;

		if (label)
			strv_add(ret_labels, label);
		else if (until)
			r = time_arg(until, ret_until_ns, err);
		else
			r = error_set(err, EINVAL, "%.*s is an invalid filter",
				(int)strcspn(filters[i], "="), filters[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int cmd_prune(struct cli *cli, void *data, char **args)
{
	const struct prune_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(strv_free) char **labels = NULL, **ids = NULL;
	struct error err = {0};
	int64_t until_ns = 0;

	(void)args;
	if (read_filters(options->filters, &until_ns, &labels, &err) < 0)
		return out_failed(&err);
	if (!options->force && !confirm("This removes all containers that do not run. Go on?"))
		return 0;
	if (cli_engine_open(cli, &engine, &err) < 0 ||
		engine_prune(engine, until_ns, labels, &ids, &err) < 0)
		return out_failed(&err);
	for (size_t i = 0; ids && ids[i]; i++)
		out_linef("%s", ids[i]);
	return 0;
}

const struct command container_prune_command = {
	.name = "prune",
	.summary = "Remove containers that do not run",
	.opts = prune_opts,
	.options_size = sizeof(struct prune_options),
	.run = cmd_prune,
};
