/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_COMMAND_H
#define COMMON_COMMAND_H

#include "common/opt.h"

/* What stands before the verb. */
struct cli_globals {
	char *root;
	char *runroot;
	char *storage_driver;
	char *cgroup_manager;
	char *events_backend;
	char *log_level;
	bool version;
};
extern const struct opt global_opts[];

/* What a verb gets besides its options. */
struct cli {
	struct cli_globals globals;
	char **argv; /* the whole command line, for inspect; borrowed */
};

/* --events-backend none */
static inline bool cli_no_events(const struct cli *cli)
{
	return str_eq(cli->globals.events_backend, "none");
}

/* Exit code of every failure that has no other. */
#define CLI_EXIT_ERROR 125
#define CLI_ANY_NUMBER SIZE_MAX

/*
 * struct command - a verb.
 * @run gets its options struct and arguments and returns the exit code; it prints its own errors
 * with out_error(). Options and arguments belong to the caller.
 */
struct command {
	const char *name;
	const char *summary;         /* one line, as in the list of commands */
	const char *arguments;       /* "[OPTIONS] IMAGE [COMMAND [ARG...]]" */
	const struct opt *opts;      /* NULL: none */
	size_t options_size;         /* of the options struct; 0: none */
	void (*init)(void *options); /* sets defaults in zeroed memory; NULL: zero is right */
	int (*run)(struct cli *cli, void *options, char **args);
	size_t min_args;
	size_t max_args;                      /* CLI_ANY_NUMBER */
	enum opt_complete complete;           /* what the arguments are */
	unsigned parse_flags;                 /* enum opt_flags */
	bool starts_processes;                /* in containers: our file has to be safe from them */
	const char *program;                  /* carried out by this libexec program */
	const struct command_entry *children; /* verbs below it; ends with a NULL name */
};

/* A row of a command table: one command may stand in several, under several names. */
struct command_entry {
	const char *name; /* NULL ends the table */
	const struct command *command;
	bool hidden; /* an alias: not in the list of commands */
	int (*run)(struct cli *cli, void *options, char **args); /* overrides the command's */
};

/*
 * command_main - parse a command line and carry it out.
 * @root:   the table of verbs is @root->children
 *
 * Prints help and errors. Returns the exit code; does not return where the verb is in another
 * program, which gets the same command line.
 */
int command_main(const struct command *root, char **argv);

/* The row of @name in @command's table, or NULL. */
const struct command_entry *command_find(const struct command *command, const char *name);

/* Text of --help; @path: "coracle image rm". Owned by the caller. */
char *command_help(const struct command *command, const char *path);

/* Every option of every command, one per line: "coracle run --name", for tests/lint. */
void command_dump_options(const struct command *command, const char *path, struct strbuf *ret);

#endif
