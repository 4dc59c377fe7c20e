/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/inspect.h"
#include "spec/spec.h"

/* Options that have a member, or a place in the text, of their own. */
static const char *const access_words[] = {"ro", "rw"};
static const char *const propagation_words[] = {
	"private", "rprivate", "shared", "rshared", "slave", "rslave", "unbindable", "runbindable"};

static bool is_one_of(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (str_eq(word, words[i]))
			return true;
	}
	return false;
}

static bool is_access(const char *word)
{
	return is_one_of(word, access_words, ARRAY_SIZE(access_words));
}

static bool is_propagation(const char *word)
{
	return is_one_of(word, propagation_words, ARRAY_SIZE(propagation_words));
}

static const char *propagation_of(const struct spec_mount *mount)
{
	for (size_t i = 0; mount && mount->options && mount->options[i]; i++) {
		if (is_propagation(mount->options[i]))
			return mount->options[i];
	}
	return "";
}

/* What is left; owned by the caller. */
static char **other_options(const struct spec_mount *mount)
{
	char **list = NULL;

	for (size_t i = 0; mount && mount->options && mount->options[i]; i++) {
		if (!is_access(mount->options[i]) && !is_propagation(mount->options[i]))
			strv_add(&list, mount->options[i]);
	}
	return list;
}

static struct json_object *mount_json(
	const struct container_mount *mount, const struct spec_mount *mounted)
{
	AUTO(strv_free) char **options = other_options(mounted);
	struct json_object *obj = json_object_new_object();

	json_add_string(obj, "Type", mount->type);
	if (mount->name)
		json_add_string(obj, "Name", mount->name);
	json_add_string(obj, "Driver", mount->name ? "local" : "");
	json_add_string(obj, "Source", mount->source);
	json_add_string(obj, "Destination", mount->destination);
	json_add_string(obj, "Mode", "");
	json_object_object_add(obj, "Options", json_from_strv(options));
	json_add_bool(obj, "RW", mount->writable);
	json_add_string(obj, "Propagation", propagation_of(mounted));
	return obj;
}

struct json_object *inspect_mounts(const struct container_record *record, const struct spec *spec)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < record->mount_count; i++) {
		const struct container_mount *mount = &record->mounts[i];

		if (!str_eq(mount->type, "tmpfs"))
			json_object_array_add(array,
				mount_json(mount, spec_find_mount(spec, mount->destination)));
	}
	return array;
}

/* "vol:/data:rw,rprivate,rbind" */
static char *bind_text(const struct container_mount *mount, const struct spec_mount *mounted)
{
	AUTO(strv_free) char **others = other_options(mounted);
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	const char *propagation = propagation_of(mounted);

	strbuf_addf(&text, "%s:%s:%s", mount->name ? mount->name : mount->source,
		mount->destination, mount->writable ? "rw" : "ro");
	if (*propagation)
		strbuf_addf(&text, ",%s", propagation);
	for (size_t i = 0; others && others[i]; i++)
		strbuf_addf(&text, ",%s", others[i]);
	return strbuf_take(&text);
}

struct json_object *inspect_binds(const struct container_record *record, const struct spec *spec)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < record->mount_count; i++) {
		const struct container_mount *mount = &record->mounts[i];

		if (!str_eq(mount->type, "tmpfs"))
			json_object_array_add(
				array, json_from_owned(bind_text(
					       mount, spec_find_mount(spec, mount->destination))));
	}
	return array;
}

/* Directory to options; those of /dev are part of every container. */
struct json_object *inspect_tmpfs(const struct spec *spec)
{
	struct json_object *obj = json_object_new_object();

	for (size_t i = 0; i < spec->mount_count; i++) {
		const struct spec_mount *mount = &spec->mounts[i];

		if (str_eq(mount->type, "tmpfs") && !str_eq(mount->destination, "/dev") &&
			!str_after(mount->destination, "/dev/"))
			json_object_object_add(obj, mount->destination,
				json_from_owned(strv_join(mount->options, ",")));
	}
	return obj;
}
