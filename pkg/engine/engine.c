/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/internal.h"
#include "network/network.h"
#include "sys/dirs.h"
#include "sys/file.h"

extern char **environ;

/*
 * Real root's data lies in a directory of its own that belongs to the range it is mapped into; it
 * has to be made while we are still root. The first id is known only after the keeper was asked.
 */
static int prepare_root_dirs(const char *root, struct error *err)
{
	struct stat st;

	if (geteuid() != 0 || stat(root, &st) == 0)
		return 0;
	return dir_make_all(root, 0700, err);
}

static int hand_over_root_dir(const struct userns_info *userns, int root_fd, struct error *err)
{
	struct stat st;

	if (userns->kind != USERNS_ROOT || root_fd < 0)
		return 0;
	/* Already ours, seen from inside. */
	if (fstat(root_fd, &st) == 0 && st.st_uid == 0)
		return 0;
	return error_set(err, EPERM,
		"the data directory belongs to an id outside of the user namespace; remove it or "
		"give it to host id %u",
		userns->uids.count ? userns->uids.ranges[0].outside : 0);
}

static int chown_for_root(const char *root, const char *run_root, struct error *err)
{
	struct stat st;

	/* userns_enter() gave the run directory to the range's first id: the data dir follows it.
	 */
	if (stat(run_root, &st) < 0)
		return error_sys(err, errno, "%s", run_root);
	if (st.st_uid != 0 && chown(root, st.st_uid, st.st_gid) < 0)
		return error_sys(err, errno, "%s", root);
	return 0;
}

/* In a child that may become id 0 of the range, find the range; the parent stays root. */
static int prepare_for_real_root(const char *root, const char *run_root, struct error *err)
{
	struct userns_info info = {0};
	autofree char *own_map = NULL;
	pid_t pid;
	int r;

	if (geteuid() != 0 ||
		file_read_at(AT_FDCWD, "/proc/self/uid_map", 4096, &own_map, NULL, NULL) < 0 ||
		!strstr(own_map, "4294967295"))
		return 0;
	r = prepare_root_dirs(root, err);
	if (r < 0)
		return r;
	r = dirs_make_private(run_root, NULL);
	pid = fork();
	if (pid < 0)
		return error_sys(err, errno, "fork");
	if (pid == 0)
		_exit(userns_enter(run_root, &info, NULL) < 0 ? 1 : 0);
	if (process_wait(pid) != 0)
		return 0; /* the parent will fail in the same way and say why */
	return chown_for_root(root, run_root, err);
}

int engine_open(const struct engine_options *options, struct engine **ret, struct error *err)
{
	AUTO(engine_close) struct engine *engine = xnew(struct engine);
	autofree char *root = options->root ? xstrdup(options->root) : dirs_data_root();
	autofree char *run = options->runroot ? xstrdup(options->runroot) : dirs_run_root();
	struct store_options store = {.root = root, .runroot = run, .driver = options->driver};
	int r = prepare_for_real_root(root, run, err);

	if (r == 0)
		r = userns_enter(run, &engine->userns, err);
	if (r == 0)
		r = store_open(&store, &engine->store, err);
	if (r == 0)
		r = hand_over_root_dir(&engine->userns, engine->store->rootfd, err);
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
