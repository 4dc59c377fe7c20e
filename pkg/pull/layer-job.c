/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/layer-job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/log.h"
#include "base/str.h"

static void layer_job_release(struct layer_job *job)
{
	layer_unpacker_free(job->unpacker);
	blob_writer_free(job->writer);
	close_fd(&job->blobfd);
	close_fd(&job->holdfd);
}

void layer_jobs_free(struct layer_job *jobs, size_t count)
{
	if (!jobs)
		return;
	for (size_t i = 0; i < count; i++)
		layer_job_release(&jobs[i]);
	free(jobs);
}

/* The digest says which bytes these are, so the manifest is wrong about their number. */
static int check_size(const struct layer_job *job, uint64_t size, struct error *err)
{
	if (size == job->descriptor->size)
		return 0;
	return error_set(err, EBADMSG, "has %llu bytes where the manifest says %llu",
		(unsigned long long)size, (unsigned long long)job->descriptor->size);
}

/* 1 and the layer is held, 0 when it is not there. */
static int hold_layer(struct layer_job *job, struct error *err)
{
	uint64_t size;
	int r = layer_find(job->store, job->chain_id, err);

	if (r <= 0)
		return r;
	/* A manifest that lies is refused even where nothing has to be fetched for it. */
	if (blob_find(job->store, job->descriptor->digest, &size, NULL) > 0) {
		r = check_size(job, size, err);
		if (r < 0)
			return r;
	}
	r = layer_hold(job->store, job->chain_id, err);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	job->holdfd = r;
	job->kind = LAYER_JOB_PRESENT;
	return 1;
}

static int open_blob(struct layer_job *job, struct error *err)
{
	int fd = blob_open(job->store, job->descriptor->digest, err);
	struct stat st;

	/* Another process has removed the image that it belonged to: the pull starts again. */
	if (fd == -ENOENT)
		return -ESTALE;
	if (fd < 0)
		return fd;
	job->blobfd = fd;
	if (fstat(fd, &st) < 0)
		return error_sys(err, errno, "stat");
	job->kind = LAYER_JOB_DISK;
	return check_size(job, (uint64_t)st.st_size, err);
}

static int prepare_absent(struct layer_job *job, struct error *err)
{
	int r = blob_writer_new(
		job->store, job->descriptor->digest, job->descriptor->size, &job->writer, err);

	if (r < 0)
		return r;
	if (job->writer) {
		job->kind = LAYER_JOB_FETCH;
		job->resumed_bytes = blob_writer_offset(job->writer);
		return 0;
	}
	/* Whoever completed the blob while we waited has unpacked it, too. */
	r = hold_layer(job, err);
	if (r != 0)
		return r < 0 ? r : 0;
	return open_blob(job, err);
}

static int compare_digests(const void *left, const void *right)
{
	const struct layer_job *const *a = left, *const *b = right;
	int r = strcmp((*a)->descriptor->digest, (*b)->descriptor->digest);

	/* Of the same blob the lowest layer comes first. */
	return r ? r : (*a > *b) - (*a < *b);
}

/* Absent layers by digest, so that all processes take the locks in one order. */
static int prepare_all(struct layer_job *jobs, size_t count, struct error *err)
{
	autofree struct layer_job **order = xcalloc(count + 1, sizeof(*order));
	size_t absent = 0;
	int r;

	for (size_t i = 0; i < count; i++) {
		r = hold_layer(&jobs[i], err);
		if (r < 0)
			return error_wrap(err, r, "blob %s", jobs[i].descriptor->digest);
		if (r == 0)
			order[absent++] = &jobs[i];
	}
	qsort(order, absent, sizeof(*order), compare_digests);
	for (size_t i = 0; i < absent; i++) {
		if (i > 0 &&
			str_eq(order[i]->descriptor->digest, order[i - 1]->descriptor->digest)) {
			order[i]->kind = LAYER_JOB_AGAIN;
			continue;
		}
		r = prepare_absent(order[i], err);
		if (r < 0)
			return error_wrap(err, r, "blob %s", order[i]->descriptor->digest);
	}
	return 0;
}

int layer_jobs_new(struct store *store, const struct manifest *manifest, char *const *chains,
	char *const *diffs, struct layer_job **ret, struct error *err)
{
	size_t count = manifest->layer_count;
	struct layer_job *jobs = xcalloc(count + 1, sizeof(*jobs));
	int r;

	for (size_t i = 0; i < count; i++)
		jobs[i] = (struct layer_job){
			.store = store,
			.descriptor = &manifest->layers[i],
			.chain_id = chains[i],
			.diff_id = diffs[i],
			.blobfd = -1,
			.holdfd = -1,
		};
	r = prepare_all(jobs, count, err);
	if (r < 0) {
		layer_jobs_free(jobs, count);
		return r;
	}
	*ret = jobs;
	return 0;
}

int layer_job_start(struct layer_job *job, struct error *err)
{
	if (job->unpacker)
		return 0;
	return layer_unpack_start(job->store, NULL, &job->unpacker, err);
}

/* The blob's name, once it is verified. Its lock goes with it. */
static int commit_blob(struct layer_job *job, struct error *err)
{
	if (!job->writer)
		return 0;
	return blob_writer_commit(take_ptr(job->writer), NULL, err);
}

/*
 * The archive could not be unpacked. Were the bytes what the manifest promises? If not, that is
 * what is wrong; if so, the blob is of no use. Neither may be resumed by the next pull.
 */
static int discard_blob(struct layer_job *job, int result, struct error *err)
{
	struct error blob_err = {0};

	if (job->writer && blob_writer_offset(job->writer) < job->descriptor->size) {
		(void)blob_writer_restart(job->writer, NULL);
		return result;
	}
	if (commit_blob(job, &blob_err) == -EBADMSG) {
		if (err)
			*err = blob_err;
		return -EBADMSG;
	}
	(void)blob_remove(job->store, job->descriptor->digest, NULL);
	return result;
}

static int unpack_again(struct layer_job *job, struct layer_unpacked **ret, struct error *err)
{
	int r = open_blob(job, err);

	if (r < 0)
		return r;
	job->kind = LAYER_JOB_AGAIN;
	return layer_unpack_fd(job->store, job->blobfd, NULL, ret, err);
}

int layer_job_store(struct layer_job *job, char *const *parents, struct error *err)
{
	AUTO(layer_unpacked_free) struct layer_unpacked *unpacked = NULL;
	int r;

	if (job->kind == LAYER_JOB_PRESENT)
		return 0;
	if (job->kind == LAYER_JOB_AGAIN)
		r = unpack_again(job, &unpacked, err);
	else
		r = layer_unpack_finish(take_ptr(job->unpacker), &unpacked, err);
	/* Not when the disk is full and the like: then the bytes are good. */
	if (r == -EBADMSG || r == -EFBIG)
		r = discard_blob(job, r, err);
	if (r >= 0)
		r = commit_blob(job, err);
	if (r >= 0) {
		r = job->holdfd = layer_commit(unpacked, parents, job->diff_id, NULL, err);
		if (r == -EBADMSG)
			(void)blob_remove(job->store, job->descriptor->digest, NULL);
	}
	if (r < 0)
		return error_wrap(err, r, "layer %s", job->descriptor->digest);
	if (unpacked->info.skipped)
		log_info("layer %s: %llu device nodes were left out", job->descriptor->digest,
			(unsigned long long)unpacked->info.skipped);
	return 0;
}
