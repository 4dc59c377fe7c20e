/* SPDX-License-Identifier: Apache-2.0 */
#include "image/manifest.h"

#include <errno.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/str.h"
#include "image/config.h"

const struct json_field descriptor_fields[] = {
	JSON_STRING(struct descriptor, media_type, "mediaType", JSON_REQUIRED),
	JSON_STRING(struct descriptor, digest, "digest", JSON_REQUIRED),
	JSON_U64(struct descriptor, size, "size", JSON_REQUIRED),
	JSON_STRINGS(struct descriptor, urls, "urls"),
	JSON_MAP(struct descriptor, annotations, "annotations"),
	JSON_STRING(struct descriptor, artifact_type, "artifactType"),
	JSON_OPT_OBJECT(struct descriptor, platform, has_platform, "platform", platform_fields),
	JSON_END,
};

static const struct json_field manifest_fields[] = {
	JSON_I64(struct manifest, schema_version, "schemaVersion", JSON_REQUIRED),
	JSON_STRING(struct manifest, media_type, "mediaType"),
	JSON_STRING(struct manifest, artifact_type, "artifactType"),
	JSON_OBJECT(struct manifest, config, "config", descriptor_fields),
	JSON_OBJECTS(struct manifest, layers, layer_count, "layers", descriptor_fields),
	JSON_MAP(struct manifest, annotations, "annotations"),
	JSON_END,
};

static const struct json_field index_fields[] = {
	JSON_I64(struct index, schema_version, "schemaVersion", JSON_REQUIRED),
	JSON_STRING(struct index, media_type, "mediaType"),
	JSON_STRING(struct index, artifact_type, "artifactType"),
	JSON_OBJECTS(struct index, manifests, manifest_count, "manifests", descriptor_fields),
	JSON_MAP(struct index, annotations, "annotations"),
	JSON_END,
};

void descriptor_release(struct descriptor *descriptor)
{
	json_release(descriptor_fields, descriptor);
}

void descriptor_copy(struct descriptor *to, const struct descriptor *from)
{
	*to = (struct descriptor){
		.media_type = xstrdup(from->media_type),
		.digest = xstrdup(from->digest),
		.size = from->size,
		.artifact_type = xstrdup(from->artifact_type),
		.urls = from->urls ? strv_dup(from->urls) : NULL,
		.has_platform = from->has_platform,
	};
	strmap_copy(&to->annotations, &from->annotations);
	platform_copy(&to->platform, &from->platform);
}

void manifest_release(struct manifest *manifest)
{
	json_release(manifest_fields, manifest);
}

void index_release(struct index *index)
{
	json_release(index_fields, index);
}

static int schema1_error(struct error *err)
{
	return error_set(err, EPROTONOSUPPORT,
		"docker schema 1 manifests are not supported: push the image again with a current "
		"tool");
}

/* Documents without mediaType, from before OCI 1.1: told apart by their members. */
static int guess_type(struct json_object *doc, const char **ret, struct error *err)
{
	if (json_get(doc, "manifests"))
		*ret = MEDIA_OCI_INDEX;
	else if (json_get(doc, "config") && json_get(doc, "layers"))
		*ret = MEDIA_OCI_MANIFEST;
	else
		return error_set(err, EBADMSG, "manifest: neither manifest nor index");
	return 0;
}

static int check_version(struct json_object *doc, struct error *err)
{
	struct json_object *version = json_get(doc, "schemaVersion");
	int64_t number;

	if (!json_object_is_type(version, json_type_int))
		return error_set(err, EBADMSG, "manifest.schemaVersion: missing");
	number = json_object_get_int64(version);
	if (number == 1)
		return schema1_error(err);
	if (number != 2)
		return error_set(
			err, EBADMSG, "manifest.schemaVersion: %lld is unknown", (long long)number);
	return 0;
}

static int document_type(
	struct json_object *doc, const char *content_type, const char **ret, struct error *err)
{
	const char *said = media_type_document(content_type);
	const char *own;
	int r;

	if (!json_object_is_type(doc, json_type_object))
		return error_set(err, EBADMSG, "manifest: not an object");
	if (media_type_is_schema1(said))
		return schema1_error(err);
	r = check_version(doc, err);
	if (r < 0)
		return r;
	/* image-spec, manifest.md: a document that is both would be read differently by others. */
	if (json_get(doc, "manifests") && (json_get(doc, "config") || json_get(doc, "layers")))
		return error_set(err, EBADMSG, "manifest: is a manifest and an index at once");
	own = json_get_string(doc, "mediaType");
	if (own && !media_type_document(own))
		return error_set(
			err, EPROTONOSUPPORT, "manifest has media type %s, which is no image", own);
	own = media_type_document(own);
	if (own && said && own != said)
		return error_set(
			err, EBADMSG, "manifest: sent as %s, but says it is %s", said, own);
	if (!own && !said)
		return guess_type(doc, ret, err);
	*ret = own ? own : said;
	return 0;
}

static int parse_document(const char *bytes, size_t len, const char *content_type,
	struct json_object **ret, const char **ret_type, struct error *err)
{
	AUTO(json_free) struct json_object *doc = NULL;
	int r;

	if (len > MANIFEST_MAX_BYTES)
		return error_set(
			err, EBADMSG, "manifest: larger than %d bytes", MANIFEST_MAX_BYTES);
	r = json_parse(bytes, len, &doc, err);
	if (r < 0)
		return error_wrap(err, r, "manifest");
	r = document_type(doc, content_type, ret_type, err);
	if (r < 0)
		return r;
	*ret = take_ptr(doc);
	return 0;
}

int manifest_media_type(const char *bytes, size_t len, const char *content_type, const char **ret,
	struct error *err)
{
	AUTO(json_free) struct json_object *doc = NULL;

	return parse_document(bytes, len, content_type, &doc, ret, err);
}

static int check_descriptor(
	const struct descriptor *descriptor, const char *what, size_t number, struct error *err)
{
	if (!digest_is_valid(descriptor->digest))
		return error_set(err, EBADMSG, "%s %zu: malformed digest", what, number);
	if (descriptor->size > INT64_MAX)
		return error_set(err, EBADMSG, "%s %zu: size out of range", what, number);
	return 0;
}

static int check_layers(const struct manifest *manifest, struct error *err)
{
	if (manifest->layer_count > MANIFEST_MAX_LAYERS)
		return error_set(
			err, EBADMSG, "manifest: more than %d layers", MANIFEST_MAX_LAYERS);
	for (size_t i = 0; i < manifest->layer_count; i++) {
		int r = check_descriptor(&manifest->layers[i], "layer", i + 1, err);

		if (r < 0)
			return r;
		if (!media_type_is_layer(manifest->layers[i].media_type))
			return error_set(err, EPROTONOSUPPORT,
				"layer %zu: media type %s is not supported", i + 1,
				manifest->layers[i].media_type);
	}
	return 0;
}

static int check_manifest(const struct manifest *manifest, struct error *err)
{
	int r;

	if (!manifest->config.digest)
		return error_set(err, EBADMSG, "manifest.config: missing");
	if (!media_type_is_config(manifest->config.media_type))
		return error_set(err, EPROTONOSUPPORT,
			"not a container image: its configuration has media type %s",
			manifest->config.media_type);
	r = check_descriptor(&manifest->config, "configuration", 0, err);
	if (r < 0)
		return r;
	if (manifest->config.size > IMAGE_CONFIG_MAX_BYTES)
		return error_set(err, EBADMSG, "manifest.config: larger than %d bytes",
			IMAGE_CONFIG_MAX_BYTES);
	return check_layers(manifest, err);
}

/* What differs in reading the two documents. */
struct document_form {
	const char *name;
	bool (*is_type)(const char *type);
	const char *other; /* what a document of another type is */
	const struct json_field *fields;
};

static int decode_document(struct json_object *doc, const char *type,
	const struct document_form *form, void *ret, struct error *err)
{
	if (!form->is_type(type))
		return error_set(err, EBADMSG, "%s: is %s", form->name, form->other);
	return json_decode(doc, form->name, form->fields, ret, err);
}

/* Documents need not say what they are, the structs always do. */
static void set_type(char **media_type, const char *type)
{
	free(*media_type);
	*media_type = xstrdup(type);
}

int manifest_parse(const char *bytes, size_t len, const char *content_type, struct manifest *ret,
	struct error *err)
{
	static const struct document_form form = {
		"manifest", media_type_is_manifest, "an index", manifest_fields};
	AUTO(manifest_release) struct manifest manifest = {0};
	AUTO(json_free) struct json_object *doc = NULL;
	const char *type;
	int r = parse_document(bytes, len, content_type, &doc, &type, err);

	if (r == 0)
		r = decode_document(doc, type, &form, &manifest, err);
	if (r == 0)
		r = check_manifest(&manifest, err);
	if (r < 0)
		return r;
	set_type(&manifest.media_type, type);
	*ret = manifest;
	memset(&manifest, 0, sizeof(manifest));
	return 0;
}

char *manifest_write(const struct manifest *manifest)
{
	return json_write(manifest_fields, manifest, false);
}

static int check_index(const struct index *index, struct error *err)
{
	if (index->manifest_count > INDEX_MAX_ENTRIES)
		return error_set(err, EBADMSG, "index: more than %d entries", INDEX_MAX_ENTRIES);
	for (size_t i = 0; i < index->manifest_count; i++) {
		int r = check_descriptor(&index->manifests[i], "index entry", i + 1, err);

		if (r < 0)
			return r;
	}
	return 0;
}

int index_parse(const char *bytes, size_t len, const char *content_type, struct index *ret,
	struct error *err)
{
	static const struct document_form form = {
		"index", media_type_is_index, "a manifest", index_fields};
	AUTO(index_release) struct index index = {0};
	AUTO(json_free) struct json_object *doc = NULL;
	const char *type;
	int r = parse_document(bytes, len, content_type, &doc, &type, err);

	if (r == 0)
		r = decode_document(doc, type, &form, &index, err);
	if (r == 0)
		r = check_index(&index, err);
	if (r < 0)
		return r;
	set_type(&index.media_type, type);
	*ret = index;
	memset(&index, 0, sizeof(index));
	return 0;
}

/* Attestations of buildkit carry platform unknown/unknown and this annotation. */
static bool is_image_entry(const struct descriptor *entry)
{
	if (!media_type_is_manifest(entry->media_type) && !media_type_is_index(entry->media_type))
		return false;
	if (strmap_get(&entry->annotations, "vnd.docker.reference.type"))
		return false;
	return str_is_empty(entry->artifact_type) || media_type_is_config(entry->artifact_type);
}

static bool has_known_platform(const struct descriptor *entry)
{
	return entry->has_platform && !str_is_empty(entry->platform.architecture) &&
	       !str_is_empty(entry->platform.os) && !str_eq(entry->platform.os, "unknown");
}

static void list_platforms(const struct index *index, struct strbuf *buf)
{
	for (size_t i = 0; i < index->manifest_count && buf->len < 400; i++) {
		const struct descriptor *entry = &index->manifests[i];
		autofree char *text = NULL;

		if (!is_image_entry(entry) || !has_known_platform(entry))
			continue;
		text = platform_format(&entry->platform);
		if (!strstr(strbuf_get(buf), text))
			strbuf_addf(buf, "%s%s", buf->len ? ", " : "", text);
	}
}

const struct descriptor *index_select(
	const struct index *index, const struct platform *want, struct error *err)
{
	AUTO(strbuf_release) struct strbuf buf = STRBUF_INIT;
	const struct descriptor *best = NULL;
	const struct descriptor *unnamed = NULL;
	autofree char *wanted = NULL;
	bool named = false;
	int best_rank = 0;

	for (size_t i = 0; i < index->manifest_count; i++) {
		const struct descriptor *entry = &index->manifests[i];
		int rank;

		if (!is_image_entry(entry))
			continue;
		if (!entry->has_platform) {
			unnamed = unnamed ? unnamed : entry;
			continue;
		}
		named = named || has_known_platform(entry);
		rank = has_known_platform(entry) ? platform_rank(want, &entry->platform) : 0;
		if (rank > best_rank) {
			best = entry;
			best_rank = rank;
		}
	}
	if (best || (!named && unnamed))
		return best ? best : unnamed;
	wanted = platform_format(want);
	list_platforms(index, &buf);
	error_set(err, ENOENT, "no image for platform %s in the index: there is %s", wanted,
		buf.len ? strbuf_get(&buf) : "none at all");
	return NULL;
}
