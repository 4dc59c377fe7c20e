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
	struct store_options store = {.root = root, .runroot = run, .driver = options->driver};
	int r = userns_enter(run, root, &engine->userns, err);

	if (r == 0)
		r = store_open(&store, &engine->store, err);
	if (r == 0)
		r = container_prepare_store(engine->store, err);
	if (r < 0)
		return r;
	engine->driver_option = xstrdup(options->driver);
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

void engine_collect_garbage(struct engine *engine)
{
	autofree char *state_dir = xasprintf("%s/network", engine->store->run);
	AUTO(strv_free) char **ids = NULL;
	AUTO(strv_free) char **alive = NULL;

	store_collect_garbage(engine->store);
	container_collect_garbage(engine->store);
	if (container_list(engine->store, &ids, NULL) < 0)
		return;
	for (size_t i = 0; ids[i]; i++) {
		AUTO(container_free) struct container *ctr = NULL;

		if (container_open(engine->store, ids[i], &ctr, NULL) == 0 &&
			container_is_running(ctr))
			strv_add(&alive, ids[i]);
	}
	network_collect_garbage(state_dir, alive, NULL, NULL);
}

int engine_container_open(
	struct engine *engine, const char *name, struct container **ret, struct error *err)
{
	autofree char *id = NULL;
	int r = container_resolve(engine->store, name, &id, err);

	return r < 0 ? r : container_open(engine->store, id, ret, err);
}

bool container_is_running(const struct container *ctr)
{
	return ctr->state.monitor.pid != 0;
}

int container_wait_monitor(const struct container *ctr, int timeout_ms)
{
	autoclose int pidfd = process_id_open(&ctr->state.monitor);

	return pidfd < 0 ? 1 : pidfd_wait_end(pidfd, timeout_ms);
}
