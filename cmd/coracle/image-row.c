/* SPDX-License-Identifier: Apache-2.0 */
#include "image-row.h"

#include "base/clock.h"
#include "base/json.h"
#include "common/out.h"
#include "format/human.h"

#define NONE "<none>"

void image_row_init(struct image_row *row, const struct engine_image *image, const char *name)
{
	const char *slash = name ? strrchr(name, '/') : NULL;
	const char *colon = name ? strchr(slash ? slash : name, ':') : NULL;
	const char *at = name ? strchr(name, '@') : NULL;

	*row = (struct image_row){.image = image};
	if (at) {
		row->repository = xstrndup(name, (size_t)(at - name));
		row->tag = xstrdup(NONE);
	} else if (colon) {
		row->repository = xstrndup(name, (size_t)(colon - name));
		row->tag = xstrdup(colon + 1);
	} else {
		row->repository = xstrdup(name ? name : NONE);
		row->tag = xstrdup(NONE);
	}
}

void image_row_release(struct image_row *row)
{
	free(row->repository);
	free(row->tag);
}

static void add_text(struct json_object *obj, const char *key, const char *text)
{
	json_object_object_add(obj, key, json_object_new_string(text ? text : ""));
}

static void add_owned(struct json_object *obj, const char *key, char *text)
{
	add_text(obj, key, text);
	free(text);
}

static void add_strings(struct json_object *obj, const char *key, char *const *list)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; list && list[i]; i++)
		json_object_array_add(array, json_object_new_string(list[i]));
	json_object_object_add(obj, key, array);
}

static void add_number(struct json_object *obj, const char *key, int64_t number)
{
	json_object_object_add(obj, key, json_object_new_int64(number));
}

/* As `podman images --format json`: one object per image. */
static struct json_object *image_json(const struct engine_image *image)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *labels = json_object_new_object();

	for (size_t i = 0; i < image->labels.count; i++)
		add_text(labels, image->labels.items[i].key, image->labels.items[i].value);
	add_text(obj, "Id", image->id);
	add_text(obj, "ParentId", "");
	add_strings(obj, "RepoTags", image->names);
	add_strings(obj, "RepoDigests", image->repo_digests);
	add_number(obj, "Size", (int64_t)image->size_bytes);
	add_number(obj, "SharedSize", 0);
	add_number(obj, "VirtualSize", (int64_t)image->size_bytes);
	json_object_object_add(obj, "Labels", labels);
	add_number(obj, "Containers", (int64_t)image->containers);
	add_strings(obj, "Names", image->names);
	add_text(obj, "Digest", image->digest);
	add_strings(obj, "History", image->names);
	add_number(obj, "Created", image->created_ns / 1000000000);
	add_owned(obj, "CreatedAt", time_format(image->created_ns));
	add_text(obj, "Arch", image->architecture);
	add_text(obj, "Os", image->os);
	json_object_object_add(
		obj, "Dangling", json_object_new_boolean(strv_len(image->names) == 0));
	json_object_object_add(obj, "ReadOnly", json_object_new_boolean(false));
	return obj;
}

static struct json_object *text(const char *line)
{
	return json_object_new_string(line ? line : "");
}

static struct json_object *owned(char *line)
{
	struct json_object *obj = text(line);

	free(line);
	return obj;
}

static int64_t now_of(const struct format_row *row)
{
	const struct image_row_context *context = row->context;

	return context->now_ns;
}

static struct json_object *get_json(const struct format_row *row)
{
	const struct image_row *name = row->data;

	return image_json(name->image);
}

static struct json_object *get_repository(const struct format_row *row)
{
	const struct image_row *name = row->data;

	return text(name->repository);
}

static struct json_object *get_tag(const struct format_row *row)
{
	const struct image_row *name = row->data;

	return text(name->tag);
}

static struct json_object *get_id(const struct format_row *row)
{
	const struct image_row_context *context = row->context;
	const struct image_row *name = row->data;

	if (context->full)
		return owned(xasprintf("sha256:%s", name->image->id));
	return owned(out_id(name->image->id, false));
}

static struct json_object *get_since(const struct format_row *row)
{
	const struct image_row *name = row->data;

	return owned(human_ago(name->image->created_ns, now_of(row)));
}

static struct json_object *get_size(const struct format_row *row)
{
	const struct image_row *name = row->data;

	return owned(human_size(name->image->size_bytes, HUMAN_SIZE_SPACED));
}

static struct json_object *get_digest(const struct format_row *row)
{
	const struct image_row *name = row->data;

	return text(name->image->digest ? name->image->digest : NONE);
}

static struct json_object *get_history(const struct format_row *row)
{
	const struct image_row *name = row->data;

	return owned(strv_join(name->image->names, ", "));
}

#define GOT(field_name, field_type, function) \
	{ \
		.name = (field_name), .type = &(field_type), .get = (function) \
	}
/* The member of the same name. */
#define MEMBER(field_name, field_type) \
	{ \
		.name = (field_name), .type = &(field_type) \
	}

static const struct format_field row_fields[] = {
	GOT("Repository", format_string, get_repository),
	GOT("Tag", format_string, get_tag),
	{.name = "ID", .type = &format_string, .get = get_id, .header = "IMAGE ID"},
	GOT("Created", format_string, get_since),
	GOT("CreatedSince", format_string, get_since),
	GOT("Size", format_string, get_size),
	GOT("Digest", format_string, get_digest),
	GOT("History", format_string, get_history),
	MEMBER("CreatedAt", format_time),
	MEMBER("Id", format_string),
	MEMBER("ParentId", format_string),
	MEMBER("RepoTags", format_strings),
	MEMBER("RepoDigests", format_strings),
	MEMBER("SharedSize", format_int),
	MEMBER("VirtualSize", format_int),
	MEMBER("Labels", format_string_map),
	MEMBER("Containers", format_int),
	MEMBER("Names", format_strings),
	MEMBER("Arch", format_string),
	MEMBER("Os", format_string),
	MEMBER("Dangling", format_bool),
	MEMBER("ReadOnly", format_bool),
	{.name = NULL},
};
const struct format_type image_row_type = {
	.kind = FORMAT_STRUCT,
	.name = "image",
	.fields = row_fields,
	.json = get_json,
};
