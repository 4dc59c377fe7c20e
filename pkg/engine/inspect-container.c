/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "container/exec-session.h"
#include "engine/inspect.h"
#include "spec/spec.h"
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
	json_add_bool(obj, "Paused", false);
	json_add_bool(obj, "Restarting", false);
	json_add_bool(obj, "OOMKilled", state->oom_killed);
	json_add_bool(obj, "Dead", false);
	json_add_int(obj, "Pid", running ? state->init.pid : 0);
	json_add_int(obj, "ConmonPid", state->monitor.pid);
	json_add_int(obj, "ExitCode", state->exit_code);
	json_add_string(obj, "Error", state->error);
	json_add_string(obj, "CgroupPath", state->cgroup);
	add_time(obj, "StartedAt", state->started_ns);
	add_time(obj, "FinishedAt", state->finished_ns);
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

static struct json_object *mounts_json(const struct container_record *record)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < record->mount_count; i++) {
		const struct container_mount *mount = &record->mounts[i];
		struct json_object *obj;

		if (str_eq(mount->type, "tmpfs"))
			continue;
		obj = json_object_new_object();
		json_add_string(obj, "Type", mount->type);
		if (mount->name) {
			json_add_string(obj, "Name", mount->name);
			json_add_string(obj, "Driver", "local");
		}
		json_add_string(obj, "Source", mount->source);
		json_add_string(obj, "Destination", mount->destination);
		json_add_string(obj, "Mode", "");
		json_object_object_add(obj, "Options", json_from_strv(mount->options));
		json_add_bool(obj, "RW", mount->writable);
		json_add_string(obj, "Propagation", "rprivate");
		json_object_array_add(array, obj);
	}
	return array;
}

static void add_paths(struct json_object *obj, const struct container *ctr)
{
	const char *root = ctr->store->root, *run = ctr->store->run;
	const struct {
		const char *key, *below, *file;
	} paths[] = {{"HostsPath", run, "hosts"}, {"HostnamePath", run, "hostname"},
		{"ResolvConfPath", run, "resolv.conf"},
		{"OCIConfigPath", root, CONTAINER_SPEC_FILE},
		{"LogPath", root, CONTAINER_LOG_FILE}};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		autofree char *path = xasprintf(
			"%s/containers/%s/%s", paths[i].below, ctr->record->id, paths[i].file);

		json_add_string(obj, paths[i].key, path);
	}
	json_add_string(obj, "PidFile", ctr->record->pidfile);
}

static struct json_object *container_json(const struct container *ctr, const struct spec *spec)
{
	const struct container_record *record = ctr->record;
	struct json_object *obj = json_object_new_object();
	struct json_object *driver = json_object_new_object();
	char *const *args = spec->process.args;

	json_add_string(obj, "Id", record->id);
	add_time(obj, "Created", record->created_ns);
	json_add_string(obj, "Path", args ? args[0] : "");
	json_object_object_add(obj, "Args", json_from_strv(args ? args + 1 : NULL));
	json_object_object_add(obj, "State", state_json(ctr));
	json_add_string(obj, "Image", record->image_id);
	json_add_string(obj, "ImageDigest", record->image_digest);
	json_add_string(obj, "ImageName",
		str_is_empty(record->image_name) ? record->image : record->image_name);
	add_paths(obj, ctr);
	json_add_string(obj, "Name", record->name);
	json_add_int(obj, "RestartCount", 0);
	json_add_string(obj, "Driver", record->driver);
	json_add_string(driver, "Name", record->driver);
	json_object_object_add(obj, "GraphDriver", driver);
	json_object_object_add(
		obj, "EffectiveCaps", json_from_strv(spec->process.capabilities.effective));
	json_object_object_add(
		obj, "BoundingCaps", json_from_strv(spec->process.capabilities.bounding));
	json_object_object_add(obj, "ExecIDs", exec_ids_json(ctr));
	json_object_object_add(obj, "Mounts", mounts_json(record));
	json_object_object_add(obj, "NetworkSettings", inspect_network(ctr));
	json_object_object_add(obj, "Config", inspect_config(record, spec));
	json_object_object_add(obj, "HostConfig", inspect_host_config(ctr, spec));
	return obj;
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
