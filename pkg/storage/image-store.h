/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_IMAGE_STORE_H
#define STORAGE_IMAGE_STORE_H

#include <stdint.h>

#include "base/json.h"
#include "storage/store.h"

/*
 * Images and their names.
 *
 *   images/IDHEX/{config.json, image.json, DIGESTHEX.manifest}    exact bytes of config, manifests
 *   names/REPO/TAG, names/REPO/@sha256:HEX -> ../../images/IDHEX/DIGESTHEX.manifest
 *
 * REPO is the full repository name with '%' for '/'. Several manifests may have the same config.
 */
struct image_record {
	char *id;            /* 64 hex digits: sha256 of the config */
	char *digest;        /* of the manifest that was asked for, or the image's first */
	char **digests;      /* of all its manifests (strv, sorted) */
	char **names;        /* full names with tag, sorted (strv); only from image_list()
				and image_load_names() */
	char **name_digests; /* "repo@sha256:HEX", sorted (strv); as names */
	char *config;        /* exact bytes, NUL-terminated */
	size_t config_len;
	char *manifest; /* exact bytes of @digest, NUL-terminated */
	size_t manifest_len;
	char **layers;      /* ChainIDs, base first (strv) */
	uint64_t size;      /* bytes of the unpacked layers */
	int64_t created_ns; /* as the config says; 0: it does not */
	int64_t added_ns;   /* when it came into this store */
};
extern const struct json_field image_record_fields[];
void image_record_free(struct image_record *image);
DEFINE_AUTO(struct image_record *, image_record_free);

struct image_list {
	struct image_record **items;
	size_t count;
};
void image_list_release(struct image_list *list);
static inline void auto_image_list_release(struct image_list *list)
{
	image_list_release(list);
}

struct image_add_request {
	const void *config;
	size_t config_len;
	const void *manifest;
	size_t manifest_len;
	char *const *layers; /* ChainIDs, base first, all committed */
	int64_t created_ns;
};

/*
 * image_add - make an image of committed layers and bytes that the caller has verified.
 * @ret_id, @ret_digest: id (hex) and manifest digest; owned by the caller; may be NULL
 *
 * Everything the image needs is on disk before it can be found. The image gets a name from
 * image_tag(). Adding one that is there adds its manifest.
 * Returns 0; -ESTALE when a layer has vanished meanwhile (start again).
 */
int image_add(struct store *store, const struct image_add_request *request, char **ret_id,
	char **ret_digest, struct error *err);

/*
 * image_resolve - find an image.
 * @text: name with or without tag, digest or registry ("busybox", "localhost/x:1",
 *        "docker.io/library/x@sha256:…"), an id or a prefix of one ("sha256:" may stand before)
 *
 * A name without a registry is looked for at localhost, docker.io and then at the end of any
 * repository that has it. Returns 0; -ENOENT "TEXT: image not known"; -EINVAL malformed;
 * -EMLINK when an id prefix is ambiguous.
 */
int image_resolve(
	struct store *store, const char *text, struct image_record **ret, struct error *err);
/*
 * image_resolve_name - as image_resolve(), and tells which name was meant.
 * @ret_name: "repo:tag" or "repo@digest" that was found, NULL when @text was an id
 */
int image_resolve_name(struct store *store, const char *text, struct image_record **ret,
	char **ret_name, struct error *err);
/* By full id (64 hex digits). */
int image_open(struct store *store, const char *id, struct image_record **ret, struct error *err);
/* Fills names and name_digests. */
int image_load_names(struct store *store, struct image_record *image, struct error *err);
/* All images with their names, newest first. Damaged ones are skipped with a warning. */
int image_list(struct store *store, struct image_list *ret, struct error *err);

/*
 * image_tag - let a full name ("docker.io/library/x:tag" or "…@sha256:HEX") mean this image.
 * @digest: which of its manifests; NULL: image->digest.  An earlier meaning is replaced.
 */
int image_tag(struct store *store, const char *name, const char *id, const char *digest,
	struct error *err);
/* Takes a full name away; 1 removed, 0 there was none. */
int image_untag(struct store *store, const char *name, struct error *err);
/*
 * image_remove - remove an image with all its names, layers and blobs that no other image needs.
 * Whether containers use it is the caller's check.
 * @ret_removed: ChainIDs of layers that went away (strv, may be NULL)
 */
int image_remove(struct store *store, const char *id, char ***ret_removed, struct error *err);
/* Removes layers and blobs that no image refers to (left by a killed pull). */
int image_collect_garbage(struct store *store, struct error *err);

#endif
