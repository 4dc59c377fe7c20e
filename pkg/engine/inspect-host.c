/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "container/log-options.h"
#include "container/restart-policy.h"
#include "engine/inspect.h"
#include "spec/capability.h"
#include "spec/defaults.h"
#include "spec/spec.h"

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

/* What differs from the set that a container has by default. */
static void add_capabilities(struct json_object *obj, const struct container_record *record)
{
	AUTO(strv_free) char **added = NULL, **dropped = NULL;
	uint64_t set = 0, defaults = default_capability_set();

	/* Names of a newer version are not ours to explain. */
	if (capability_set(record->seccomp_caps, &set, NULL) == 0) {
		added = capability_names(set & ~defaults);
		dropped = capability_names(defaults & ~set);
	}
	json_object_object_add(obj, "CapAdd", json_from_strv(added));
	json_object_object_add(obj, "CapDrop", json_from_strv(dropped));
}

static bool has_own_namespace(const struct spec *spec, const char *type)
{
	for (size_t i = 0; i < spec->linux.namespace_count; i++) {
		if (str_eq(spec->linux.namespaces[i].type, type))
			return str_is_empty(spec->linux.namespaces[i].path);
	}
	return false;
}

static void add_namespaces(struct json_object *obj, const struct spec *spec)
{
	static const struct {
		const char *key, *type;
	} modes[] = {{"IpcMode", "ipc"}, {"PidMode", "pid"}, {"UTSMode", "uts"}};

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		json_add_string(obj, modes[i].key,
			has_own_namespace(spec, modes[i].type) ? "private" : "host");
}

static struct json_object *security_json(
	const struct container_record *record, const struct spec *spec)
{
	struct json_object *array = json_object_new_array();

	if (!str_is_empty(record->seccomp))
		json_object_array_add(
			array, json_from_owned(xasprintf("seccomp=%s", record->seccomp)));
	if (spec->process.no_new_privileges)
		json_object_array_add(array, json_object_new_string("no-new-privileges"));
	return array;
}

static int64_t shm_size(const struct spec *spec)
{
	const struct spec_mount *mount = spec_find_mount(spec, "/dev/shm");
	uint64_t bytes = 0;

	for (size_t i = 0; mount && mount->options && mount->options[i]; i++) {
		const char *size = str_after(mount->options[i], "size=");

		if (size)
			(void)str_to_size(size, &bytes);
	}
	return (int64_t)bytes;
}

static struct json_object *ulimits_json(const struct spec_process *process)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < process->rlimit_count; i++) {
		const struct spec_rlimit *limit = &process->rlimits[i];
		struct json_object *obj = json_object_new_object();

		json_add_string(obj, "Name", limit->type);
		json_add_int(obj, "Soft", (int64_t)limit->soft);
		json_add_int(obj, "Hard", (int64_t)limit->hard);
		json_object_array_add(array, obj);
	}
	return array;
}

/* Members of other systems and other engines, which scripts may look at all the same. */
static void add_fixed(struct json_object *obj)
{
	static const char *const texts[] = {
		"VolumeDriver", "ContainerIDFile", "Cgroup", "Isolation"};
	static const char *const numbers[] = {
		"DiskQuota", "CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth"};
	struct json_object *size = json_object_new_array();

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		json_add_string(obj, texts[i], "");
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		json_add_int(obj, numbers[i], 0);
	json_object_array_add(size, json_object_new_int(0));
	json_object_array_add(size, json_object_new_int(0));
	json_object_object_add(obj, "ConsoleSize", size);
	json_add_string(obj, "Runtime", "oci");
	json_object_object_add(obj, "VolumesFrom", NULL);
	json_object_object_add(obj, "Links", NULL);
	json_object_object_add(obj, "Devices", json_object_new_array());
}

static void add_dns(struct json_object *obj, const struct container_record *record)
{
	json_object_object_add(obj, "Dns", json_from_strv(record->dns));
	json_object_object_add(obj, "DnsOptions", json_from_strv(record->dns_options));
	json_object_object_add(obj, "DnsSearch", json_from_strv(record->dns_search));
	json_object_object_add(obj, "ExtraHosts", json_from_strv(record->add_hosts));
}

static struct json_object *restart_json(const struct container_record *record)
{
	struct json_object *obj = json_object_new_object();
	struct restart_policy policy = {0};

	(void)restart_policy_parse(record->restart, &policy, NULL);
	json_add_string(
		obj, "Name", str_is_empty(record->restart) ? "" : restart_mode_name(policy.mode));
	json_add_int(obj, "MaximumRetryCount", policy.max_retries);
	return obj;
}

struct json_object *inspect_host_config(const struct container *ctr, const struct spec *spec)
{
	const struct container_record *record = ctr->record;
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "Binds", inspect_binds(record, spec));
	json_object_object_add(obj, "LogConfig", log_json(ctr));
	json_add_string(obj, "NetworkMode", record->network);
	json_object_object_add(obj, "PortBindings", inspect_ports(&record->ports, NULL));
	json_add_bool(obj, "PublishAllPorts", record->publish_all);
	json_add_bool(obj, "AutoRemove", record->auto_remove);
	json_object_object_add(obj, "RestartPolicy", restart_json(record));
	add_capabilities(obj, record);
	add_dns(obj, record);
	json_object_object_add(obj, "GroupAdd", json_from_strv(record->group_add));
	add_namespaces(obj, spec);
	json_add_string(obj, "UsernsMode", record->userns);
	json_add_int(obj, "OomScoreAdj", spec->process.oom_score_adj);
	json_add_bool(obj, "Privileged", record->privileged);
	json_add_bool(obj, "ReadonlyRootfs", record->read_only);
	json_object_object_add(obj, "SecurityOpt", security_json(record, spec));
	json_object_object_add(obj, "Tmpfs", inspect_tmpfs(spec));
	json_add_int(obj, "ShmSize", shm_size(spec));
	json_object_object_add(obj, "Ulimits", ulimits_json(&spec->process));
	json_add_bool(obj, "Init", record->init);
	add_fixed(obj);
	inspect_add_resources(obj, record, &spec->linux.resources);
	return obj;
}
