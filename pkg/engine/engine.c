/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine.h"

#include "engine/internal.h"
#include "network/network.h"
#include "sys/dirs.h"
#include "sys/file.h"

extern char **environ;

int engine_open(const struct engine_options *options, struct engine **ret, struct error *err)
{
	AUTO(engine_close) struct engine *engine = xnew(struct engine);
	autofree char *root = options->root ? xstrdup(options->root) : dirs_data_root();
	autofree char *run = options->runroot ? xstrdup(options->runroot) : dirs_run_root();
	const struct store_options store = {
		.root = root,
		.runroot = run,
		.driver = options->driver,
		.no_events = options->no_events,
	};
	int r = userns_enter(run, root, &engine->userns, err);

	if (r == 0)
		r = store_open(&store, &engine->store, err);
	if (r == 0)
		r = container_prepare_store(engine->store, err);
	if (r < 0)
		return r;
	engine->driver_option = xstrdup(options->driver);
	engine->run_monitor = options->run_monitor;
	engine->run_exec_monitor = options->run_exec_monitor;
	engine->host_env = environ;
	*ret = take_ptr(engine);
	return 0;
}

void engine_close(struct engine *engine)
{
	if (!engine)
		return;
	store_close(engine->store);
	userns_info_release(&engine->userns);
	free(engine->driver_option);
	free(engine);
}

int engine_container_open(
	struct engine *engine, const char *name, struct container **ret, struct error *err)
{
	autofree char *id = NULL;
	int r = container_resolve(engine->store, name, &id, err);

	return r < 0 ? r : container_open(engine->store, id, ret, err);
}

int container_wait_monitor(const struct container *ctr, int timeout_ms)
{
	autoclose int pidfd = process_id_open(&ctr->state.monitor);

	return pidfd < 0 ? 1 : pidfd_wait_end(pidfd, timeout_ms);
}

void engine_tidy(struct engine *engine)
{
	if (!engine->is_tidy)
		store_collect_garbage(engine->store);
	engine->is_tidy = true;
}
