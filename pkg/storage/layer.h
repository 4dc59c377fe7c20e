/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_LAYER_H
#define STORAGE_LAYER_H

#include <stdint.h>

#include "base/json.h"
#include "storage/store.h"

/*
 * Layers, unpacked once, by ChainID ("sha256:HEX", image-spec config.md). diff/ holds the tree with
 * overlay whiteouts and opaque markers; only mount.c and layer*.c know what they look like.
 */
struct layer_info {
	char *chain_id;
	char *diff_id;
	char *parent;      /* ChainID of the layer below; NULL for a base layer */
	uint64_t size;     /* bytes of file data */
	uint64_t tar_size; /* bytes of the uncompressed archive */
	uint64_t entries;
	uint64_t skipped;  /* device nodes and sockets that could not be made */
	uint64_t remapped; /* files whose owner is only recorded in an attribute */
	char *boot_id;     /* when it was unpacked; see layer_find() */
};
extern const struct json_field layer_info_fields[];
void layer_info_free(struct layer_info *info);
DEFINE_AUTO(struct layer_info *, layer_info_free);

/*
 * layer_find - is a layer there?
 * Layers are made durable by image_add(). One from an earlier boot that no image refers to may be
 * torn by a power cut: it is removed and counts as absent.
 * Returns 1 found, 0 absent; -EINVAL for a malformed digest.
 */
int layer_find(struct store *store, const char *chain_id, struct error *err);

/* Marks a layer as being on disk; only after store_sync(). Failure only costs a check later. */
void layer_seal(struct store *store, const char *chain_id);

/*
 * layer_hold - keep a layer from being removed by another process until the descriptor is closed.
 * Who makes an image holds what it found until image_add() has returned.
 * Returns an O_RDONLY descriptor of layers/HEX; -ENOENT.
 */
int layer_hold(struct store *store, const char *chain_id, struct error *err);

int layer_read(
	struct store *store, const char *chain_id, struct layer_info **ret, struct error *err);
/* O_PATH descriptor of the layer's diff/; -ENOENT "layer … is missing". */
int layer_open_diff(struct store *store, const char *chain_id, struct error *err);

/* A layer in staging, made by layer-unpack.h. */
struct layer_unpacked {
	struct store *store; /* borrowed */
	char *path;          /* staging directory relative to rootfd; NULL once committed */
	int dirfd;
	struct layer_info info; /* chain_id and parent are not set yet */
};
/* Removes the staging directory unless it was committed. */
void layer_unpacked_free(struct layer_unpacked *unpacked);
DEFINE_AUTO(struct layer_unpacked *, layer_unpacked_free);

/*
 * layer_commit - give an unpacked layer its place.
 * @parents: ChainIDs of the layers below it, base first, all committed; strv, NULL for none
 * @diff_id: what the image configuration says; NULL accepts any
 * @ret_chain_id: owned by the caller; may be NULL
 *
 * Hard links to files of lower layers become copies, directories that the archive did not list get
 * owner, mode, times and attributes of those below, whiteouts that hide nothing are dropped.
 * When another process has committed the same layer first, this one is removed. On failure nothing
 * is left but staging.
 * Returns a descriptor that holds the layer, as layer_hold() does; -EBADMSG when the diff id
 * differs or a hard link leads nowhere.
 */
int layer_commit(struct layer_unpacked *unpacked, char *const *parents, const char *diff_id,
	char **ret_chain_id, struct error *err);

/* Removes a layer unless it is held; 1 removed, 0 held or absent. */
int layer_remove(struct store *store, const char *chain_id, struct error *err);

/* ChainIDs of all layers, sorted strv (NULL for none). */
int layer_list(struct store *store, char ***ret, struct error *err);

#endif
