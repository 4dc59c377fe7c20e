/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/spec.h"

#include <errno.h>
#include <json-c/json.h>

static const char *const namespace_types[] = {
	"pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time"};

static int check_user(const struct spec_user *user, const char *what, struct error *err)
{
	size_t count;

	if (!user->additional_gids)
		return 0;
	if (!json_object_is_type(user->additional_gids, json_type_array))
		return error_set(err, EBADMSG, "%s.user.additionalGids: not a list", what);
	count = json_object_array_length(user->additional_gids);
	for (size_t i = 0; i < count; i++) {
		struct json_object *item = json_object_array_get_idx(user->additional_gids, i);
		int64_t gid = json_object_get_int64(item);

		if (!json_object_is_type(item, json_type_int) || gid < 0 || gid >= UINT32_MAX)
			return error_set(err, EBADMSG,
				"%s.user.additionalGids[%zu]: not a group id", what, i);
	}
	return 0;
}

static int check_process(const struct spec_process *process, const char *what, struct error *err)
{
	if (!process->cwd || process->cwd[0] != '/')
		return error_set(err, EBADMSG, "%s.cwd: not an absolute path", what);
	for (size_t i = 0; i < process->rlimit_count; i++)
		for (size_t j = 0; j < i; j++)
			if (str_eq(process->rlimits[i].type, process->rlimits[j].type))
				return error_set(err, EBADMSG, "%s.rlimits[%zu]: %s is given twice",
					what, i, process->rlimits[i].type);
	return check_user(&process->user, what, err);
}

static bool is_namespace_type(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(namespace_types); i++)
		if (str_eq(type, namespace_types[i]))
			return true;
	return false;
}

static int check_namespaces(const struct spec_linux *linux, struct error *err)
{
	for (size_t i = 0; i < linux->namespace_count; i++) {
		const struct spec_namespace *ns = &linux->namespaces[i];

		if (!is_namespace_type(ns->type))
			return error_set(err, EBADMSG,
				"config.json.linux.namespaces[%zu].type: unknown type %s", i,
				ns->type);
		if (ns->path && ns->path[0] != '/')
			return error_set(err, EBADMSG,
				"config.json.linux.namespaces[%zu].path: not an absolute path", i);
		for (size_t j = 0; j < i; j++)
			if (str_eq(ns->type, linux->namespaces[j].type))
				return error_set(err, EBADMSG,
					"config.json.linux.namespaces[%zu]: %s is given twice", i,
					ns->type);
	}
	return 0;
}

static int check_mounts(const struct spec *spec, struct error *err)
{
	for (size_t i = 0; i < spec->mount_count; i++) {
		const struct spec_mount *mount = &spec->mounts[i];

		/* Old writers leave out the slash (config.md allows it: relative to /). */
		if (str_is_empty(mount->destination))
			return error_set(
				err, EBADMSG, "config.json.mounts[%zu].destination: empty", i);
		if (!mount->uid_mappings.count != !mount->gid_mappings.count)
			return error_set(err, EBADMSG,
				"config.json.mounts[%zu]: uidMappings and gidMappings go together",
				i);
	}
	return 0;
}

int spec_check(const struct spec *spec, struct error *err)
{
	int r = 0;

	if (!str_after(spec->oci_version, "1."))
		return error_set(err, EBADMSG, "config.json.ociVersion: %s is not supported",
			spec->oci_version ? spec->oci_version : "none");
	if (spec->has_process)
		r = check_process(&spec->process, "config.json.process", err);
	if (r == 0)
		r = check_mounts(spec, err);
	if (r == 0)
		r = check_namespaces(&spec->linux, err);
	return r;
}

int spec_parse(const char *text, size_t len, struct spec *ret, struct error *err)
{
	int r;

	if (len > SPEC_MAX_BYTES)
		return error_set(err, EBADMSG, "config.json: larger than %d bytes", SPEC_MAX_BYTES);
	r = json_read_bytes(text, len, "config.json", spec_fields, ret, err);
	return r < 0 ? r : spec_check(ret, err);
}

int spec_process_parse(const char *text, size_t len, struct spec_process *ret, struct error *err)
{
	int r;

	if (len > SPEC_MAX_BYTES)
		return error_set(
			err, EBADMSG, "process.json: larger than %d bytes", SPEC_MAX_BYTES);
	r = json_read_bytes(text, len, "process.json", spec_process_fields, ret, err);
	return r < 0 ? r : check_process(ret, "process.json", err);
}

char *spec_write(const struct spec *spec)
{
	return json_write(spec_fields, spec, false);
}

char *spec_process_write(const struct spec_process *process)
{
	return json_write(spec_process_fields, process, true);
}

void spec_release(struct spec *spec)
{
	json_release(spec_fields, spec);
	*spec = (struct spec){0};
}

void spec_process_release(struct spec_process *process)
{
	json_release(spec_process_fields, process);
	*process = (struct spec_process){0};
}

void spec_free(struct spec *spec)
{
	if (!spec)
		return;
	spec_release(spec);
	free(spec);
}

struct spec_mount *spec_add_mount(struct spec *spec, const char *destination, const char *type,
	const char *source, char *const *options)
{
	struct spec_mount *mount;

	spec->mounts = list_grow(spec->mounts, spec->mount_count, sizeof(*spec->mounts));
	mount = &spec->mounts[spec->mount_count++];
	*mount = (struct spec_mount){.destination = xstrdup(destination),
		.type = xstrdup(type),
		.source = xstrdup(source),
		.options = strv_dup(options)};
	return mount;
}

struct spec_namespace *spec_add_namespace(struct spec *spec, const char *type, const char *path)
{
	struct spec_linux *linux = &spec->linux;
	struct spec_namespace *ns;

	linux->namespaces = list_grow(linux->namespaces, linux->namespace_count, sizeof(*ns));
	ns = &linux->namespaces[linux->namespace_count++];
	*ns = (struct spec_namespace){.type = xstrdup(type), .path = xstrdup(path)};
	return ns;
}

struct spec_rlimit *spec_add_rlimit(
	struct spec_process *process, const char *type, uint64_t soft, uint64_t hard)
{
	struct spec_rlimit *limit = NULL;

	for (size_t i = 0; i < process->rlimit_count; i++)
		if (str_eq(process->rlimits[i].type, type))
			limit = &process->rlimits[i];
	if (!limit) {
		process->rlimits =
			list_grow(process->rlimits, process->rlimit_count, sizeof(*limit));
		limit = &process->rlimits[process->rlimit_count++];
		*limit = (struct spec_rlimit){.type = xstrdup(type)};
	}
	limit->soft = soft;
	limit->hard = hard;
	return limit;
}

void spec_add_group(struct spec_user *user, uint32_t gid)
{
	if (!user->additional_gids)
		user->additional_gids = json_object_new_array();
	for (size_t i = 0; i < json_object_array_length(user->additional_gids); i++)
		if (json_object_get_int64(json_object_array_get_idx(user->additional_gids, i)) ==
			gid)
			return;
	json_object_array_add(user->additional_gids, json_object_new_int64(gid));
}

size_t spec_user_groups(const struct spec_user *user, uint32_t **ret)
{
	size_t count = user->additional_gids ? json_object_array_length(user->additional_gids) : 0;
	uint32_t *list = xcalloc(count + 1, sizeof(*list));

	for (size_t i = 0; i < count; i++)
		list[i] = (uint32_t)json_object_get_int64(
			json_object_array_get_idx(user->additional_gids, i));
	*ret = list;
	return count;
}

const struct spec_mount *spec_find_mount(const struct spec *spec, const char *destination)
{
	for (size_t i = 0; i < spec->mount_count; i++)
		if (str_eq(spec->mounts[i].destination, destination))
			return &spec->mounts[i];
	return NULL;
}

const struct spec_namespace *spec_find_namespace(const struct spec *spec, const char *type)
{
	for (size_t i = 0; i < spec->linux.namespace_count; i++)
		if (str_eq(spec->linux.namespaces[i].type, type))
			return &spec->linux.namespaces[i];
	return NULL;
}
