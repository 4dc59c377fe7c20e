/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_PACK_H
#define STORAGE_PACK_H

#include <stdint.h>

#include "base/digest.h"
#include "storage/diff.h"
#include "storage/layer.h"

/*
 * Layers out: a difference of trees (diff.h) as a tar stream, hashed and compressed on all cores
 * while it is written. The same files give the same bytes. (storage_archive_dep, with libarchive.)
 */
enum pack_compression {
	PACK_PLAIN = 0,
	PACK_GZIP,
	PACK_ZSTD,
};
/* "gzip", "zstd", "none"; -EINVAL. */
int pack_compression_parse(const char *text, enum pack_compression *ret);

/* struct pack_sink - takes bytes. A negative errno ends the packing, which returns it. */
struct pack_sink {
	int (*write)(void *data, const void *bytes, size_t len, struct error *err);
	void *data;
};

struct pack_request {
	/*
	 * As a layer: what is deleted becomes whiteouts, and files that would be taken for one are
	 * left out. Else it is the archive of a tree.
	 */
	bool as_layer;
	enum pack_compression compression;
	int level;          /* 0: the format's usual one */
	const char *prefix; /* put before every path ("name/"); NULL: none */
	bool no_root;       /* without an entry for the root directory itself */
	bool has_time;      /* no file is younger than that: SOURCE_DATE_EPOCH */
	int64_t time_s;
	bool has_owner; /* all files are theirs */
	uint32_t uid;
	uint32_t gid;
	struct pack_sink tar;  /* gets the tar before it is compressed; .write NULL: nobody does */
	struct pack_sink blob; /* gets the result; likewise */
};

struct pack_result {
	char diff_id[DIGEST_MAX_LEN + 1]; /* of the tar */
	char digest[DIGEST_MAX_LEN + 1];  /* of the result; the same if it is not compressed */
	uint64_t tar_size;
	uint64_t size;
	uint64_t entries;
	uint64_t skipped; /* sockets, and what a layer cannot say */
};

/*
 * pack - write all that @diff tells.
 *
 * Of entries: ids that this user namespace lacks are those recorded when the file was unpacked;
 * extended attributes are SCHILY.xattr records of pax, without those that steer overlayfs; files
 * with holes are sparse in the archive; names that are no UTF-8 are written as they are. A file
 * that shrinks while it is read ends in zeros.
 * Returns 0; a sink's failure; else as from the kernel.
 */
int pack(struct diff *diff, const struct pack_request *request, struct pack_result *ret,
	struct error *err);

/* pack_file - an archive of one file that is no directory. @item: its path is that in the archive
 */
int pack_file(const struct diff_item *item, const struct pack_request *request,
	struct pack_result *ret, struct error *err);

/* A sink for a descriptor: @data is an int * to it. */
int pack_to_fd(void *data, const void *bytes, size_t len, struct error *err);

/* What layer_pack() has made. */
struct packed_layer {
	char *chain_id;
	char *diff_id;
	char *digest;           /* of the blob */
	const char *media_type; /* OCI's, static */
	uint64_t size;          /* of the blob */
	uint64_t skipped;
	int holdfd; /* keeps the layer until image_add() */
};
void packed_layer_release(struct packed_layer *layer);
static inline void auto_packed_layer_release(struct packed_layer *layer)
{
	packed_layer_release(layer);
}

/*
 * layer_pack - a difference becomes a layer of the store, and its blob.
 * @parents: ChainIDs of the layers below it, base first (strv)
 * @request: without sinks and prefix, as_layer set
 * @ret: zeroed, holdfd -1
 *
 * The layer is unpacked from the same stream that the blob is written from, so that it is what
 * others will get of it. The caller ignores SIGPIPE.
 */
int layer_pack(struct store *store, struct diff *diff, char *const *parents,
	const struct pack_request *request, struct packed_layer *ret, struct error *err);

#endif
