/* SPDX-License-Identifier: Apache-2.0 */
#include "common/command.h"

#include <errno.h>

#include "base/log.h"
#include "common/out.h"
#include "sys/process.h"
#include "sys/program-file.h"

const struct opt global_opts[] = {
	OPT_STRING(struct cli_globals, cgroup_manager, "cgroup-manager", 0, "NAME",
		"What makes the cgroups of containers", .values = "auto|systemd|cgroupfs"),
	OPT_STRING(struct cli_globals, events_backend, "events-backend", 0, "NAME",
		"Where it is noted what happens", .values = "file|none"),
	OPT_STRING(struct cli_globals, root, "root", 0, "DIR",
		"Where images, containers and volumes are kept", .complete = COMPLETE_DIRS),
	OPT_STRING(struct cli_globals, runroot, "runroot", 0, "DIR",
		"Where the state of running containers is kept", .complete = COMPLETE_DIRS),
	OPT_STRING(struct cli_globals, storage_driver, "storage-driver", 0, "DRIVER",
		"How root file systems are put together", .values = "overlay|fuse-overlayfs|copy"),
	OPT_STRING(struct cli_globals, log_level, "log-level", 0, "LEVEL",
		"Messages on standard error",
		.values = "trace|debug|info|warn|warning|error|fatal|panic"),
	OPT_BOOL(struct cli_globals, version, "version", 'v', "Print the version"),
	OPT_END,
};

/* A command line that is being walked: the command so far and the words that led to it. */
struct walk {
	const struct command *command;
	int (*run)(struct cli *cli, void *options, char **args);
	char *path; /* "coracle image rm" */
	char **rest;
};

const struct command_entry *command_find(const struct command *command, const char *name)
{
	for (const struct command_entry *entry = command->children; entry && entry->name; entry++) {
		if (str_eq(entry->name, name))
			return entry;
	}
	return NULL;
}

static int usage_error(const struct error *err, const char *path)
{
	out_errorf("%s\nSee '%s --help'", error_text(err), path);
	return CLI_EXIT_ERROR;
}

static int print_help(const struct walk *walk)
{
	autofree char *text = command_help(walk->command, walk->path);

	out_text(text);
	return 0;
}

/* Descends one level by walk->rest[0]: 1 done, 0 stay. */
static int walk_down(struct walk *walk)
{
	const struct command_entry *entry;
	char *longer;

	if (!walk->command->children || !walk->rest[0])
		return 0;
	entry = command_find(walk->command, walk->rest[0]);
	if (!entry)
		return -ENOENT;
	longer = xasprintf("%s %s", walk->path, walk->rest[0]);
	free(walk->path);
	walk->path = longer;
	walk->command = entry->command;
	walk->run = entry->run ? entry->run : entry->command->run;
	walk->rest++;
	return 1;
}

static int exec_program(const char *program, char **argv)
{
	autofree char *path = libexec_path(program);

	execv(path, argv);
	out_errorf("%s: %s", path, strerror(errno));
	return CLI_EXIT_ERROR;
}

static int check_count(
	const struct command *command, const char *path, size_t count, struct error *err)
{
	if (count != command->min_args && command->min_args == command->max_args &&
		command->max_args > 0)
		return error_set(
			err, EINVAL, "accepts %zu arg(s), received %zu", command->min_args, count);
	if ((count < command->min_args || count > command->max_args) && command->min_args > 0 &&
		command->max_args != CLI_ANY_NUMBER)
		return error_set(err, EINVAL, "accepts between %zu and %zu arg(s), received %zu",
			command->min_args, command->max_args, count);
	if (count < command->min_args)
		return error_set(err, EINVAL, "requires at least %zu arg(s), only received %zu",
			command->min_args, count);
	if (count > command->max_args && command->max_args == 0)
		return error_set(err, EINVAL, "`%s` takes no arguments", path);
	if (count > command->max_args)
		return error_set(err, EINVAL, "accepts at most %zu arg(s), received %zu",
			command->max_args, count);
	return 0;
}

static int run_command(struct walk *walk, struct cli *cli, void *options)
{
	const struct command *command = walk->command;
	struct error err = {0};
	size_t count = 0;
	int r = opt_parse(command->opts, walk->rest, command->parse_flags, options, &count, &err);

	if (r == OPT_HELP)
		return print_help(walk);
	if (r < 0)
		return usage_error(&err, walk->path);
	if (check_count(command, walk->path, count, &err) < 0)
		return out_failed(&err);
	return walk->run(cli, options, walk->rest);
}

/* The words end at a group of commands, such as "coracle image". */
static int run_no_command(const struct walk *walk)
{
	const char *word = walk->rest[0];
	struct error err = {0};

	if (!word) {
		print_help(walk);
		out_errorf("missing command '%s COMMAND'", walk->path);
		return CLI_EXIT_ERROR;
	}
	if (str_eq(word, "--help") || str_eq(word, "-h"))
		return print_help(walk);
	if (word[0] == '-') {
		error_set(&err, EINVAL, "unknown flag: %s", word);
		return usage_error(&err, walk->path);
	}
	out_errorf("unrecognized command `%s %s`\nTry '%s --help' for more information", walk->path,
		word, walk->path);
	return CLI_EXIT_ERROR;
}

static void protect_program(const struct cli *cli)
{
	struct error err = {0};

	if (program_file_protect(cli->argv, &err) < 0)
		log_warn("%s: a container could write to this program's file; a file of root's "
			 "is safe",
			error_text(&err));
}

static int run_walk(struct walk *walk, struct cli *cli)
{
	const struct command *command = walk->command;
	void *options;
	int r;

	if (!walk->run && command->program)
		return exec_program(command->program, cli->argv);
	if (!walk->run)
		return run_no_command(walk);
	if (command->starts_processes)
		protect_program(cli);
	options = xcalloc(1, command->options_size + 1);
	if (command->init)
		command->init(options);
	r = run_command(walk, cli, options);
	opt_release(command->opts, options);
	free(options);
	return r;
}

static int apply_log_level(const struct cli_globals *globals)
{
	enum log_level level;

	if (globals->log_level && log_level_parse(globals->log_level, &level) == 0)
		log_set_level(level);
	return 0;
}

/* Options before the verb; the verb and what follows stay in walk->rest. */
static int parse_globals(struct walk *walk, struct cli *cli)
{
	struct error err = {0};
	size_t count = 0;
	int r = opt_parse(
		global_opts, walk->rest, OPT_STOP_AT_ARGUMENT, &cli->globals, &count, &err);

	if (r < 0)
		return usage_error(&err, walk->path);
	if (r == OPT_HELP) {
		print_help(walk);
		return 1;
	}
	apply_log_level(&cli->globals);
	return 0;
}

int command_main(const struct command *root, char **argv)
{
	AUTO(strv_free) char **words = strv_dup(argv);
	/* Parsing moves pointers in the list; the words themselves stay owned by @words. */
	autofree char **list = xmemdup(words, (strv_len(words) + 1) * sizeof(*words));
	struct walk walk = {.command = root, .run = root->run, .path = xstrdup(root->name)};
	struct cli cli = {.argv = argv};
	int r;

	walk.rest = list[0] ? list + 1 : list;
	r = parse_globals(&walk, &cli);
	if (r == 0 && cli.globals.version) {
		out_linef("%s version %s", root->name, CORACLE_VERSION);
	} else if (r == 0) {
		while (walk_down(&walk) > 0)
			;
		r = run_walk(&walk, &cli);
	} else if (r == 1) {
		r = 0;
	}
	free(walk.path);
	opt_release(global_opts, &cli.globals);
	return r;
}
