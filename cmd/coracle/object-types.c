/* SPDX-License-Identifier: Apache-2.0 */
#include "object-types.h"

#include "base/json.h"

#define FIELD(field_name, field_type) \
	{ \
		.name = (field_name), .type = &(field_type) \
	}
/* Another name of a member. */
#define ALIAS(field_name, member, field_type) \
	{ \
		.name = (field_name), .key = (member), .type = &(field_type) \
	}
#define END \
	{ \
		.name = NULL \
	}
#define OBJECT(text, table, ...) \
	{ \
		.kind = FORMAT_STRUCT, .name = (text), .fields = (table), .is_open = true, \
		__VA_ARGS__ \
	}

/* ---- container ---- */

static const struct format_field health_fields[] = {
	FIELD("Status", format_string),
	FIELD("FailingStreak", format_int),
	FIELD("Log", format_list),
	END,
};
static const struct format_type health = OBJECT("health", health_fields, .is_embedded = true);

static const struct format_field state_fields[] = {
	FIELD("Error", format_string),
	FIELD("StartedAt", format_time),
	FIELD("FinishedAt", format_time),
	FIELD("CheckpointedAt", format_time),
	FIELD("RestoredAt", format_time),
	FIELD("Health", health),
	/* Its name before podman 4. */
	ALIAS("Healthcheck", "Health", health),
	END,
};
static const struct format_type state = OBJECT("container state", state_fields);

static const struct format_field mount_fields[] = {
	FIELD("Name", format_string),
	FIELD("Driver", format_string),
	FIELD("Mode", format_string),
	FIELD("Options", format_strings),
	ALIAS("Src", "Source", format_string),
	ALIAS("Dst", "Destination", format_string),
	END,
};
static const struct format_type mount = OBJECT("mount", mount_fields);
static const struct format_type mounts = {.kind = FORMAT_LIST, .items = &mount};

/* "80/tcp" to a list of addresses; null where the port is only exposed. */
static const struct format_field binding_fields[] = {
	/* podman's name in templates; docker's is that of the member. */
	ALIAS("HostIP", "HostIp", format_string),
	END,
};
static const struct format_type binding = OBJECT("port binding", binding_fields);
static const struct format_type bindings = {.kind = FORMAT_LIST, .items = &binding};
static const struct format_type port_map = {.kind = FORMAT_MAP, .items = &bindings};

static const struct format_field network_fields[] = {
	FIELD("Ports", port_map),
	FIELD("Networks", format_map),
	END,
};
static const struct format_type network_settings = OBJECT("network settings", network_fields);

static const struct format_type healthcheck = {.kind = FORMAT_STRUCT, .name = "health check"};

static const struct format_field container_config_fields[] = {
	FIELD("Env", format_strings),
	FIELD("Cmd", format_strings),
	FIELD("Entrypoint", format_strings),
	FIELD("Volumes", format_map),
	FIELD("ExposedPorts", format_map),
	FIELD("Labels", format_string_map),
	FIELD("Annotations", format_string_map),
	FIELD("Healthcheck", healthcheck),
	FIELD("CreateCommand", format_strings),
	ALIAS("SdNotifyMode", "sdNotifyMode", format_string),
	END,
};
static const struct format_type container_config =
	OBJECT("container config", container_config_fields);

static const struct format_field log_config_fields[] = {
	FIELD("Config", format_string_map),
	FIELD("Path", format_string),
	FIELD("Tag", format_string),
	FIELD("Size", format_string),
	END,
};
static const struct format_type log_config = OBJECT("log config", log_config_fields);

static const struct format_field host_config_fields[] = {
	FIELD("Binds", format_strings),
	FIELD("LogConfig", log_config),
	FIELD("PortBindings", port_map),
	FIELD("Annotations", format_string_map),
	FIELD("CapAdd", format_strings),
	FIELD("CapDrop", format_strings),
	FIELD("Dns", format_strings),
	FIELD("DnsOptions", format_strings),
	FIELD("DnsSearch", format_strings),
	FIELD("ExtraHosts", format_strings),
	FIELD("GroupAdd", format_strings),
	FIELD("SecurityOpt", format_strings),
	FIELD("Tmpfs", format_string_map),
	FIELD("Sysctls", format_string_map),
	END,
};
static const struct format_type host_config = OBJECT("host config", host_config_fields);

static const struct format_field graph_driver_fields[] = {FIELD("Data", format_string_map), END};
static const struct format_type graph_driver = OBJECT("graph driver", graph_driver_fields);

static const struct format_field container_fields[] = {
	ALIAS("ID", "Id", format_string),
	ALIAS("ImageID", "Image", format_string),
	FIELD("Created", format_time),
	FIELD("Args", format_strings),
	FIELD("State", state),
	FIELD("Mounts", mounts),
	FIELD("NetworkSettings", network_settings),
	FIELD("Config", container_config),
	FIELD("HostConfig", host_config),
	FIELD("GraphDriver", graph_driver),
	END,
};
const struct format_type container_object_type = OBJECT("container", container_fields);

/* ---- image ---- */

/* What an image leaves out is empty, not unknown. */
static const struct format_field image_config_fields[] = {
	FIELD("User", format_string),
	FIELD("ExposedPorts", format_map),
	FIELD("Env", format_strings),
	FIELD("Entrypoint", format_strings),
	FIELD("Cmd", format_strings),
	FIELD("Volumes", format_map),
	FIELD("WorkingDir", format_string),
	FIELD("Labels", format_string_map),
	FIELD("StopSignal", format_string),
	FIELD("Healthcheck", healthcheck),
	FIELD("OnBuild", format_strings),
	FIELD("Shell", format_strings),
	END,
};
static const struct format_type image_config =
	OBJECT("image config", image_config_fields, .is_embedded = true);

static const struct format_field history_fields[] = {
	ALIAS("Created", "created", format_time),
	ALIAS("CreatedBy", "created_by", format_string),
	ALIAS("Author", "author", format_string),
	ALIAS("Comment", "comment", format_string),
	ALIAS("EmptyLayer", "empty_layer", format_bool),
	END,
};
static const struct format_type history_item = OBJECT("history", history_fields);
static const struct format_type history = {.kind = FORMAT_LIST, .items = &history_item};

static const struct format_field image_fields[] = {
	ALIAS("ID", "Id", format_string),
	FIELD("RepoTags", format_strings),
	FIELD("RepoDigests", format_strings),
	FIELD("NamesHistory", format_strings),
	FIELD("Comment", format_string),
	FIELD("Created", format_time),
	FIELD("Config", image_config),
	FIELD("Author", format_string),
	FIELD("Variant", format_string),
	FIELD("Labels", format_string_map),
	FIELD("Annotations", format_string_map),
	FIELD("History", history),
	FIELD("HealthCheck", healthcheck),
	FIELD("GraphDriver", graph_driver),
	END,
};
const struct format_type image_object_type = OBJECT("image", image_fields);

/* ---- volume ---- */

static const struct format_field volume_fields[] = {
	{.name = "Name", .type = &format_string, .header = "VOLUME NAME"},
	FIELD("CreatedAt", format_time),
	FIELD("Labels", format_string_map),
	FIELD("Options", format_string_map),
	FIELD("Status", format_string_map),
	END,
};
const struct format_type volume_object_type = OBJECT("volume", volume_fields);

/* ---- info, version ---- */

static const struct format_type info_list = {.kind = FORMAT_LIST, .items = &info_object_type};

/* Members begin with a small letter, fields with a capital; these differ in more. */
static const struct format_field info_fields[] = {
	ALIAS("OS", "os", format_any),
	ALIAS("CPUs", "cpus", format_any),
	ALIAS("CgroupsVersion", "cgroupVersion", format_any),
	ALIAS("IDMappings", "idMappings", info_object_type),
	ALIAS("UIDMap", "uidmap", info_list),
	ALIAS("GIDMap", "gidmap", info_list),
	ALIAS("ContainerID", "container_id", format_any),
	ALIAS("HostID", "host_id", format_any),
	ALIAS("OCIRuntime", "ociRuntime", info_object_type),
	ALIAS("SECCOMPEnabled", "seccompEnabled", format_any),
	END,
};
const struct format_type info_object_type =
	OBJECT("info", info_fields, .small_keys = true, .items = &info_object_type);

/* {{.Version}} and the like are the client's, as long as there is no server. */
static struct json_object *client_member(const struct format_row *row, const char *key)
{
	return json_object_get(json_get(json_get(format_row_object(row), "Client"), key));
}

static struct json_object *get_version(const struct format_row *row)
{
	return client_member(row, "Version");
}

static struct json_object *get_api_version(const struct format_row *row)
{
	return client_member(row, "APIVersion");
}

static struct json_object *get_os_arch(const struct format_row *row)
{
	return client_member(row, "OsArch");
}

static const struct format_type server = {.kind = FORMAT_STRUCT, .name = "server"};
static const struct format_field version_fields[] = {
	{.name = "Version", .type = &format_string, .get = get_version},
	{.name = "APIVersion", .type = &format_string, .get = get_api_version},
	{.name = "OsArch", .type = &format_string, .get = get_os_arch},
	FIELD("Server", server),
	END,
};
const struct format_type version_object_type = OBJECT("version", version_fields);
