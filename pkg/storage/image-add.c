/* SPDX-License-Identifier: Apache-2.0 */
/* Apart from image-store.c: a program that only finds images needs no hash functions. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "storage/blob.h"
#include "storage/image-files.h"
#include "storage/image-store.h"
#include "storage/layer.h"
#include "sys/file.h"

static int check_layers(
	struct store *store, char *const *layers, uint64_t *ret_size, struct error *err)
{
	*ret_size = 0;
	for (size_t i = 0; i < strv_len(layers); i++) {
		AUTO(layer_info_free) struct layer_info *info = NULL;
		int r = layer_find(store, layers[i], err);

		if (r == 1)
			r = layer_read(store, layers[i], &info, err);
		else if (r == 0)
			r = error_set(
				err, ESTALE, "layer %s has been removed meanwhile", layers[i]);
		if (r < 0)
			return r;
		*ret_size += info->size;
	}
	return 0;
}

/* What the new image needs is on disk now and need not be checked again after a crash. */
static void seal(struct store *store, const struct image_add_request *request)
{
	AUTO(strv_free) char **blobs = NULL;

	for (size_t i = 0; i < strv_len(request->layers); i++)
		layer_seal(store, request->layers[i]);
	image_manifest_blobs(request->manifest, request->manifest_len, &blobs);
	for (size_t i = 0; i < strv_len(blobs); i++)
		blob_seal(store, blobs[i]);
}

/* Under the lock: the image appears, or gets one more manifest. */
static int place_image(struct store *store, const struct image_add_request *request,
	const char *staging, const char *id, const char *digest, struct error *err)
{
	autofree char *path = xasprintf("images/%s", id);
	autofree char *manifest = xasprintf("%s/%s.manifest", path, digest_hex(digest));
	autoclose int lock = image_lock(store, err);
	uint64_t size;
	int r = lock < 0 ? lock : check_layers(store, request->layers, &size, err);

	if (r < 0)
		return r;
	if (renameat2(store->rootfd, staging, store->rootfd, path, RENAME_NOREPLACE) == 0)
		return 1;
	if (errno != EEXIST && errno != ENOTEMPTY)
		return error_sys(err, errno, "store image %s", id);
	if (faccessat(store->rootfd, manifest, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	return file_write_at(store->rootfd, manifest, request->manifest, request->manifest_len,
		0600, FILE_WRITE_SYNC, err);
}

int image_add(struct store *store, const struct image_add_request *request, char **ret_id,
	char **ret_digest, struct error *err)
{
	autofree char *config_digest = digest_of(request->config, request->config_len);
	autofree char *digest = digest_of(request->manifest, request->manifest_len);
	const char *id = digest_hex(config_digest);
	autofree char *staging = NULL;
	autoclose int dirfd = -1;
	struct image_record record = {.id = (char *)id,
		.layers = (char **)request->layers,
		.created_ns = request->created_ns,
		.added_ns = clock_now_ns()};
	int r = check_layers(store, request->layers, &record.size, err);

	if (r < 0)
		return r;
	dirfd = store_staging_new(store, &staging, err);
	if (dirfd < 0)
		return dirfd;
	r = image_files_write(dirfd, &record, request, digest, err);
	if (r == 0)
		r = store_sync(store, err);
	if (r == 0) {
		seal(store, request);
		r = place_image(store, request, staging, id, digest, err);
	}
	if (r != 1)
		dir_remove_all_at(store->rootfd, staging, NULL);
	if (r < 0)
		return error_wrap(err, r, "add image");
	if (ret_id)
		*ret_id = xstrdup(id);
	if (ret_digest)
		*ret_digest = take_ptr(digest);
	return 0;
}
