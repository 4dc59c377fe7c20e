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

/* As `podman images --format json`: one object per image. */
static struct json_object *image_json(const struct engine_image *image)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *labels = json_object_new_object();

	for (size_t i = 0; i < image->labels.count; i++)
		json_add_string(labels, image->labels.items[i].key, image->labels.items[i].value);
	json_add_string(obj, "Id", image->id);
	json_add_string(obj, "ParentId", "");
	json_object_object_add(obj, "RepoTags", json_from_strv(image->names));
	json_object_object_add(obj, "RepoDigests", json_from_strv(image->repo_digests));
	json_add_int(obj, "Size", (int64_t)image->size_bytes);
	json_add_int(obj, "SharedSize", 0);
	json_add_int(obj, "VirtualSize", (int64_t)image->size_bytes);
	json_object_object_add(obj, "Labels", labels);
	json_add_int(obj, "Containers", (int64_t)image->containers);
	json_object_object_add(obj, "Names", json_from_strv(image->names));
	json_add_string(obj, "Digest", image->digest);
	json_object_object_add(obj, "History", json_from_strv(image->names));
	json_add_int(obj, "Created", image->created_ns / 1000000000);
	json_object_object_add(obj, "CreatedAt", json_from_owned(time_format(image->created_ns)));
	json_add_string(obj, "Arch", image->architecture);
	json_add_string(obj, "Os", image->os);
	json_object_object_add(
		obj, "Dangling", json_object_new_boolean(strv_len(image->names) == 0));
	json_object_object_add(obj, "ReadOnly", json_object_new_boolean(false));
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

	return json_from_text(name->repository);
}

static struct json_object *get_tag(const struct format_row *row)
{
	const struct image_row *name = row->data;

	return json_from_text(name->tag);
}

static struct json_object *get_id(const struct format_row *row)
{
	const struct image_row_context *context = row->context;
	const struct image_row *name = row->data;

	if (context->full)
		return json_from_owned(xasprintf("sha256:%s", name->image->id));
	return json_from_owned(out_id(name->image->id, false));
}

static struct json_object *get_since(const struct format_row *row)
{
	const struct image_row *name = row->data;

	return json_from_owned(human_ago(name->image->created_ns, now_of(row)));
}

static struct json_object *get_size(const struct format_row *row)
{
	const struct image_row *name = row->data;

	return json_from_owned(human_size(name->image->size_bytes, HUMAN_SIZE_SPACED));
}

static struct json_object *get_digest(const struct format_row *row)
{
	const struct image_row *name = row->data;

	return json_from_text(name->image->digest ? name->image->digest : NONE);
}

static struct json_object *get_history(const struct format_row *row)
{
	const struct image_row *name = row->data;

	return json_from_owned(strv_join(name->image->names, ", "));
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
