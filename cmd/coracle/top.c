/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "common/out.h"
#include "foreground.h"
#include "format/align.h"
#include "format/clean.h"
#include "verbs.h"

/* Command lines of a few thousand processes. */
#define MAX_TEXT (256 << 20)

struct top_options {
	bool latest;
};

static const struct opt top_opts[] = {
	OPT_BOOL(struct top_options, latest, "latest", 'l', "The newest container"),
	OPT_END,
};

/* "pid,user" "args" to descriptors; podman's default without any. */
static char **split_descriptors(char *const *args)
{
	static const char usual[] = "user,pid,ppid,pcpu,etime,tty,time,args";
	const char *const fallback[] = {usual, NULL};
	const char *const *texts = *args ? (const char *const *)args : fallback;
	char **list = NULL;

	for (size_t i = 0; texts[i]; i++) {
		AUTO(strv_free) char **words = strv_split(texts[i], ',');

		for (size_t j = 0; words && words[j]; j++) {
			if (*words[j])
				strv_add(&list, words[j]);
		}
	}
	return list;
}

static void add_row(struct strbuf *text, char *const *cells)
{
	for (size_t i = 0; cells[i]; i++) {
		if (i > 0)
			strbuf_adds(text, "\t");
		/* Processes write their command lines as they like, escape sequences too. */
		clean_add(text, cells[i], strlen(cells[i]), CLEAN_CELL);
	}
	strbuf_adds(text, "\n");
}

static int print(const struct engine_top *top, struct error *err)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	AUTO(strbuf_release) struct strbuf table = STRBUF_INIT;
	int r;

	add_row(&text, top->headers);
	for (size_t i = 0; i < top->count; i++)
		add_row(&text, top->rows[i]);
	r = align_add(&table, strbuf_get(&text), strlen(strbuf_get(&text)), MAX_TEXT, err);
	if (r == 0)
		out_text(strbuf_get(&table));
	return r;
}

/* As podman: what is no descriptor of ours may be an argument of the container's own ps. */
static int run_ps(struct engine *engine, const char *name, char *const *args)
{
	AUTO(engine_start_result_release) struct engine_start_result started = {.attach_fd = -1};
	AUTO(strv_free) char **command = NULL;
	struct foreground foreground = {0};
	struct engine_exec exec = {.name = name};
	struct error err = {0};
	int code;

	strv_add(&command, "ps");
	strv_add_all(&command, args);
	exec.command = command;
	if (engine_exec(engine, &exec, &started, &err) < 0)
		return out_failed(&err);
	code = foreground_run(&started, &foreground);
	if (code == 0)
		return 0;
	if (code == ENGINE_EXIT_NOT_FOUND || code == ENGINE_EXIT_NOT_INVOKED)
		fprintf(stderr, "See 'coracle top --help' for what needs no ps in the container\n");
	return CLI_EXIT_ERROR;
}

static int cmd_top(struct cli *cli, void *data, char **args)
{
	const struct top_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(engine_top_release) struct engine_top top = {0};
	AUTO(strv_free) char **names = NULL;
	AUTO(strv_free) char **descriptors = NULL;
	char *first[] = {NULL, NULL};
	struct error err = {0};
	int r;

	if (!options->latest && !args[0]) {
		out_errorf("you must provide the name or id of a running container");
		return CLI_EXIT_ERROR;
	}
	if (!options->latest)
		first[0] = *args++;
	if (cli_engine_open(cli, &engine, &err) < 0 ||
		cli_container_names(engine, first, false, options->latest, NULL, &names, &err) < 0)
		return out_failed(&err);
	descriptors = split_descriptors(args);
	r = engine_top(engine, names[0], descriptors, &top, &err);
	if (r == -ENOTSUP)
		return run_ps(engine, names[0], args);
	return r < 0 || print(&top, &err) < 0 ? out_failed(&err) : 0;
}

const struct command top_command = {
	.name = "top",
	.summary = "Show the processes of a container",
	.arguments = "[OPTIONS] CONTAINER [DESCRIPTOR...|ARG...]",
	.opts = top_opts,
	.options_size = sizeof(struct top_options),
	.run = cmd_top,
	.starts_processes = true,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_RUNNING,
	.parse_flags = OPT_STOP_AT_ARGUMENT,
};
