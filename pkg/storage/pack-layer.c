/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/str.h"
#include "storage/blob.h"
#include "storage/layer-unpack.h"
#include "storage/pack.h"

/* OCI's names (image-spec, media-types.md). */
static const char *const media_types[] = {
	[PACK_PLAIN] = "application/vnd.oci.image.layer.v1.tar",
	[PACK_GZIP] = "application/vnd.oci.image.layer.v1.tar+gzip",
	[PACK_ZSTD] = "application/vnd.oci.image.layer.v1.tar+zstd",
};

void packed_layer_release(struct packed_layer *layer)
{
	free(layer->chain_id);
	free(layer->diff_id);
	free(layer->digest);
	close_fd(&layer->holdfd);
	*layer = (struct packed_layer){.holdfd = -1};
}

static int write_blob(void *data, const void *bytes, size_t len, struct error *err)
{
	return blob_writer_write(data, bytes, len, err);
}

static int write_unpacker(void *data, const void *bytes, size_t len, struct error *err)
{
	(void)err;
	return layer_unpacker_write(data, bytes, len);
}

/* The blob and the unpacked tree; nothing of them has its name yet. */
static int run(struct diff *diff, const struct pack_request *request, struct blob_writer *blob,
	struct layer_unpacker *unpacker_owned, struct pack_result *result,
	struct layer_unpacked **ret, struct error *err)
{
	AUTO(layer_unpacker_free) struct layer_unpacker *unpacker = unpacker_owned;
	struct pack_request copy = *request;
	int r;

	copy.tar = (struct pack_sink){.write = write_unpacker, .data = unpacker};
	copy.blob = (struct pack_sink){.write = write_blob, .data = blob};
	r = pack(diff, &copy, result, err);
	/* EPIPE: the unpacker has given up and tells why. */
	if (r < 0 && r != -EPIPE)
		return r;
	return layer_unpack_finish(take_ptr(unpacker), ret, err);
}

int layer_pack(struct store *store, struct diff *diff, char *const *parents,
	const struct pack_request *request, struct packed_layer *ret, struct error *err)
{
	AUTO(blob_writer_free) struct blob_writer *blob = NULL;
	AUTO(layer_unpacked_free) struct layer_unpacked *unpacked = NULL;
	struct layer_unpacker *unpacker = NULL;
	struct pack_result result = {0};
	int r = blob_writer_anonymous(store, &blob, err);

	if (r == 0)
		r = layer_unpack_start(store, NULL, &unpacker, err);
	if (r == 0)
		r = run(diff, request, blob, unpacker, &result, &unpacked, err);
	if (r < 0)
		return r;
	ret->diff_id = xstrdup(result.diff_id);
	ret->media_type = media_types[request->compression];
	ret->size = result.size;
	ret->skipped = result.skipped;
	ret->holdfd = layer_commit(unpacked, parents, result.diff_id, &ret->chain_id, err);
	r = ret->holdfd < 0 ? ret->holdfd : blob_writer_commit(take_ptr(blob), &ret->digest, err);
	if (r < 0)
		packed_layer_release(ret);
	return r < 0 ? r : 0;
}
