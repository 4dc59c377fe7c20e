/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "engine/internal.h"
#include "image/config.h"
#include "storage/mount.h"

static struct json_object *rootfs_json(const struct image_config *config)
{
	struct json_object *obj = json_object_new_object();

	json_add_string(obj, "Type", "layers");
	json_object_object_add(obj, "Layers", json_from_strv(config->rootfs.diff_ids));
	return obj;
}

static struct json_object *history_json(const struct image_config *config)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < config->history_count; i++) {
		const struct image_history *from = &config->history[i];
		struct json_object *obj = json_object_new_object();

		json_add_string(obj, "created", from->created);
		json_add_string(obj, "created_by", from->created_by);
		if (from->author)
			json_add_string(obj, "author", from->author);
		if (from->comment)
			json_add_string(obj, "comment", from->comment);
		if (from->empty_layer)
			json_object_object_add(obj, "empty_layer", json_object_new_boolean(true));
		json_object_array_add(array, obj);
	}
	return array;
}

/* The media type of the manifest: what the image was made as. */
static const char *manifest_type(const struct image_record *image)
{
	static const char docker[] = "application/vnd.docker.distribution.manifest.v2+json";

	return strstr(image->manifest, docker) ? docker
					       : "application/vnd.oci.image.manifest.v1+json";
}

static struct json_object *annotations_json(const struct image_record *image)
{
	AUTO(json_free) struct json_object *manifest = NULL;
	struct json_object *annotations = NULL;

	if (json_parse(image->manifest, image->manifest_len, &manifest, NULL) == 0)
		annotations = json_object_get(json_get(manifest, "annotations"));
	return annotations ? annotations : json_object_new_object();
}

/* The members that come from the image's configuration. */
static void add_config(struct json_object *obj, const struct image_config *config)
{
	const char *comment = NULL;

	for (size_t i = 0; i < config->history_count; i++)
		comment = config->history[i].comment;
	json_add_string(obj, "Comment", comment);
	json_add_string(obj, "Created", config->created);
	json_object_object_add(
		obj, "Config", json_encode(image_run_config_fields, &config->config));
	json_add_string(obj, "Version", "");
	json_add_string(obj, "Author", config->author);
	json_add_string(obj, "Architecture", config->architecture);
	if (config->variant)
		json_add_string(obj, "Variant", config->variant);
	json_add_string(obj, "Os", config->os);
	json_object_object_add(obj, "RootFS", rootfs_json(config));
	json_object_object_add(obj, "Labels", json_from_strmap(&config->config.labels));
	json_add_string(obj, "User", config->config.user);
	json_object_object_add(obj, "History", history_json(config));
}

/* Where the layers lie: the uppermost as podman has it, the others below. */
static struct json_object *graph_driver_json(
	const struct engine *engine, const struct image_record *image)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *data = json_object_new_object();
	autofree char *text = storage_lower_text(engine->store, image->layers);
	char *rest = strchr(text, ':');

	if (rest) {
		*rest = '\0';
		json_add_string(data, "LowerDir", rest + 1);
	}
	json_add_string(data, "UpperDir", text);
	json_add_string(obj, "Name", "overlay");
	json_object_object_add(obj, "Data", data);
	return obj;
}

int engine_image_inspect(
	struct engine *engine, const char *name, struct json_object **ret, struct error *err)
{
	AUTO(image_record_free) struct image_record *image = NULL;
	AUTO(image_config_release) struct image_config config = {0};
	struct json_object *obj;
	int r = image_resolve(engine->store, name, &image, err);

	if (r == 0)
		r = image_load_names(engine->store, image, err);
	if (r == 0)
		r = image_config_parse(image->config, image->config_len, &config, err);
	if (r < 0)
		return r;
	obj = json_object_new_object();
	json_add_string(obj, "Id", image->id);
	json_add_string(obj, "Digest", image->digest);
	json_object_object_add(obj, "RepoTags", json_from_strv(image->names));
	json_object_object_add(obj, "NamesHistory", json_from_strv(image->names));
	json_object_object_add(obj, "RepoDigests", json_from_strv(image->name_digests));
	json_add_string(obj, "Parent", "");
	add_config(obj, &config);
	json_object_object_add(obj, "Size", json_object_new_int64((int64_t)image->size));
	json_object_object_add(obj, "VirtualSize", json_object_new_int64((int64_t)image->size));
	json_object_object_add(obj, "GraphDriver", graph_driver_json(engine, image));
	json_object_object_add(obj, "Annotations", annotations_json(image));
	json_add_string(obj, "ManifestType", manifest_type(image));
	*ret = obj;
	return 0;
}
