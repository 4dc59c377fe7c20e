/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "container/exec-session.h"
#include "container/pause.h"
#include "engine/inspect.h"
#include "spec/spec.h"
#include "storage/mount.h"
#include "sys/file.h"

/* Field names and shapes are podman's and docker's: scripts read them. */

static void add_time(struct json_object *obj, const char *key, int64_t ns)
{
	autofree char *text = time_format(ns);

	json_add_string(obj, key, text);
}

static struct json_object *state_json(const struct container *ctr)
{
	const struct container_state *state = &ctr->state;
	struct json_object *obj = json_object_new_object();
	bool running = state->status == CONTAINER_RUNNING;

	json_add_string(obj, "OciVersion", SPEC_VERSION);
	json_add_string(obj, "Status", container_status_name((enum container_status)state->status));
	json_add_bool(obj, "Running", running);
	json_add_bool(obj, "Paused", state->status == CONTAINER_PAUSED);
	/* Not podman's: "cgroup" or "signals". */
	json_add_string(obj, "PauseMethod", container_pause_name(ctr->pause));
	json_add_bool(obj, "Restarting", state->status == CONTAINER_RESTARTING);
	json_add_bool(obj, "OOMKilled", state->oom_killed);
	json_add_bool(obj, "Dead", false);
	json_add_int(obj, "Pid", container_is_up(ctr) ? state->init.pid : 0);
	json_add_int(obj, "ConmonPid", state->monitor.pid);
	json_add_int(obj, "ExitCode", state->exit_code);
	json_add_string(obj, "Error", state->error);
	json_object_object_add(obj, "Health", inspect_health_json(ctr));
	json_add_string(obj, "CgroupPath", state->cgroup);
	add_time(obj, "StartedAt", state->started_ns);
	add_time(obj, "FinishedAt", state->finished_ns);
	add_time(obj, "CheckpointedAt", 0);
	add_time(obj, "RestoredAt", 0);
	return obj;
}

static struct json_object *exec_ids_json(const struct container *ctr)
{
	AUTO(exec_sessions_release) struct exec_sessions list = {0};
	struct json_object *ids = json_object_new_array();
	struct error err = {0};

	if (exec_session_list(ctr->store, ctr->record->id, &list, &err) < 0)
		log_warn("%s", error_text(&err));
	for (size_t i = 0; i < list.count; i++)
		json_object_array_add(ids, json_object_new_string(list.items[i].id));
	return ids;
}

static void add_paths(struct json_object *obj, const struct container *ctr)
{
	const char *root = ctr->store->root, *run = ctr->store->run;
	const struct {
		const char *key, *below, *file;
	} paths[] = {{"StaticDir", root, ""}, {"HostsPath", run, "hosts"},
		{"HostnamePath", run, "hostname"}, {"ResolvConfPath", run, "resolv.conf"},
		{"OCIConfigPath", root, CONTAINER_SPEC_FILE},
		{"LogPath", root, CONTAINER_LOG_FILE}};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		autofree char *path = xasprintf("%s/containers/%s%s%s", paths[i].below,
			ctr->record->id, *paths[i].file ? "/" : "", paths[i].file);

		json_add_string(obj, paths[i].key, path);
	}
	json_add_string(obj, "PidFile", ctr->record->pidfile);
}

/* Directories of the root file system; it is mounted where nobody but the container sees it. */
static struct json_object *graph_driver_json(const struct container *ctr)
{
	const struct container_record *record = ctr->record;
	struct json_object *obj = json_object_new_object();
	struct json_object *data = json_object_new_object();
	const char *root = ctr->store->root;
	bool is_copy = str_eq(record->driver, "copy");

	if (!is_copy) {
		json_object_object_add(data, "LowerDir",
			json_from_owned(storage_lower_text(ctr->store, record->layers)));
		json_object_object_add(data, "UpperDir",
			json_from_owned(xasprintf("%s/containers/%s/upper", root, record->id)));
		json_object_object_add(data, "WorkDir",
			json_from_owned(xasprintf("%s/containers/%s/work", root, record->id)));
	}
	if (ctr->state.init.pid)
		json_object_object_add(data, "MergedDir",
			json_from_owned(xasprintf("/proc/%" PRId64 "/root", ctr->state.init.pid)));
	else if (is_copy)
		json_object_object_add(data, "MergedDir",
			json_from_owned(xasprintf("%s/containers/%s/rootfs", root, record->id)));
	json_add_string(obj, "Name", record->driver);
	json_object_object_add(obj, "Data", data);
	return obj;
}

/* Those whose namespaces it uses. */
static struct json_object *dependencies_json(const struct container_record *record)
{
	struct json_object *array = json_object_new_array();
	const char *id = str_after(record->network ? record->network : "", "container:");

	if (id)
		json_object_array_add(array, json_object_new_string(id));
	return array;
}

/* Where podman has something that we have not, or know to be nothing. */
static void add_fixed(struct json_object *obj)
{
	static const char *const texts[] = {
		"Rootfs", "Pod", "ConmonPidFile", "MountLabel", "ProcessLabel", "Namespace"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		json_add_string(obj, texts[i], "");
	json_add_string(obj, "OCIRuntime", "coracle");
	json_add_bool(obj, "IsInfra", false);
	json_add_bool(obj, "IsService", false);
}

static void add_image(struct json_object *obj, const struct container_record *record)
{
	json_add_string(obj, "Image", record->image_id);
	json_add_string(obj, "ImageDigest", record->image_digest);
	json_add_string(obj, "ImageName",
		str_is_empty(record->image_name) ? record->image : record->image_name);
}

static void add_process(struct json_object *obj, const struct spec_process *process)
{
	char *const *args = process->args;

	json_add_string(obj, "Path", args ? args[0] : "");
	json_object_object_add(obj, "Args", json_from_strv(args ? args + 1 : NULL));
	json_add_string(obj, "AppArmorProfile", process->apparmor_profile);
	json_object_object_add(
		obj, "EffectiveCaps", json_from_strv(process->capabilities.effective));
	json_object_object_add(obj, "BoundingCaps", json_from_strv(process->capabilities.bounding));
}

static struct json_object *container_json(const struct container *ctr, const struct spec *spec)
{
	const struct container_record *record = ctr->record;
	struct json_object *obj = json_object_new_object();

	json_add_string(obj, "Id", record->id);
	add_time(obj, "Created", record->created_ns);
	add_process(obj, &spec->process);
	json_object_object_add(obj, "State", state_json(ctr));
	add_image(obj, record);
	add_paths(obj, ctr);
	json_add_string(obj, "Name", record->name);
	json_add_int(obj, "RestartCount", ctr->state.restarts);
	json_add_string(obj, "Driver", record->driver);
	json_object_object_add(obj, "GraphDriver", graph_driver_json(ctr));
	json_object_object_add(obj, "ExecIDs", exec_ids_json(ctr));
	json_object_object_add(obj, "Mounts", inspect_mounts(record, spec));
	json_object_object_add(obj, "Dependencies", dependencies_json(record));
	json_object_object_add(obj, "NetworkSettings", inspect_network(ctr));
	json_object_object_add(obj, "Config", inspect_config(record, spec));
	json_object_object_add(obj, "HostConfig", inspect_host_config(ctr, spec));
	add_fixed(obj);
	return obj;
}

void engine_container_add_sizes(struct engine *engine, struct json_object *obj)
{
	struct engine_sizes sizes = {0};

	engine_container_sizes(
		engine, json_get_string(obj, "Id"), json_get_string(obj, "Image"), &sizes);
	json_add_int(obj, "SizeRw", (int64_t)sizes.own_bytes);
	json_add_int(obj, "SizeRootFs", (int64_t)sizes.root_bytes);
}

int engine_container_inspect(
	struct engine *engine, const char *name, struct json_object **ret, struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	AUTO(spec_release) struct spec spec = {0};
	autofree char *text = NULL;
	size_t len;
	int r = engine_container_open(engine, name, &ctr, err);

	if (r == 0)
		r = file_read_at(
			ctr->dirfd, CONTAINER_SPEC_FILE, CONTAINER_MAX_JSON, &text, &len, err);
	if (r == 0)
		r = spec_parse(text, len, &spec, err);
	if (r == 0)
		*ret = container_json(ctr, &spec);
	return r;
}
