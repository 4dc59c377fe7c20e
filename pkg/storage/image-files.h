/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_IMAGE_FILES_H
#define STORAGE_IMAGE_FILES_H

#include "storage/image-store.h"

/* The files of one image, images/IDHEX/{config.json, image.json, DIGESTHEX.manifest}. */
#define IMAGE_CONFIG_MAX (8u << 20)
#define IMAGE_MANIFEST_MAX (4u << 20) /* what the distribution spec asks clients to take */

/*
 * Orders adding and removing of images, so that a layer's users are counted as they are. A lock
 * that is held shortly; returns its descriptor.
 */
int image_lock(struct store *store, struct error *err);

/* Into a directory that nobody sees yet; not fsynced. */
int image_files_write(int dirfd, const struct image_record *record,
	const struct image_add_request *request, const char *digest, struct error *err);

/*
 * @id: 64 hex digits;  @digest: which manifest; NULL: the first one
 * Returns 0; -ENOENT; -EBADMSG when the files are damaged.
 */
int image_files_read(struct store *store, const char *id, const char *digest,
	struct image_record **ret, struct error *err);

/* Digests of config and layers that a manifest names (strv); none for what is no manifest. */
void image_manifest_blobs(const void *text, size_t len, char ***ret);

/* All blobs that the manifests of an image name are added to *@blobs. */
void image_files_blobs(struct store *store, const struct image_record *image, char ***blobs);

#endif
