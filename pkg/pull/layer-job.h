/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PULL_LAYER_JOB_H
#define PULL_LAYER_JOB_H

#include <stdbool.h>

#include "base/error.h"
#include "image/manifest.h"
#include "pull/progress.h"
#include "storage/blob.h"
#include "storage/layer-unpack.h"
#include "storage/layer.h"

/* Where the bytes of a layer come from. */
enum layer_job_kind {
	LAYER_JOB_PRESENT = 0, /* nothing to do: the unpacked layer is there */
	LAYER_JOB_FETCH,       /* from the registry, after what an earlier pull has left */
	LAYER_JOB_DISK,        /* from the blob in the store */
	LAYER_JOB_AGAIN,       /* same blob as an earlier layer of this image: from disk, later */
};

/* struct layer_job - one layer of an image on its way into the store. */
struct layer_job {
	enum layer_job_kind kind;
	struct store *store; /* borrowed, as all up to progress */
	const struct descriptor *descriptor;
	const char *chain_id;
	const char *diff_id;
	struct progress *progress;
	size_t row;                 /* in progress */
	struct blob_writer *writer; /* FETCH: holds the blob's lock; NULL once complete */
	uint64_t resumed_bytes;     /* FETCH: of an earlier pull */
	int blobfd;                 /* DISK: the blob; -1 else */
	int holdfd;                 /* keeps the layer from being removed; -1: not there */
	struct layer_unpacker *unpacker;
	bool is_refused;  /* the unpacker has stopped reading */
	struct error err; /* why a callback of ours ended the transfer */
};

/*
 * layer_jobs_new - decide for each layer of a manifest where it comes from.
 * @chains, @diffs: ChainIDs and DiffIDs, as many as there are layers; borrowed
 *
 * Takes the locks of all blobs that have to be fetched, in the order of their digests so that two
 * pulls never wait for each other, and waits for those that another process is fetching.
 * Returns 0; else as from storage.
 */
int layer_jobs_new(struct store *store, const struct manifest *manifest, char *const *chains,
	char *const *diffs, struct layer_job **ret, struct error *err);
/* Ends unpackers, keeps partial blobs, drops locks and holds. */
void layer_jobs_free(struct layer_job *jobs, size_t count);

/* Starts the job's unpacker unless it runs. */
int layer_job_start(struct layer_job *job, struct error *err);

/*
 * layer_job_store - wait for the unpacker, verify blob and layer, and give both their places.
 * @parents: ChainIDs of the layers below, base first, all in the store (strv, NULL: none)
 * Returns 0; -EBADMSG when digest or size is not what was promised, or the archive is malformed.
 */
int layer_job_store(struct layer_job *job, char *const *parents, struct error *err);

#endif
