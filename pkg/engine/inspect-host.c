/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "container/log-options.h"
#include "engine/inspect.h"
#include "spec/spec.h"

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

struct json_object *inspect_host_config(const struct container *ctr, const struct spec *spec)
{
	const struct container_record *record = ctr->record;
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "Binds", binds_json(record));
	json_object_object_add(obj, "LogConfig", log_json(ctr));
	json_add_string(obj, "NetworkMode", record->network);
	json_object_object_add(obj, "PortBindings", inspect_ports(&record->ports, NULL));
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
