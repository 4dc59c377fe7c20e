/* SPDX-License-Identifier: Apache-2.0 */
#include "cni/conflist.h"

#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>

struct raw_list {
	char *version;
	char **versions;
	char *name;
	bool disable_check, disable_gc, load_only_inlined;
	struct json_object *plugins;
};

static const struct json_field raw_fields[] = {
	JSON_STRING(struct raw_list, version, "cniVersion"),
	JSON_STRINGS(struct raw_list, versions, "cniVersions"),
	JSON_STRING(struct raw_list, name, "name", JSON_REQUIRED),
	JSON_BOOL(struct raw_list, disable_check, "disableCheck"),
	JSON_BOOL(struct raw_list, disable_gc, "disableGC"),
	JSON_BOOL(struct raw_list, load_only_inlined, "loadOnlyInlinedPlugins"),
	JSON_RAW(struct raw_list, plugins, "plugins"),
	JSON_END,
};

static void raw_release(struct raw_list *raw)
{
	json_release(raw_fields, raw);
}

static inline void auto_raw_release(struct raw_list *raw)
{
	raw_release(raw);
}

static char version_list[][8] = {"0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"};
static char *const version_strv[] = {version_list[0], version_list[1], version_list[2],
	version_list[3], version_list[4], version_list[5], version_list[6], NULL};

char *const *cni_versions(void)
{
	return version_strv;
}

bool cni_version_is_supported(const char *version)
{
	return version && strv_has(version_strv, version);
}

bool cni_name_is_valid(const char *name)
{
	if (!name || !isalnum((unsigned char)name[0]) || strlen(name) > 255)
		return false;
	for (const char *at = name; *at; at++) {
		if (!isalnum((unsigned char)*at) && !strchr("_.-", *at))
			return false;
	}
	return true;
}

bool cni_ifname_is_valid(const char *name)
{
	if (str_is_empty(name) || strlen(name) > 15 || str_eq(name, ".") || str_eq(name, ".."))
		return false;
	for (const char *at = name; *at; at++) {
		if (*at == '/' || *at == ':' || !isgraph((unsigned char)*at))
			return false;
	}
	return true;
}

/* The versions are in order of age and compare as text as long as all have one digit each. */
static int choose_version(
	const struct raw_list *raw, const char *what, char **ret, struct error *err)
{
	const char *best = NULL;
	const char *given = raw->version ? raw->version : "0.2.0";

	if (!raw->versions || !raw->versions[0])
		best = cni_version_is_supported(given) ? given : NULL;
	for (size_t i = 0; raw->versions && raw->versions[i]; i++) {
		if (cni_version_is_supported(raw->versions[i]) &&
			(!best || strcmp(raw->versions[i], best) > 0))
			best = raw->versions[i];
	}
	if (!best)
		return error_set(err, EPROTONOSUPPORT,
			"%s: CNI version %s is not supported (1.1.0 and older are)", what, given);
	*ret = xstrdup(best);
	return 0;
}

static int read_capabilities(
	struct json_object *conf, const char *what, char ***ret, struct error *err)
{
	struct json_object *caps = json_get(conf, "capabilities");

	if (!caps)
		return 0;
	if (!json_object_is_type(caps, json_type_object))
		return error_set(err, EBADMSG, "%s: capabilities: not an object", what);
	json_object_object_foreach(caps, key, value)
	{
		if (json_object_is_type(value, json_type_boolean) && json_object_get_boolean(value))
			strv_add(ret, key);
	}
	return 0;
}

static int add_plugin(
	struct cni_list *list, struct json_object *conf, const char *what, struct error *err)
{
	AUTO(strv_free) char **caps = NULL;
	const char *type;
	int r;

	if (!json_object_is_type(conf, json_type_object))
		return error_set(
			err, EBADMSG, "%s: plugin %zu: not an object", what, list->plugin_count);
	type = json_get_string(conf, "type");
	if (!cni_name_is_valid(type))
		return error_set(err, EBADMSG, "%s: plugin %zu: type: %s", what, list->plugin_count,
			type ? "not the name of a plugin" : "missing");
	if (list->plugin_count >= CNI_MAX_PLUGINS)
		return error_set(err, EBADMSG, "%s: more than %d plugins", what, CNI_MAX_PLUGINS);
	r = read_capabilities(conf, what, &caps, err);
	if (r < 0)
		return r;
	list->plugins = list_grow(list->plugins, list->plugin_count, sizeof(*list->plugins));
	list->plugins[list->plugin_count++] = (struct cni_plugin){.type = xstrdup(type),
		.capabilities = take_ptr(caps),
		.conf = json_object_get(conf)};
	return 0;
}

static int add_plugins(struct cni_list *list, struct json_object *doc, const struct raw_list *raw,
	const char *what, struct error *err)
{
	int r = 0;

	if (!raw->plugins) {
		/* Before lists there was one plugin with the network's keys beside its own. */
		if (!json_get(doc, "type"))
			return error_set(err, EBADMSG, "%s: plugins: missing", what);
		list->load_only_inlined = true;
		return add_plugin(list, doc, what, err);
	}
	if (!json_object_is_type(raw->plugins, json_type_array))
		return error_set(err, EBADMSG, "%s: plugins: not a list", what);
	for (size_t i = 0; r == 0 && i < json_object_array_length(raw->plugins); i++)
		r = add_plugin(list, json_object_array_get_idx(raw->plugins, i), what, err);
	if (r == 0 && list->plugin_count == 0 && list->load_only_inlined)
		return error_set(err, EBADMSG, "%s: plugins: empty", what);
	return r;
}

int cni_list_parse(
	const char *text, size_t len, const char *what, struct cni_list *ret, struct error *err)
{
	AUTO(json_free) struct json_object *doc = NULL;
	AUTO(raw_release) struct raw_list raw = {0};
	AUTO(cni_list_release) struct cni_list list = {0};
	int r;

	if (len > CNI_MAX_CONFIG_BYTES)
		return error_set(
			err, EBADMSG, "%s: larger than %u bytes", what, CNI_MAX_CONFIG_BYTES);
	r = json_parse(text, len, &doc, err);
	if (r < 0)
		return error_wrap(err, r, "%s", what);
	r = json_decode(doc, what, raw_fields, &raw, err);
	if (r == 0)
		r = choose_version(&raw, what, &list.version, err);
	if (r < 0)
		return r;
	if (!cni_name_is_valid(raw.name))
		return error_set(
			err, EBADMSG, "%s: name: \"%s\" is not a network name", what, raw.name);
	list.name = take_ptr(raw.name);
	list.disable_check = raw.disable_check;
	list.disable_gc = raw.disable_gc;
	list.load_only_inlined = raw.load_only_inlined;
	r = add_plugins(&list, doc, &raw, what, err);
	if (r < 0)
		return r;
	*ret = list;
	list = (struct cni_list){0};
	return 0;
}

int cni_list_append(
	struct cni_list *list, const char *text, size_t len, const char *what, struct error *err)
{
	AUTO(json_free) struct json_object *doc = NULL;
	int r;

	if (len > CNI_MAX_CONFIG_BYTES)
		return error_set(
			err, EBADMSG, "%s: larger than %u bytes", what, CNI_MAX_CONFIG_BYTES);
	r = json_parse(text, len, &doc, err);
	if (r < 0)
		return error_wrap(err, r, "%s", what);
	return add_plugin(list, doc, what, err);
}

struct json_object *cni_list_encode(const struct cni_list *list)
{
	struct json_object *doc = json_object_new_object();
	struct json_object *plugins = json_object_new_array();

	json_object_object_add(doc, "cniVersion", json_object_new_string(list->version));
	json_object_object_add(doc, "name", json_object_new_string(list->name));
	json_object_object_add(doc, "disableCheck", json_object_new_boolean(list->disable_check));
	json_object_object_add(doc, "disableGC", json_object_new_boolean(list->disable_gc));
	json_object_object_add(
		doc, "loadOnlyInlinedPlugins", json_object_new_boolean(list->load_only_inlined));
	for (size_t i = 0; i < list->plugin_count; i++)
		json_object_array_add(plugins, json_object_get(list->plugins[i].conf));
	json_object_object_add(doc, "plugins", plugins);
	return doc;
}

void cni_list_release(struct cni_list *list)
{
	for (size_t i = 0; i < list->plugin_count; i++) {
		free(list->plugins[i].type);
		strv_free(list->plugins[i].capabilities);
		json_object_put(list->plugins[i].conf);
	}
	free(list->plugins);
	free(list->version);
	free(list->name);
	*list = (struct cni_list){0};
}
