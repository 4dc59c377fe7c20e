/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "common/out.h"
#include "ps-row.h"
#include "verbs.h"

struct port_options {
	bool all;
	bool latest;
};

static const struct opt port_opts[] = {
	OPT_BOOL(struct port_options, all, "all", 'a', "Every container that runs"),
	OPT_BOOL(struct port_options, latest, "latest", 'l', "The newest container"),
	OPT_END,
};

/* "80" and "80/tcp" mean the same. */
static bool is_wanted(const struct engine_port *port, const char *wanted)
{
	autofree char *text = xasprintf("%u/%s", port->container_port, port->protocol);
	autofree char *full =
		wanted && !strchr(wanted, '/') ? xasprintf("%s/tcp", wanted) : xstrdup(wanted);

	return !wanted || str_eq(text, full);
}

static void print_port(const struct engine_port *port, const char *id, const char *wanted)
{
	const char *ip = str_is_empty(port->host_ip) ? "0.0.0.0" : port->host_ip;
	bool is_v6 = strchr(ip, ':') != NULL;
	autofree char *host =
		xasprintf("%s%s%s:%u", is_v6 ? "[" : "", ip, is_v6 ? "]" : "", port->host_port);

	if (wanted)
		out_linef("%s", host);
	else
		out_linef("%s%s%u/%s -> %s", id ? id : "", id ? "\t" : "", port->container_port,
			port->protocol, host);
}

/* Of a container that does not run nothing is published. */
static int print_row(
	const struct engine_ps_row *row, bool with_id, const char *wanted, struct error *err)
{
	autofree char *id = with_id ? out_id(row->id, false) : NULL;
	size_t count = 0;

	if (!str_eq(row->state, "running") && !str_eq(row->state, "paused"))
		return 0;
	for (size_t i = 0; i < row->port_count; i++) {
		if (!is_wanted(&row->ports[i], wanted))
			continue;
		print_port(&row->ports[i], id, wanted);
		count++;
	}
	if (count == 0 && wanted)
		return error_set(err, ENOENT, "failed to find published port \"%s\"", wanted);
	return 0;
}

static int print_one(struct engine *engine, const char *name, const struct engine_ps *list,
	const char *wanted, struct error *err)
{
	autofree char *id = NULL;
	int r = engine_container_find(engine, name, &id, err);

	if (r == 0)
		return error_set(err, ENOENT,
			"no container with name or ID \"%s\" found: no such container", name);
	for (size_t i = 0; r == 1 && i < list->count; i++) {
		if (str_eq(list->rows[i].id, id))
			return print_row(&list->rows[i], false, wanted, err);
	}
	return r < 0 ? r : 0;
}

static int print_all(const struct engine_ps *list)
{
	for (size_t i = 0; i < list->count; i++)
		print_row(&list->rows[i], true, NULL, NULL);
	return 0;
}

static const char *check_args(const struct port_options *options, char *const *args)
{
	if (options->all && options->latest)
		return "--all and --latest cannot be used together";
	if (options->all && args[0])
		return "no arguments are needed with --all";
	if (!options->all && !options->latest && !args[0])
		return "you must supply a running container name or id";
	return options->latest && args[0] && args[1] ? "--latest takes only a port" : NULL;
}

static int cmd_port(struct cli *cli, void *data, char **args)
{
	const struct port_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(engine_ps_release) struct engine_ps list = {0};
	const char *mistake = check_args(options, args);
	struct error err = {0};
	int r = 0;

	if (mistake) {
		out_errorf("%s", mistake);
		return CLI_EXIT_ERROR;
	}
	if (cli_engine_open(cli, &engine, &err) < 0 || engine_ps(engine, &list, &err) < 0)
		return out_failed(&err);
	if (options->all)
		r = print_all(&list);
	else if (!options->latest)
		r = print_one(engine, args[0], &list, args[1], &err);
	else if (list.count > 0)
		r = print_row(&list.rows[0], false, args[0], &err);
	return r < 0 ? out_failed(&err) : 0;
}

const struct command port_command = {
	.name = "port",
	.summary = "Show where the ports of a container are published",
	.arguments = "[OPTIONS] CONTAINER [PORT[/PROTOCOL]]",
	.opts = port_opts,
	.options_size = sizeof(struct port_options),
	.run = cmd_port,
	.max_args = 2,
	.complete = COMPLETE_RUNNING,
};
