/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "container/exec-session.h"
#include "container/log-options.h"
#include "container/pause.h"
#include "engine/internal.h"
#include "network/choice.h"
#include "network/network.h"
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
	json_add_bool(obj, "Paused", state->status == CONTAINER_PAUSED);
	/* Not podman's: "cgroup" or "signals". */
	json_add_string(obj, "PauseMethod", container_pause_name(ctr->pause));
	json_add_bool(obj, "Restarting", false);
	json_add_bool(obj, "OOMKilled", state->oom_killed);
	json_add_bool(obj, "Dead", false);
	json_add_int(obj, "Pid", container_is_up(ctr) ? state->init.pid : 0);
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

/* {"80/tcp":[{"HostIp","HostPort"}]}, null for ports that are only exposed. */
static struct json_object *ports_json(const struct port_list *ports, char *const *exposed)
{
	struct json_object *obj = json_object_new_object();

	for (size_t i = 0; exposed && exposed[i]; i++) {
		autofree char *key = strchr(exposed[i], '/') ? xstrdup(exposed[i])
							     : xasprintf("%s/tcp", exposed[i]);

		json_object_object_add(obj, key, NULL);
	}
	for (size_t i = 0; i < ports->count; i++) {
		const struct port_mapping *port = &ports->items[i];
		autofree char *key = xasprintf("%u/%s", port->container_port, port->protocol);
		autofree char *number = xasprintf("%u", port->host_port);
		struct json_object *list = json_get(obj, key);
		struct json_object *item = json_object_new_object();

		if (!list) {
			list = json_object_new_array();
			json_object_object_add(obj, key, list);
		}
		json_add_string(item, "HostIp", port->host_ip ? port->host_ip : "0.0.0.0");
		json_add_string(item, "HostPort", number);
		json_object_array_add(list, item);
	}
	return obj;
}

/* "10.0.2.100/24" into address and prefix length; the first of each family. */
static void add_addresses(struct json_object *obj, char *const *ips)
{
	const char *v4 = "", *v6 = "";
	int64_t v4_len = 0, v6_len = 0;
	autofree char *v4_text = NULL, *v6_text = NULL;

	for (size_t i = 0; ips && ips[i]; i++) {
		const char *slash = strchr(ips[i], '/');
		bool is_v6 = strchr(ips[i], ':') != NULL;
		char **text = is_v6 ? &v6_text : &v4_text;

		if (!slash || *text)
			continue;
		*text = xstrndup(ips[i], (size_t)(slash - ips[i]));
		str_to_i64(slash + 1, is_v6 ? &v6_len : &v4_len);
	}
	if (v4_text)
		v4 = v4_text;
	if (v6_text)
		v6 = v6_text;
	json_add_string(obj, "IPAddress", v4);
	json_add_int(obj, "IPPrefixLen", v4_len);
	json_add_string(obj, "GlobalIPv6Address", v6);
	json_add_int(obj, "GlobalIPv6PrefixLen", v6_len);
}

static struct json_object *network_json(const struct container *ctr)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *networks = json_object_new_object();
	struct network_result result = {0};
	struct network_choice choice = {0};
	bool has_result = ctr->state.network && json_decode(ctr->state.network, "network",
							network_result_fields, &result, NULL) == 0;

	add_addresses(obj, result.ips);
	json_add_string(obj, "Gateway", result.gateway);
	json_add_string(obj, "MacAddress", result.mac);
	json_object_object_add(obj, "Ports",
		ports_json(has_result ? &result.ports : &ctr->record->ports, ctr->record->exposed));
	if (container_is_up(ctr)) {
		autofree char *path =
			xasprintf("/proc/%lld/ns/net", (long long)ctr->state.init.pid);

		json_add_string(obj, "SandboxKey", path);
	} else {
		json_add_string(obj, "SandboxKey", "");
	}
	if (network_choice_parse(ctr->record->network, &choice, NULL) == 0 && has_result) {
		struct json_object *entry = json_object_new_object();

		add_addresses(entry, result.ips);
		json_add_string(entry, "Gateway", result.gateway);
		json_add_string(entry, "MacAddress", result.mac);
		json_object_object_add(networks,
			choice.mode == NETWORK_MODE_NAMED ? choice.target
							  : network_mode_name(choice.mode),
			entry);
	}
	json_object_object_add(obj, "Networks", networks);
	network_choice_release(&choice);
	network_result_release(&result);
	return obj;
}

static struct json_object *config_json(
	const struct container_record *record, const struct spec *spec)
{
	struct json_object *obj = json_object_new_object();
	autofree char *umask_text = xasprintf("%04o", spec->process.user.umask);

	json_add_string(obj, "Hostname", record->hostname);
	json_add_string(obj, "User", record->user);
	json_add_bool(obj, "Tty", record->tty);
	json_add_bool(obj, "OpenStdin", record->interactive);
	json_add_bool(obj, "StdinOnce", record->interactive);
	json_object_object_add(obj, "Env", json_from_strv(spec->process.env));
	json_object_object_add(obj, "Cmd", json_from_strv(record->command));
	json_add_string(obj, "Image",
		str_is_empty(record->image_name) ? record->image : record->image_name);
	json_add_string(obj, "WorkingDir", record->working_dir);
	json_object_object_add(obj, "Entrypoint", json_from_strv(record->entrypoint));
	json_object_object_add(obj, "Labels", json_from_strmap(&record->labels));
	json_object_object_add(obj, "Annotations", json_from_strmap(&record->annotations));
	json_add_string(obj, "StopSignal", record->stop_signal);
	json_add_int(obj, "StopTimeout", record->stop_timeout_s);
	json_add_string(obj, "Umask", umask_text);
	json_object_object_add(obj, "CreateCommand", json_from_strv(record->create_command));
	return obj;
}

static struct json_object *binds_json(const struct container_record *record)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < record->mount_count; i++) {
		const struct container_mount *mount = &record->mounts[i];
		autofree char *text =
			xasprintf("%s:%s:%s,rprivate", mount->name ? mount->name : mount->source,
				mount->destination, mount->writable ? "rw" : "ro");

		if (!str_eq(mount->type, "tmpfs"))
			json_object_array_add(array, json_object_new_string(text));
	}
	return array;
}

static struct json_object *log_json(const struct container *ctr)
{
	const struct container_record *record = ctr->record;
	struct json_object *obj = json_object_new_object();
	struct log_options options = {0};
	autofree char *path = NULL, *size = NULL;

	(void)log_options_parse(&record->log_options, &options, NULL);
	path = xasprintf("%s/containers/%s/" CONTAINER_LOG_FILE, ctr->store->root, record->id);
	size = xasprintf("%" PRIu64 "B", options.max_size_bytes);
	json_add_string(obj, "Type", record->log_driver);
	json_object_object_add(obj, "Config", NULL);
	if (str_has_suffix(record->log_driver, "-file"))
		json_add_string(obj, "Path", options.path ? options.path : path);
	else
		json_add_string(obj, "Path", "");
	json_add_string(obj, "Tag", options.tag);
	json_add_string(obj, "Size", size);
	return obj;
}

static struct json_object *host_config_json(
	const struct container *ctr, const struct spec *spec)
{
	const struct container_record *record = ctr->record;
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "Binds", binds_json(record));
	json_object_object_add(obj, "LogConfig", log_json(ctr));
	json_add_string(obj, "NetworkMode", record->network);
	json_object_object_add(obj, "PortBindings", ports_json(&record->ports, NULL));
	json_add_bool(obj, "AutoRemove", record->auto_remove);
	json_object_object_add(obj, "Dns", json_from_strv(record->dns));
	json_object_object_add(obj, "DnsOptions", json_from_strv(record->dns_options));
	json_object_object_add(obj, "DnsSearch", json_from_strv(record->dns_search));
	json_object_object_add(obj, "ExtraHosts", json_from_strv(record->add_hosts));
	json_add_bool(obj, "Privileged", record->privileged);
	json_add_bool(obj, "ReadonlyRootfs", record->read_only);
	json_add_string(obj, "UsernsMode", record->userns);
	json_add_bool(obj, "Init", record->init);
	inspect_add_resources(obj, record, &spec->linux.resources);
	return obj;
}

static void add_paths(struct json_object *obj, const struct container *ctr)
{
	const char *root = ctr->store->root, *run = ctr->store->run;
	const struct {
		const char *key, *below, *file;
	} paths[] = {{"HostsPath", run, "hosts"}, {"HostnamePath", run, "hostname"},
		{"ResolvConfPath", run, "resolv.conf"}, {"OCIConfigPath", root, CONTAINER_SPEC_FILE},
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
	json_object_object_add(obj, "NetworkSettings", network_json(ctr));
	json_object_object_add(obj, "Config", config_json(record, spec));
	json_object_object_add(obj, "HostConfig", host_config_json(ctr, spec));
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
