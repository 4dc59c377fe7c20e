/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "common/out.h"
#include "container/log-record.h"
#include "sys/file.h"
#include "time-arg.h"
#include "verbs.h"

#define FLUSH_BYTES 65536
#define SHORT_ID_LEN 12

struct logs_options {
	bool color;
	bool follow;
	bool latest;
	bool names;
	bool timestamps;
	char *tail;
	char *since;
	char *until;
};

static const struct opt logs_opts[] = {
	OPT_BOOL(struct logs_options, color, "color", 0, "A colour for each container"),
	OPT_BOOL(struct logs_options, follow, "follow", 'f', "Go on until the containers end"),
	OPT_BOOL(struct logs_options, latest, "latest", 'l', "The newest container"),
	OPT_BOOL(struct logs_options, names, "names", 'n',
		"Mark lines of several containers with names, not ids"),
	OPT_STRING(struct logs_options, since, "since", 0, "TIME",
		"Not before this time: RFC 3339, seconds since 1970, or a span such as 10m"),
	OPT_STRING(struct logs_options, tail, "tail", 0, "N",
		"Only the last N lines of each container, or all"),
	OPT_BOOL(struct logs_options, timestamps, "timestamps", 't', "Put the time before lines"),
	OPT_STRING(struct logs_options, until, "until", 0, "TIME", "Not after this time"),
	OPT_END,
};

/* What is on its way to one of our streams. */
struct printer {
	const struct logs_options *options;
	bool several;
	struct strbuf out;
	int fd; /* where it goes to */
};

static int flush(struct printer *printer)
{
	int r = printer->out.len ? fd_write_all(printer->fd, printer->out.data, printer->out.len)
				 : 0;

	printer->out.len = 0;
	return r;
}

static void add_prefix(struct printer *printer, const struct engine_log_line *line)
{
	if (printer->several && printer->options->names)
		strbuf_addf(&printer->out, "%s ", line->name);
	else if (printer->several)
		strbuf_addf(&printer->out, "%.*s ", SHORT_ID_LEN, line->id);
	if (printer->options->timestamps) {
		char time[LOG_TIME_SIZE];

		log_record_time(LOG_FORMAT_JSON, line->time_ns, time);
		strbuf_addf(&printer->out, "%s ", time);
	}
}

static int print(void *data, const struct engine_log_line *line)
{
	/* Those of podman, which leave out what cannot be read on a light or dark ground. */
	static const int colors[] = {37, 31, 32, 33, 34, 35, 36};
	struct printer *printer = data;
	int fd = line && line->is_stderr ? STDERR_FILENO : STDOUT_FILENO;
	int r = 0;

	/* The order of lines on a terminal that both streams go to is that of the log. */
	if (!line || fd != printer->fd || printer->out.len >= FLUSH_BYTES)
		r = flush(printer);
	if (!line || r < 0)
		return r;
	printer->fd = fd;
	if (printer->options->color)
		strbuf_addf(&printer->out, "\033[%dm", colors[line->index % ARRAY_SIZE(colors)]);
	if (line->begins_line)
		add_prefix(printer, line);
	strbuf_add(&printer->out, line->text, line->len);
	if (printer->options->color)
		strbuf_adds(&printer->out, "\033[0m");
	if (line->ends_line)
		strbuf_addc(&printer->out, '\n');
	return 0;
}

static int parse_time(const char *flag, const char *text,
	int (*parse)(const char *, int64_t *, struct error *), int64_t *ret_ns, struct error *err)
{
	if (!text || parse(text, ret_ns, NULL) == 0)
		return 0;
	return error_set(
		err, EINVAL, "parsing %s \"%s\": unable to interpret time value", flag, text);
}

static int fill(const struct logs_options *options, struct engine_logs *logs, struct error *err)
{
	int64_t tail;
	int r = parse_time("--since", options->since, time_arg, &logs->since_ns, err);

	if (r == 0)
		r = parse_time("--until", options->until, time_arg_until, &logs->until_ns, err);
	if (r < 0)
		return r;
	logs->follow = options->follow;
	if (!options->tail || str_eq(options->tail, "all"))
		return 0;
	if (str_to_i64(options->tail, &tail) < 0)
		return error_set(
			err, EINVAL, "--tail: \"%s\" is not a number of lines", options->tail);
	logs->has_tail = tail >= 0;
	logs->tail = tail < 0 ? 0 : (uint64_t)tail;
	return 0;
}

static int check_args(const struct logs_options *options, char *const *args, struct error *err)
{
	if (args[0] && options->latest)
		return error_set(err, EINVAL, "--latest and containers cannot be used together");
	if (!args[0] && !options->latest)
		return error_set(err, EINVAL, "specify at least one container name or ID to log");
	return 0;
}

static int cmd_logs(struct cli *cli, void *data, char **args)
{
	const struct logs_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(strv_free) char **names = NULL;
	struct printer printer = {.options = options, .fd = STDOUT_FILENO};
	struct engine_logs logs = {.emit = print, .data = &printer};
	struct error err = {0};
	int r;

	if (check_args(options, args, &err) < 0 || fill(options, &logs, &err) < 0 ||
		cli_engine_open(cli, &engine, &err) < 0 ||
		cli_container_names(engine, args, false, options->latest, NULL, &names, &err) < 0)
		return out_failed(&err);
	logs.names = names;
	printer.several = strv_len(names) > 1;
	r = engine_logs(engine, &logs, &err);
	strbuf_release(&printer.out);
	/* The reader has seen enough. */
	if (r == -EPIPE)
		return 0;
	if (r < 0 && !err.code)
		error_sys(&err, -r, "write logs");
	return r < 0 ? out_failed(&err) : 0;
}

const struct command logs_command = {
	.name = "logs",
	.summary = "Print what containers wrote",
	.arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
	.opts = logs_opts,
	.options_size = sizeof(struct logs_options),
	.run = cmd_logs,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_CONTAINERS,
};
