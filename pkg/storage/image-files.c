/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/image-files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "storage/digest-dir.h"
#include "sys/file.h"

#define RECORD_FILE "image.json"
#define CONFIG_FILE "config.json"
#define MANIFEST_SUFFIX ".manifest"
#define RECORD_MAX (1u << 20)

const struct json_field image_record_fields[] = {
	JSON_STRING(struct image_record, id, "id", JSON_REQUIRED),
	JSON_STRINGS(struct image_record, layers, "layers", JSON_ALWAYS),
	JSON_U64(struct image_record, size, "size", JSON_ALWAYS),
	JSON_I64(struct image_record, created_ns, "created", JSON_ALWAYS),
	JSON_I64(struct image_record, added_ns, "added", JSON_ALWAYS),
	JSON_END,
};

void image_record_free(struct image_record *image)
{
	if (!image)
		return;
	json_release(image_record_fields, image);
	free(image->digest);
	strv_free(image->digests);
	strv_free(image->names);
	strv_free(image->name_digests);
	free(image->config);
	free(image->manifest);
	free(image);
}

int image_files_write(int dirfd, const struct image_record *record,
	const struct image_add_request *request, const char *digest, struct error *err)
{
	autofree char *text = json_write(image_record_fields, record, true);
	autofree char *manifest = xasprintf("%s" MANIFEST_SUFFIX, digest_hex(digest));
	int r = file_write_at(dirfd, RECORD_FILE, text, strlen(text), 0600, 0, err);

	if (r == 0)
		r = file_write_at(
			dirfd, CONFIG_FILE, request->config, request->config_len, 0600, 0, err);
	if (r == 0)
		r = file_write_at(
			dirfd, manifest, request->manifest, request->manifest_len, 0600, 0, err);
	return r;
}

static int read_record(int dirfd, const char *id, struct image_record *image, struct error *err)
{
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(dirfd, RECORD_FILE, RECORD_MAX, &text, &len, err);

	if (r == 0)
		r = json_read(text, len, RECORD_FILE, image_record_fields, image, err);
	if (r == 0)
		r = file_read_at(dirfd, CONFIG_FILE, IMAGE_CONFIG_MAX, &image->config,
			&image->config_len, err);
	if (r < 0)
		return r;
	/* Not hashed again: setting up the crypto library takes as long as a container's start. */
	if (!str_eq(image->id, id))
		return error_set(err, EBADMSG,
			"its configuration is damaged: remove the image "
			"with rmi -f and pull it again");
	return 0;
}

static int read_manifest(
	int dirfd, const char *digest, struct image_record *image, struct error *err)
{
	autofree char *name = NULL;
	int r = digest_dir_list(dirfd, ".", MANIFEST_SUFFIX, &image->digests, err);

	if (r < 0)
		return r;
	if (!digest && image->digests)
		digest = image->digests[0];
	if (!digest || !digest_is_valid(digest) || !strv_has(image->digests, digest))
		return error_set(err, ENOENT, "it has no manifest %s", digest ? digest : "");
	image->digest = xstrdup(digest);
	name = xasprintf("%s" MANIFEST_SUFFIX, digest_hex(digest));
	return file_read_at(
		dirfd, name, IMAGE_MANIFEST_MAX, &image->manifest, &image->manifest_len, err);
}

int image_files_read(struct store *store, const char *id, const char *digest,
	struct image_record **ret, struct error *err)
{
	AUTO(image_record_free) struct image_record *image = xnew(struct image_record);
	autofree char *full = xasprintf("sha256:%s", id);
	autofree char *path = xasprintf("images/%s", id);
	autoclose int dirfd = -1;
	int r;

	if (!digest_is_valid(full))
		return error_set(err, ENOENT, "%.100s: image not known", id);
	dirfd = openat(store->rootfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dirfd < 0)
		return errno == ENOENT ? error_set(err, ENOENT, "%s: image not known", id)
				       : error_sys(err, errno, "image %s", id);
	r = read_record(dirfd, id, image, err);
	if (r == 0)
		r = read_manifest(dirfd, digest, image, err);
	if (r < 0)
		return error_wrap(err, r, "image %.12s", id);
	*ret = take_ptr(image);
	return 0;
}

void image_manifest_blobs(const void *text, size_t len, char ***ret)
{
	AUTO(json_free) struct json_object *root = NULL;
	struct json_object *layers;
	const char *digest;

	if (json_parse(text, len, &root, NULL) < 0)
		return;
	digest = json_get_string(json_get(root, "config"), "digest");
	if (digest)
		strv_add(ret, digest);
	layers = json_get(root, "layers");
	if (!layers || !json_object_is_type(layers, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(layers); i++) {
		digest = json_get_string(json_object_array_get_idx(layers, i), "digest");
		if (digest)
			strv_add(ret, digest);
	}
}

void image_files_blobs(struct store *store, const struct image_record *image, char ***blobs)
{
	autofree char *config = xasprintf("sha256:%s", image->id);

	strv_add(blobs, config);
	for (size_t i = 0; i < strv_len(image->digests); i++) {
		autofree char *path = xasprintf(
			"images/%s/%s" MANIFEST_SUFFIX, image->id, digest_hex(image->digests[i]));
		autofree char *text = NULL;
		size_t len;

		if (file_read_at(store->rootfd, path, IMAGE_MANIFEST_MAX, &text, &len, NULL) == 0)
			image_manifest_blobs(text, len, blobs);
	}
}
