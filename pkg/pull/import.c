/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/import.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/str.h"
#include "image/config.h"
#include "image/manifest.h"
#include "image/reference.h"
#include "storage/blob.h"
#include "storage/image-store.h"
#include "storage/layer-unpack.h"
#include "storage/layer.h"

#define IMPORT_CHUNK (256 * 1024)

/* The tar in the store, as a blob and as a layer. */
struct imported {
	const char *media_type; /* static */
	char *digest;
	uint64_t size;
	char *diff_id;
	char *chain_id;
	int holdfd; /* keeps the layer until the image refers to it */
};

static void auto_imported_release(struct imported *imported)
{
	free(imported->digest);
	free(imported->diff_id);
	free(imported->chain_id);
	close_fd(&imported->holdfd);
}

/* image-spec, layer.md, has gzip and zstd; the others have types that we read as well. */
static const char *layer_media_type(const char *head, size_t len)
{
	static const struct {
		const char *magic;
		size_t len;
		const char *media_type;
	} kinds[] = {
		{"\x1f\x8b", 2, MEDIA_OCI_LAYER_GZIP},
		{"\x28\xb5\x2f\xfd", 4, MEDIA_OCI_LAYER_ZSTD},
		{"\xfd"
		 "7zXZ",
			6, MEDIA_OCI_LAYER "+xz"},
		{"BZh", 3, MEDIA_OCI_LAYER "+bzip2"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (len >= kinds[i].len && memcmp(head, kinds[i].magic, kinds[i].len) == 0)
			return kinds[i].media_type;
	}
	return MEDIA_OCI_LAYER;
}

/* Full chunks, though a pipe gives less: the first one tells the kind of compression. */
static ssize_t read_chunk(int fd, char *chunk)
{
	size_t len = 0;

	while (len < IMPORT_CHUNK) {
		ssize_t got = read(fd, chunk + len, IMPORT_CHUNK - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

/* @fd to its end into both; *ret_type from its first bytes. */
static int copy_input(int fd, struct blob_writer *writer, struct layer_unpacker *unpacker,
	const char **ret_type, struct error *err)
{
	autofree char *chunk = xmalloc(IMPORT_CHUNK);
	const char *type = NULL;
	ssize_t got;
	int r;

	while ((got = read_chunk(fd, chunk)) > 0) {
		if (!type)
			type = layer_media_type(chunk, (size_t)got);
		r = blob_writer_write(writer, chunk, (size_t)got, err);
		if (r < 0)
			return r;
		r = layer_unpacker_write(unpacker, chunk, (size_t)got);
		if (r < 0)
			return r;
	}
	if (got < 0)
		return error_sys(err, (int)-got, "read the tar");
	if (!type)
		return error_set(err, EBADMSG, "the tar is empty");
	*ret_type = type;
	return 0;
}

static int store_layer(
	const struct import_request *request, struct imported *ret, struct error *err)
{
	AUTO(blob_writer_free) struct blob_writer *writer = NULL;
	AUTO(layer_unpacker_free) struct layer_unpacker *unpacker = NULL;
	AUTO(layer_unpacked_free) struct layer_unpacked *unpacked = NULL;
	int r;

	r = blob_writer_anonymous(request->store, &writer, err);
	if (r >= 0)
		r = layer_unpack_start(request->store, NULL, &unpacker, err);
	if (r >= 0)
		r = copy_input(request->fd, writer, unpacker, &ret->media_type, err);
	/* EPIPE: the child has given up and tells why. */
	if (r >= 0 || r == -EPIPE)
		r = layer_unpack_finish(take_ptr(unpacker), &unpacked, err);
	if (r < 0)
		return r;
	ret->size = blob_writer_offset(writer);
	ret->diff_id = xstrdup(unpacked->info.diff_id);
	r = ret->holdfd = layer_commit(unpacked, NULL, NULL, &ret->chain_id, err);
	if (r >= 0)
		r = blob_writer_commit(take_ptr(writer), &ret->digest, err);
	return r < 0 ? r : 0;
}

/* Everything but the layer, so that a bad request fails before its tar is read. */
static int make_config(const struct import_request *request, struct image_config *ret,
	int64_t now_ns, struct error *err)
{
	AUTO(platform_release) struct platform platform = {0};
	int r;

	if (request->platform)
		platform_copy(&platform, request->platform);
	else
		platform_host(&platform);
	ret->created = time_format(now_ns);
	ret->os = take_ptr(platform.os);
	ret->architecture = take_ptr(platform.architecture);
	ret->variant = take_ptr(platform.variant);
	ret->rootfs.type = xstrdup("layers");
	ret->history = list_grow(NULL, 0, sizeof(*ret->history));
	ret->history[0] = (struct image_history){
		.created = xstrdup(ret->created),
		.comment = xstrdup(request->message ? request->message : "imported from tarball"),
	};
	ret->history_count = 1;
	for (char *const *change = request->changes; change && *change; change++) {
		r = image_change(ret, *change, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Full name of the new image; unqualified ones are local, as podman has it. */
static int make_name(const char *text, char **ret, struct error *err)
{
	AUTO(reference_release) struct reference ref = {0};
	int r;

	if (!text)
		return 0;
	r = reference_parse(text, &ref, err);
	if (r < 0)
		return r;
	if (ref.digest)
		return error_set(err, EINVAL, "%s: a new image cannot be named by digest", text);
	if (!ref.domain)
		ref.domain = xstrdup("localhost");
	reference_normalize(&ref);
	*ret = reference_format(&ref);
	return 0;
}

static char *make_manifest(const struct imported *layer, const char *config, size_t config_len)
{
	struct descriptor layer_descriptor = {
		.media_type = (char *)layer->media_type,
		.digest = layer->digest,
		.size = layer->size,
	};
	autofree char *config_digest = digest_of(config, config_len);
	struct manifest manifest = {
		.schema_version = 2,
		.media_type = (char *)MEDIA_OCI_MANIFEST,
		.config =
			{
				.media_type = (char *)MEDIA_OCI_CONFIG,
				.digest = config_digest,
				.size = config_len,
			},
		.layers = &layer_descriptor,
		.layer_count = 1,
	};

	return manifest_write(&manifest);
}

static int add_image(const struct import_request *request, const struct imported *layer,
	struct image_config *config, int64_t now_ns, char **ret_id, struct error *err)
{
	autofree char *config_text = NULL;
	autofree char *manifest = NULL;
	char *layers[] = {layer->chain_id, NULL};
	struct image_add_request add = {
		.layers = layers,
		.created_ns = now_ns,
	};

	strv_add(&config->rootfs.diff_ids, layer->diff_id);
	config_text = image_config_write(config);
	manifest = make_manifest(layer, config_text, strlen(config_text));
	add.config = config_text;
	add.config_len = strlen(config_text);
	add.manifest = manifest;
	add.manifest_len = strlen(manifest);
	return image_add(request->store, &add, ret_id, NULL, err);
}

static int import_and_name(const struct import_request *request, struct image_config *config,
	const char *name, int64_t now_ns, char **ret_id, struct error *err)
{
	AUTO(imported_release) struct imported layer = {.holdfd = -1};
	autofree char *id = NULL;
	int r = store_layer(request, &layer, err);

	if (r >= 0)
		r = add_image(request, &layer, config, now_ns, &id, err);
	if (r >= 0 && name)
		r = image_tag(request->store, name, id, NULL, err);
	if (r < 0)
		return r;
	*ret_id = take_ptr(id);
	return 0;
}

int import_image(const struct import_request *request, char **ret_id, struct error *err)
{
	AUTO(image_config_release) struct image_config config = {0};
	autofree char *name = NULL;
	int64_t now_ns = clock_now_ns();
	int r;

	r = make_name(request->reference, &name, err);
	if (r >= 0)
		r = make_config(request, &config, now_ns, err);
	if (r < 0)
		return r;
	r = import_and_name(request, &config, name, now_ns, ret_id, err);
	/* A layer that no image refers to is no use to anyone. */
	if (r < 0)
		(void)image_collect_garbage(request->store, NULL);
	return r;
}
