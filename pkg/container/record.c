/* SPDX-License-Identifier: Apache-2.0 */
#include "container/record.h"

static const struct json_field mount_fields[] = {
	JSON_STRING(struct container_mount, type, "type", JSON_REQUIRED),
	JSON_STRING(struct container_mount, name, "name"),
	JSON_STRING(struct container_mount, source, "source"),
	JSON_STRING(struct container_mount, destination, "destination", JSON_REQUIRED),
	JSON_STRINGS(struct container_mount, options, "options"),
	JSON_BOOL(struct container_mount, writable, "writable"),
	JSON_BOOL(struct container_mount, anonymous, "anonymous"),
	JSON_BOOL(struct container_mount, copy_up, "copyUp"),
	JSON_BOOL(struct container_mount, chown, "chown"),
	JSON_END,
};

#define RECORD struct container_record
/* What a row of a list shows; container_glance() reads no more. */
#define ROW_FIELDS \
	JSON_I64(RECORD, version, "version", JSON_REQUIRED), \
		JSON_I64(RECORD, created_ns, "created"), \
		JSON_STRING(RECORD, id, "id", JSON_REQUIRED), \
		JSON_STRING(RECORD, name, "name", JSON_REQUIRED), \
		JSON_OBJECT(RECORD, creator, "creator", process_id_fields), \
		JSON_STRING(RECORD, image, "image"), JSON_STRING(RECORD, image_name, "imageName"), \
		JSON_STRING(RECORD, image_id, "imageID"), \
		JSON_STRINGS(RECORD, entrypoint, "entrypoint"), \
		JSON_STRINGS(RECORD, command, "command"), \
		JSON_BOOL(RECORD, auto_remove, "autoRemove"), \
		JSON_STRING(RECORD, restart, "restart"), JSON_STRING(RECORD, network, "network"), \
		JSON_OBJECTS(RECORD, ports.items, ports.count, "ports", port_mapping_fields), \
		JSON_OBJECTS(RECORD, mounts, mount_count, "mounts", mount_fields), \
		JSON_MAP(RECORD, labels, "labels")

const struct json_field container_record_fields[] = {
	ROW_FIELDS,
	JSON_STRING(RECORD, image_digest, "imageDigest"),
	JSON_STRINGS(RECORD, layers, "layers"),
	JSON_STRING(RECORD, driver, "driver"),
	JSON_STRING(RECORD, user, "user"),
	JSON_STRINGS(RECORD, group_add, "groupAdd"),
	JSON_BOOL(RECORD, default_home, "defaultHome"),
	JSON_STRING(RECORD, working_dir, "workingDir"),
	JSON_STRING(RECORD, hostname, "hostname"),
	JSON_BOOL(RECORD, tty, "tty"),
	JSON_BOOL(RECORD, interactive, "interactive"),
	JSON_BOOL(RECORD, init, "init"),
	JSON_OBJECT(RECORD, health, "health", health_check_fields),
	JSON_STRING(RECORD, health_on_failure, "healthOnFailure"),
	JSON_BOOL(RECORD, privileged, "privileged"),
	JSON_BOOL(RECORD, read_only, "readOnly"),
	JSON_STRING(RECORD, userns, "userns"),
	JSON_STRING(RECORD, cgroups, "cgroups"),
	JSON_STRING(RECORD, cgroup_manager, "cgroupManager"),
	JSON_STRING(RECORD, cgroup_parent, "cgroupParent"),
	JSON_BOOL(RECORD, pids_is_default, "pidsIsDefault"),
	JSON_STRINGS(RECORD, exposed, "exposed"),
	JSON_BOOL(RECORD, publish_all, "publishAll"),
	JSON_STRING(RECORD, log_driver, "logDriver"),
	JSON_MAP(RECORD, log_options, "logOptions"),
	JSON_STRING(RECORD, stop_signal, "stopSignal"),
	JSON_U32(RECORD, stop_timeout_s, "stopTimeout", JSON_ALWAYS),
	JSON_STRING(RECORD, pidfile, "pidfile"),
	JSON_STRING(RECORD, sdnotify, "sdnotify"),
	JSON_STRING(RECORD, seccomp, "seccomp"),
	JSON_STRINGS(RECORD, seccomp_caps, "seccompCaps"),
	JSON_STRING(RECORD, detach_keys, "detachKeys"),
	JSON_MAP(RECORD, files, "files"),
	JSON_MAP(RECORD, annotations, "annotations"),
	JSON_STRINGS(RECORD, create_command, "createCommand"),
	JSON_STRINGS(RECORD, dns, "dns"),
	JSON_STRINGS(RECORD, dns_search, "dnsSearch"),
	JSON_STRINGS(RECORD, dns_options, "dnsOptions"),
	JSON_STRINGS(RECORD, add_hosts, "addHosts"),
	JSON_BOOL(RECORD, no_hosts, "noHosts"),
	JSON_END,
};

const struct json_field container_row_fields[] = {
	ROW_FIELDS,
	JSON_END,
};

void container_record_free(struct container_record *record)
{
	if (!record)
		return;
	json_release(container_record_fields, record);
	free(record);
}
