/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>

#include "common/out.h"
#include "monitor/exec.h"
#include "monitor/monitor.h"
#include "sys/file.h"
#include "verbs.h"

static int run_monitor(const struct engine_monitor *monitor)
{
	struct error err = {0};
	struct monitor_options options = {
		.id = monitor->id,
		.store = {.root = monitor->root,
			.runroot = monitor->runroot,
			.driver = monitor->driver,
			.no_events = monitor->no_events},
		.client_fd = MONITOR_CLIENT_FD,
		.client_attaches = monitor->attaches,
		.waits = monitor->waits,
		.rows = monitor->rows,
		.columns = monitor->columns,
		.record = monitor->record,
		.spec = monitor->spec,
	};

	return monitor_run(&options, &err) < 0 ? ENGINE_EXIT_ENGINE : 0;
}

/* The descriptors of struct engine_exec_monitor. */
enum { EXEC_CLIENT_FD = 3, EXEC_INIT_FD, EXEC_RUN_FD, EXEC_FIRST_PRESERVED_FD };

static int run_exec_monitor(const struct engine_exec_monitor *monitor)
{
	struct error err = {0};
	int preserved[ENGINE_MAX_PRESERVED_FDS];
	struct exec_monitor options = {
		.container_id = monitor->container_id,
		.session_id = monitor->session_id,
		.record = monitor->record,
		.no_events = monitor->no_events,
		.process = monitor->process,
		.user = monitor->user,
		.seccomp = monitor->seccomp,
		.seccomp_caps = monitor->seccomp_caps,
		.interactive = monitor->interactive,
		.client_attaches = monitor->attaches,
		.init_pid = (pid_t)monitor->init_pid,
		.client_fd = EXEC_CLIENT_FD,
		.init_pidfd = EXEC_INIT_FD,
		.runfd = EXEC_RUN_FD,
		.fds = preserved,
		.fd_count = monitor->fd_count,
	};

	for (size_t i = 0; i < monitor->fd_count; i++)
		preserved[i] = EXEC_FIRST_PRESERVED_FD + (int)i;
	return exec_monitor_run(&options, &err) < 0 ? ENGINE_EXIT_ENGINE : 0;
}

struct engine_options cli_engine_options(const struct cli *cli)
{
	return (struct engine_options){
		.root = cli->globals.root,
		.runroot = cli->globals.runroot,
		.driver = cli->globals.storage_driver,
		.no_events = cli_no_events(cli),
		.run_monitor = run_monitor,
		.run_exec_monitor = run_exec_monitor,
	};
}

int cli_engine_open(const struct cli *cli, struct engine **ret, struct error *err)
{
	struct engine_options options = cli_engine_options(cli);

	return engine_open(&options, ret, err);
}

static int add_cidfile(const char *path, char ***names, struct error *err)
{
	autofree char *text = NULL;
	int r = file_read_at(AT_FDCWD, path, 4096, &text, NULL, err);

	if (r < 0)
		return error_wrap(err, r, "container id file %s", path);
	text[strcspn(text, " \r\n\t")] = '\0';
	if (!*text)
		return error_set(err, EINVAL, "container id file %s is empty", path);
	strv_add(names, text);
	return 0;
}

int cli_container_names(struct engine *engine, char *const *args, bool all, bool latest,
	char *const *cidfiles, char ***ret, struct error *err)
{
	AUTO(engine_ps_release) struct engine_ps list = {0};
	AUTO(strv_free) char **names = NULL;
	int r = 0;

	if (all || latest)
		r = engine_ps(engine, &list, err);
	if (r < 0)
		return r;
	if (latest && list.count == 0)
		return error_set(err, ENOENT, "no such container");
	for (size_t i = 0; i < list.count && (all || i == 0); i++)
		strv_add(&names, list.rows[i].id);
	for (size_t i = 0; cidfiles && cidfiles[i]; i++) {
		r = add_cidfile(cidfiles[i], &names, err);
		if (r < 0)
			return r;
	}
	strv_add_all(&names, args);
	*ret = take_ptr(names);
	return 0;
}
