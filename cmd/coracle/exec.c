/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

#include "common/out.h"
#include "container/attach.h"
#include "foreground.h"
#include "run-options.h"
#include "verbs.h"

struct exec_options {
	bool detach;
	bool interactive;
	bool latest;
	bool privileged;
	bool tty;
	char *cidfile;
	char *detach_keys;
	char **env;
	char **env_files;
	char *user;
	char *workdir;
	int64_t preserve_fds;
};

#define E struct exec_options
static const struct opt exec_opts[] = {
	OPT_STRING(E, cidfile, "cidfile", 0, "FILE", "Read the container's id from a file",
		.complete = COMPLETE_FILES),
	OPT_BOOL(E, detach, "detach", 'd', "Leave it running and print the session's id"),
	OPT_STRING(E, detach_keys, "detach-keys", 0, "KEYS",
		"Keys that leave the process running (default ctrl-p,ctrl-q)"),
	OPT_LIST(E, env, "env", 'e', "NAME[=VALUE]", "Set a variable, or pass ours on"),
	OPT_LIST(E, env_files, "env-file", 0, "FILE", "Read variables from a file",
		.complete = COMPLETE_FILES),
	OPT_BOOL(E, interactive, "interactive", 'i', "Pass standard input on"),
	OPT_BOOL(E, latest, "latest", 'l', "The newest container"),
	OPT_I64(E, preserve_fds, "preserve-fds", 0, "N", "Hand on N descriptors from 3 on"),
	OPT_BOOL(E, privileged, "privileged", 0, "All capabilities inside the container"),
	OPT_BOOL(E, tty, "tty", 't', "Give it a terminal"),
	OPT_STRING(E, user, "user", 'u', "USER[:GROUP]", "User to run as"),
	OPT_STRING(E, workdir, "workdir", 'w', "DIR", "Working directory"),
	OPT_END,
};
#undef E

/* Before anything of ours is opened, so that what is there was handed to us. */
static int check_preserved(int64_t count, struct error *err)
{
	if (count < 0 || count > ENGINE_MAX_PRESERVED_FDS)
		return error_set(err, EINVAL, "--preserve-fds: not a number from 0 to %d",
			ENGINE_MAX_PRESERVED_FDS);
	for (int fd = 3; fd < 3 + count; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			return error_set(err, EBADF,
				"file descriptor %d is not available - the preserve-fds option "
				"requires that file descriptors must be passed",
				fd);
	}
	return 0;
}

static int check(const struct exec_options *options, char **args, struct error *err)
{
	struct detach_keys keys;

	if (options->latest && options->cidfile)
		return error_set(err, EINVAL, "--latest and --cidfile cannot be used together");
	if (!options->latest && !options->cidfile && !args[0])
		return error_set(err, EINVAL,
			"exec requires the name or ID of a container or the --latest flag");
	if (options->detach_keys && detach_keys_parse(options->detach_keys, &keys, err) < 0)
		return -EINVAL;
	return check_preserved(options->preserve_fds, err);
}

/* The container's name comes first unless an option tells it; the rest is the command. */
static int find_target(struct engine *engine, const struct exec_options *options, char ***args,
	char ***ret_names, struct error *err)
{
	char *cidfiles[] = {options->cidfile, NULL};
	char *first[] = {NULL, NULL};

	if (!options->latest && !options->cidfile)
		first[0] = *(*args)++;
	return cli_container_names(engine, first, false, options->latest, cidfiles, ret_names, err);
}

static void find_window(struct engine_exec *exec)
{
	struct winsize size;

	for (int fd = 0; exec->tty && fd <= 2 && !exec->has_window; fd++) {
		if (ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_row == 0)
			continue;
		exec->has_window = true;
		exec->window_rows = size.ws_row;
		exec->window_columns = size.ws_col;
	}
}

static int start(struct engine *engine, const struct exec_options *options, char **args,
	struct engine_start_result *ret, struct error *err)
{
	struct run_options variables = {.env = options->env, .env_files = options->env_files};
	AUTO(strv_free) char **names = NULL;
	AUTO(strv_free) char **env = NULL;
	struct engine_exec exec = {
		.user = options->user,
		.workdir = options->workdir,
		.tty = options->tty,
		.interactive = options->interactive,
		.privileged = options->privileged,
		.detach = options->detach,
		.preserve_fds = (unsigned)options->preserve_fds,
	};
	int r = find_target(engine, options, &args, &names, err);

	if (r == 0)
		r = run_environment(&variables, environ, &env, err);
	if (r < 0)
		return r;
	exec.name = names[0];
	exec.command = args;
	exec.env = env;
	find_window(&exec);
	return engine_exec(engine, &exec, ret, err);
}

static int cmd_exec(struct cli *cli, void *data, char **args)
{
	const struct exec_options *options = data;
	AUTO(engine_start_result_release) struct engine_start_result started = {.attach_fd = -1};
	AUTO(engine_close) struct engine *engine = NULL;
	/* Signals are not passed on: ^C reaches the process as a byte through its terminal. */
	struct foreground foreground = {
		.interactive = options->interactive, .detach_keys = options->detach_keys};
	struct error err = {0};

	if (check(options, args, &err) < 0 || cli_engine_open(cli, &engine, &err) < 0)
		return out_failed(&err);
	if (start(engine, options, args, &started, &err) < 0) {
		out_error(&err);
		/* 126 and 127 are about a command that somebody waits for. */
		if (options->detach || !started.exit_code)
			return ENGINE_EXIT_ENGINE;
		return started.exit_code;
	}
	if (!options->detach)
		return foreground_run(&started, &foreground);
	out_linef("%s", started.id);
	return 0;
}

const struct command exec_command = {
	.name = "exec",
	.summary = "Run a command in a running container",
	.arguments = "[OPTIONS] CONTAINER COMMAND [ARG...]",
	.opts = exec_opts,
	.options_size = sizeof(struct exec_options),
	.run = cmd_exec,
	.starts_processes = true,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_RUNNING,
	.parse_flags = OPT_STOP_AT_ARGUMENT,
};
