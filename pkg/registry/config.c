/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/config.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>

#include "base/log.h"
#include "registry/optional-file.h"
#include "registry/toml.h"
#include "sys/dirs.h"
#include "sys/file.h"

static const struct json_field mirror_fields[] = {
	JSON_STRING(struct registry_mirror, location, "location", JSON_REQUIRED),
	JSON_BOOL(struct registry_mirror, insecure, "insecure"),
	JSON_END,
};

static const struct json_field entry_fields[] = {
	JSON_STRING(struct registry_entry, prefix, "prefix"),
	JSON_STRING(struct registry_entry, location, "location"),
	JSON_BOOL(struct registry_entry, insecure, "insecure"),
	JSON_BOOL(struct registry_entry, blocked, "blocked"),
	JSON_BOOL(struct registry_entry, mirror_by_digest_only, "mirror-by-digest-only"),
	JSON_OBJECTS(struct registry_entry, mirrors, mirror_count, "mirror", mirror_fields),
	JSON_END,
};

void registries_config_release(struct registries_config *config)
{
	strv_free(config->search);
	for (size_t i = 0; i < config->entry_count; i++)
		json_release(entry_fields, &config->entries[i]);
	free(config->entries);
	strmap_release(&config->aliases);
	memset(config, 0, sizeof(*config));
}

static int parse_mode(
	struct json_object *doc, const char *name, enum short_name_mode *ret, struct error *err)
{
	const char *mode = json_get_string(doc, "short-name-mode");

	if (str_is_empty(mode))
		return 0;
	if (str_eq(mode, "enforcing"))
		*ret = SHORT_NAME_ENFORCING;
	else if (str_eq(mode, "permissive"))
		*ret = SHORT_NAME_PERMISSIVE;
	else if (str_eq(mode, "disabled"))
		*ret = SHORT_NAME_DISABLED;
	else
		return error_set(err, EBADMSG, "%s: short-name-mode \"%s\" is unknown", name, mode);
	return 0;
}

/* Replaces *@list when the file has @key. */
static int parse_list(
	struct json_object *doc, const char *key, const char *name, char ***list, struct error *err)
{
	struct json_object *array = json_get(doc, key);
	AUTO(strv_free) char **items = NULL;

	if (!array)
		return 0;
	if (!json_object_is_type(array, json_type_array))
		return error_set(err, EBADMSG, "%s: %s: not a list", name, key);
	items = xcalloc(json_object_array_length(array) + 1, sizeof(char *));
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		struct json_object *item = json_object_array_get_idx(array, i);

		if (!json_object_is_type(item, json_type_string))
			return error_set(err, EBADMSG, "%s: %s: not a list of strings", name, key);
		items[i] = xstrdup(json_object_get_string(item));
	}
	strv_free(*list);
	*list = take_ptr(items);
	return 0;
}

/* Helpers are used where an auth file names them; this list would be for every host. */
static int check_helpers(struct json_object *doc, const char *name, struct error *err)
{
	AUTO(strv_free) char **helpers = NULL;
	int r = parse_list(doc, "credential-helpers", name, &helpers, err);

	for (size_t i = 0; r == 0 && i < strv_len(helpers); i++) {
		if (!str_eq(helpers[i], "containers-auth.json"))
			log_warn("%s: credential-helpers: %s is not used: name it in auth.json "
				 "(credHelpers)",
				name, helpers[i]);
	}
	return r;
}

/* A "host/path" without scheme, as both prefix and location are. */
static int check_place(const char *text, const char *name, const char *what, struct error *err)
{
	if (strstr(text, "://"))
		return error_set(
			err, EBADMSG, "%s: %s \"%s\" must not have a scheme", name, what, text);
	for (const char *c = text; *c; c++)
		if (*c <= ' ' || *c > '~')
			return error_set(err, EBADMSG, "%s: %s has a blank or special character",
				name, what);
	return 0;
}

static void trim_slashes(char *text)
{
	size_t len = text ? strlen(text) : 0;

	while (len && text[len - 1] == '/')
		text[--len] = '\0';
}

static int parse_mirror_mode(struct json_object *obj, const struct registry_entry *entry,
	struct registry_mirror *mirror, const char *name, struct error *err)
{
	const char *mode = json_get_string(obj, "pull-from-mirror");

	mirror->pull = entry->mirror_by_digest_only ? MIRROR_PULL_DIGEST_ONLY : MIRROR_PULL_ALL;
	if (str_is_empty(mode))
		return 0;
	if (entry->mirror_by_digest_only)
		return error_set(err, EBADMSG,
			"%s: pull-from-mirror cannot be used with mirror-by-digest-only", name);
	if (str_eq(mode, "digest-only"))
		mirror->pull = MIRROR_PULL_DIGEST_ONLY;
	else if (str_eq(mode, "tag-only"))
		mirror->pull = MIRROR_PULL_TAG_ONLY;
	else if (!str_eq(mode, "all"))
		return error_set(
			err, EBADMSG, "%s: pull-from-mirror \"%s\" is unknown", name, mode);
	return 0;
}

static int finish_mirrors(
	struct registry_entry *entry, struct json_object *obj, const char *name, struct error *err)
{
	struct json_object *list = json_get(obj, "mirror");
	int r = 0;

	for (size_t i = 0; r == 0 && i < entry->mirror_count; i++) {
		struct registry_mirror *mirror = &entry->mirrors[i];

		trim_slashes(mirror->location);
		r = check_place(mirror->location, name, "mirror location", err);
		if (r == 0 && !*mirror->location)
			r = error_set(err, EBADMSG, "%s: mirror without a location", name);
		if (r == 0)
			r = parse_mirror_mode(
				json_object_array_get_idx(list, i), entry, mirror, name, err);
	}
	return r;
}

static int finish_entry(struct registry_entry *entry, const char *name, struct error *err)
{
	int r;

	trim_slashes(entry->prefix);
	trim_slashes(entry->location);
	if (str_is_empty(entry->prefix)) {
		if (str_is_empty(entry->location))
			return error_set(err, EBADMSG,
				"%s: registry with neither location nor prefix", name);
		free(entry->prefix);
		entry->prefix = xstrdup(entry->location);
	}
	if (!entry->location)
		entry->location = xstrdup("");
	if (strchr(entry->prefix, '*') &&
		(!str_after(entry->prefix, "*.") || strchr(entry->prefix + 1, '*')))
		return error_set(err, EBADMSG,
			"%s: prefix \"%s\": * is only allowed as *. in front", name, entry->prefix);
	if (!*entry->location && entry->prefix[0] != '*')
		return error_set(
			err, EBADMSG, "%s: registry \"%s\" has no location", name, entry->prefix);
	r = check_place(entry->prefix, name, "prefix", err);
	if (r == 0)
		r = check_place(entry->location, name, "location", err);
	return r;
}

/* A later entry for the same prefix replaces the earlier one. */
static void put_entry(struct registries_config *config, struct registry_entry *entry)
{
	size_t at = 0;

	while (at < config->entry_count && !str_eq(config->entries[at].prefix, entry->prefix))
		at++;
	if (at < config->entry_count) {
		json_release(entry_fields, &config->entries[at]);
	} else {
		config->entries = list_grow(config->entries, config->entry_count, sizeof(*entry));
		config->entry_count++;
	}
	config->entries[at] = *entry;
	memset(entry, 0, sizeof(*entry));
}

static int parse_entries(struct registries_config *config, struct json_object *doc,
	const char *name, struct error *err)
{
	struct json_object *list = json_get(doc, "registry");

	if (list && !json_object_is_type(list, json_type_array))
		return error_set(err, EBADMSG, "%s: registry: write [[registry]]", name);
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *obj = json_object_array_get_idx(list, i);
		struct registry_entry entry = {0};
		int r = json_decode(obj, name, entry_fields, &entry, err);

		if (r == 0)
			r = finish_entry(&entry, name, err);
		if (r == 0)
			r = finish_mirrors(&entry, obj, name, err);
		if (r == 0)
			put_entry(config, &entry);
		json_release(entry_fields, &entry);
		if (r < 0)
			return r;
	}
	return 0;
}

static int parse_aliases(struct registries_config *config, struct json_object *doc,
	const char *name, struct error *err)
{
	struct json_object *aliases = json_get(doc, "aliases");

	if (!aliases)
		return 0;
	if (!json_object_is_type(aliases, json_type_object))
		return error_set(err, EBADMSG, "%s: aliases: not a table", name);
	json_object_object_foreach(aliases, key, value)
	{
		AUTO(reference_release) struct reference ref = {0};
		const char *target;

		if (!json_object_is_type(value, json_type_string))
			return error_set(err, EBADMSG, "%s: aliases.%s: not a string", name, key);
		target = json_object_get_string(value);
		if (*target && (reference_parse(target, &ref, NULL) < 0 || ref.is_short ||
				       ref.tag || ref.digest))
			return error_set(err, EBADMSG,
				"%s: alias \"%s\": want a full name without tag", name, key);
		strmap_set(&config->aliases, key, target);
	}
	return 0;
}

/* Version 1 of the format: the lists of names still mean something today. */
static int parse_version1(struct registries_config *config, struct json_object *doc,
	const char *name, struct error *err)
{
	struct json_object *old = json_get(doc, "registries");

	if (!old)
		return 0;
	if (json_get(doc, "registry") || json_get(doc, "unqualified-search-registries"))
		return error_set(err, EBADMSG, "%s: mixes version 1 and 2 of the format", name);
	log_warn("%s: version 1 of the format is out of date: only [registries.search] is used",
		name);
	return parse_list(json_get(old, "search"), "registries", name, &config->search, err);
}

int registries_config_merge(struct registries_config *config, const char *text, size_t len,
	const char *name, struct error *err)
{
	AUTO(json_free) struct json_object *doc = NULL;
	int r = toml_parse(text, len, name, &doc, err);

	if (r == 0)
		r = parse_mode(doc, name, &config->short_name_mode, err);
	if (r == 0)
		r = parse_list(doc, "unqualified-search-registries", name, &config->search, err);
	if (r == 0)
		r = check_helpers(doc, name, err);
	if (r == 0)
		r = parse_version1(config, doc, name, err);
	if (r == 0)
		r = parse_entries(config, doc, name, err);
	if (r == 0)
		r = parse_aliases(config, doc, name, err);
	return r;
}

/* 1 read, 0 absent. */
static int merge_file(struct registries_config *config, const char *path, struct error *err)
{
	autofree char *text = NULL;
	size_t len;
	int r = optional_file_read(AT_FDCWD, path, TOML_MAX_BYTES, &text, &len, err);

	if (r < 0)
		return error_wrap(err, r, "registries configuration");
	if (r == 0)
		return 0;
	r = registries_config_merge(config, text, len, path, err);
	return r < 0 ? r : 1;
}

static int merge_dropins(struct registries_config *config, const char *dir, struct error *err)
{
	AUTO(strv_free) char **names = NULL;
	int r = dir_list_at(AT_FDCWD, dir, &names, NULL);

	if (r < 0)
		return r == -ENOENT || r == -ENOTDIR || r == -EACCES
			       ? 0
			       : error_sys(err, -r, "open %s", dir);
	strv_sort(names);
	for (size_t i = 0; names && names[i]; i++) {
		autofree char *path = xasprintf("%s/%s", dir, names[i]);

		if (!str_has_suffix(names[i], ".conf"))
			continue;
		r = merge_file(config, path, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Names that a person chose at a prompt; they stand above what was configured. */
static int merge_machine_aliases(struct registries_config *config, struct error *err)
{
	const char *cache = getenv("XDG_CACHE_HOME");
	autofree char *home = dirs_home();
	autofree char *path = NULL;
	int r;

	if (!str_is_empty(cache))
		path = xasprintf("%s/containers/short-name-aliases.conf", cache);
	else
		path = xasprintf("%s/.cache/containers/short-name-aliases.conf", home);
	r = merge_file(config, path, err);
	return r < 0 ? r : 0;
}

static int load_files(struct registries_config *config, struct error *err)
{
	const char *override = getenv("CONTAINERS_REGISTRIES_CONF");
	autofree char *home = dirs_config_home();
	autofree char *main_file = xasprintf("%s/containers/registries.conf", home);
	autofree char *dropins = xasprintf("%s/containers/registries.conf.d", home);
	int r;

	if (!str_is_empty(override)) {
		r = merge_file(config, override, err);
		if (r == 0)
			return error_set(err, ENOENT,
				"CONTAINERS_REGISTRIES_CONF: %s does not exist", override);
		return r;
	}
	r = merge_file(config, main_file, err);
	if (r == 0)
		r = merge_file(config, "/etc/containers/registries.conf", err);
	if (r >= 0)
		r = merge_dropins(config, "/etc/containers/registries.conf.d", err);
	if (r >= 0)
		r = merge_dropins(config, dropins, err);
	return r;
}

int registries_config_load(struct registries_config *ret, struct error *err)
{
	AUTO(registries_config_release) struct registries_config config = {0};
	int r = load_files(&config, err);

	if (r >= 0)
		r = merge_machine_aliases(&config, err);
	if (r < 0)
		return r;
	*ret = config;
	memset(&config, 0, sizeof(config));
	return 0;
}
