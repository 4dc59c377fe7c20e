/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_PACK_TAR_H
#define STORAGE_PACK_TAR_H

#include <archive.h>

#include "storage/pack.h"

/* struct pack_tar - differences become entries of an open archive. Zeroed but for the first two. */
struct pack_tar {
	const struct pack_request *request;
	struct archive *archive;
	struct error *sink_error; /* of the sink, when libarchive only says that writing failed */
	struct idmap uids;        /* of this user namespace; empty: every id is there */
	struct idmap gids;
	void *links; /* tsearch(3) tree of files that have several names */
	char *buffer;
	uint64_t entries;
	uint64_t skipped;
};
void pack_tar_release(struct pack_tar *tar);

/* A diff_visit: @data is the struct pack_tar. */
int pack_tar_add(void *data, const struct diff_item *item, struct error *err);

#endif
