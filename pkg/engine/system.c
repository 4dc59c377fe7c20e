/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "engine/internal.h"
#include "storage/mount.h"
#include "sys/dirs.h"
#include "sys/file.h"
#include "sys/process.h"

int engine_unshare(struct engine *engine, char *const *argv, struct error *err)
{
	struct process_spawn spawn = {.path = argv[0],
		.argv = argv,
		.stdin_fd = STDIN_FILENO,
		.stdout_fd = STDOUT_FILENO,
		.stderr_fd = STDERR_FILENO};
	pid_t pid;
	int r;

	(void)engine;
	/* A mount namespace of its own: what the command mounts goes when it ends. */
	if (unshare(CLONE_NEWNS) < 0)
		return error_sys(err, errno, "mount namespace");
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return error_sys(err, errno, "mount namespace");
	signal(SIGINT, SIG_IGN); /* the command's, not ours */
	signal(SIGQUIT, SIG_IGN);
	r = process_spawn(&spawn, &pid, NULL, err);
	if (r == -ENOENT)
		return ENGINE_EXIT_NOT_FOUND;
	if (r == -EACCES || r == -ENOEXEC)
		return ENGINE_EXIT_NOT_INVOKED;
	return r < 0 ? r : process_wait(pid);
}

static size_t count_running(struct engine *engine)
{
	AUTO(engine_ps_release) struct engine_ps list = {0};
	size_t count = 0;

	if (engine_ps(engine, &list, NULL) < 0)
		return 0;
	for (size_t i = 0; i < list.count; i++)
		count += list.rows[i].pid != 0;
	return count;
}

/*
 * Runs a step in a child: it enters the user namespace, and the way back out is the parent.
 * Results come back as a struct error; its code 0 is success.
 */
static int in_engine(const struct engine_options *options,
	int (*step)(struct engine *engine, bool force, struct error *err), bool force,
	struct error *err)
{
	struct error result = {0};
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_sys(err, errno, "pipe");
	pid = fork();
	if (pid < 0) {
		close(ends[0]);
		close(ends[1]);
		return error_sys(err, errno, "fork");
	}
	if (pid == 0) {
		struct engine *engine = NULL;
		int r = engine_open(options, &engine, &result);

		if (r == 0)
			r = step(engine, force, &result);
		result.code = -r;
		fd_write_all(ends[1], &result, sizeof(result));
		_exit(0);
	}
	close(ends[1]);
	if (read(ends[0], &result, sizeof(result)) != sizeof(result))
		error_set(&result, EIO, "the command ended unexpectedly");
	close(ends[0]);
	process_wait(pid);
	if (result.code && err)
		*err = result;
	return -result.code;
}

static int check_idle(struct engine *engine, bool force, struct error *err)
{
	AUTO(engine_ps_release) struct engine_ps list = {0};
	size_t running = count_running(engine);
	int r = 0;

	if (running && !force)
		return error_set(err, EBUSY, "%zu container%s running: stop them first", running,
			running == 1 ? " is" : "s are");
	if (running)
		r = engine_ps(engine, &list, err);
	for (size_t i = 0; r == 0 && i < list.count; i++)
		r = engine_stop(engine, list.rows[i].id, false, 0, err);
	return r;
}

static char *run_root(const struct engine_options *options)
{
	return options->runroot ? xstrdup(options->runroot) : dirs_run_root();
}

int engine_migrate(const struct engine_options *options, bool force, struct error *err)
{
	autofree char *run = run_root(options);
	int r = access(run, F_OK) < 0 ? 0 : in_engine(options, check_idle, force, err);

	return r < 0 ? r : userns_end(run, err);
}

static int reset(struct engine *engine, bool force, struct error *err)
{
	AUTO(strv_free) char **names = NULL;
	AUTO(engine_ps_release) struct engine_ps list = {0};
	int r = engine_ps(engine, &list, err);

	(void)force;
	for (size_t i = 0; r == 0 && i < list.count; i++) {
		struct engine_rm rm = {.name = list.rows[i].id,
			.force = true,
			.volumes = true,
			.depend = true,
			.has_timeout = true};
		autofree char *id = NULL;

		/* A damaged one cannot be removed by its record; its directory goes below. */
		if (!list.rows[i].error)
			r = engine_rm(engine, &rm, &id, err);
	}
	if (r == 0)
		r = store_reset(engine->store, err);
	if (r == 0)
		r = dir_list_at(engine->store->rootfd, ".", &names, err);
	for (size_t i = 0; r == 0 && names[i]; i++)
		r = dir_remove_all_at(engine->store->rootfd, names[i], err);
	return r;
}

int engine_reset(const struct engine_options *options, struct error *err)
{
	autofree char *run = run_root(options);
	autofree char *root = options->root ? xstrdup(options->root) : dirs_data_root();
	int r = in_engine(options, reset, true, err);

	if (r == 0)
		r = userns_end(run, err);
	if (r == 0)
		r = dir_remove_all_at(AT_FDCWD, run, err);
	if (r == 0 && rmdir(root) < 0 && errno != ENOENT && errno != ENOTEMPTY)
		r = error_sys(err, errno, "remove %s", root);
	return r;
}

static struct json_object *map_json(const struct idmap *map)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < map->count; i++) {
		struct json_object *item = json_object_new_object();

		json_object_object_add(
			item, "container_id", json_object_new_int64(map->ranges[i].inside));
		json_object_object_add(
			item, "host_id", json_object_new_int64(map->ranges[i].outside));
		json_object_object_add(item, "size", json_object_new_int64(map->ranges[i].size));
		json_object_array_add(list, item);
	}
	return list;
}

static struct json_object *host_info(struct engine *engine)
{
	struct json_object *host = json_object_new_object();
	struct json_object *maps = json_object_new_object();
	struct json_object *security = json_object_new_object();
	struct utsname uts;

	uname(&uts);
	json_add_string(host, "arch", str_eq(uts.machine, "x86_64") ? "amd64" : uts.machine);
	json_object_object_add(host, "cpus", json_object_new_int64(sysconf(_SC_NPROCESSORS_ONLN)));
	json_add_string(host, "eventLogger", engine->store->events_fd < 0 ? "none" : "file");
	json_add_string(host, "hostname", uts.nodename);
	json_add_string(host, "kernel", uts.release);
	json_object_object_add(host, "memTotal",
		json_object_new_int64(sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE)));
	json_add_string(host, "os", "linux");
	json_object_object_add(maps, "uidmap", map_json(&engine->userns.uids));
	json_object_object_add(maps, "gidmap", map_json(&engine->userns.gids));
	json_object_object_add(host, "idMappings", maps);
	json_add_string(host, "userNamespace", userns_kind_name(engine->userns.kind));
	json_object_object_add(
		security, "rootless", json_object_new_boolean(engine->userns.owner_uid != 0));
	json_object_object_add(security, "seccompEnabled", json_object_new_boolean(true));
	json_object_object_add(host, "security", security);
	return host;
}

static struct json_object *store_info(struct engine *engine)
{
	struct json_object *info = json_object_new_object();
	struct json_object *images = json_object_new_object();
	struct json_object *containers = json_object_new_object();
	AUTO(engine_images_release) struct engine_images image_list = {0};
	AUTO(engine_ps_release) struct engine_ps list = {0};
	struct storage_driver_info driver = {0};
	size_t running = 0;

	engine_images(engine, &image_list, NULL);
	engine_ps(engine, &list, NULL);
	for (size_t i = 0; i < list.count; i++)
		running += list.rows[i].pid != 0;
	json_add_string(info, "graphRoot", engine->store->root);
	json_add_string(info, "runRoot", engine->store->run);
	if (storage_probe_driver(engine->store, &driver, NULL) == 0)
		json_add_string(info, "graphDriverName", storage_driver_name(driver.driver));
	json_object_object_add(images, "number", json_object_new_int64((int64_t)image_list.count));
	json_object_object_add(info, "imageStore", images);
	json_object_object_add(containers, "number", json_object_new_int64((int64_t)list.count));
	json_object_object_add(containers, "running", json_object_new_int64((int64_t)running));
	json_object_object_add(
		containers, "stopped", json_object_new_int64((int64_t)(list.count - running)));
	json_object_object_add(info, "containerStore", containers);
	return info;
}

int engine_info(struct engine *engine, struct json_object **ret, struct error *err)
{
	struct json_object *info = json_object_new_object();
	struct json_object *version = json_object_new_object();

	(void)err;
	json_object_object_add(info, "host", host_info(engine));
	json_object_object_add(info, "store", store_info(engine));
	json_add_string(version, "Version", CORACLE_VERSION);
	json_object_object_add(info, "version", version);
	*ret = info;
	return 0;
}
