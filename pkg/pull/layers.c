/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/layers.h"

#include <errno.h>
#include <stdlib.h>

#include "base/str.h"
#include "pull/feed.h"

/*
 * How layers get here. Each one that is missing has a child process that unpacks what comes through
 * a pipe (storage/layer-unpack.h). First all bytes that are on disk go there: whole blobs of other
 * images, and what an interrupted pull has left. Then the registry client fetches the others
 * and hands every piece to write_piece(): blob writer (file and hash), then pipe. The pipe blocks
 * when its child is behind, which holds the other transfers up for a moment; it cannot lock up,
 * as no child waits for another. A child ends with its layer, so that about as many run as there
 * are transfers. At last the layers are verified and stored from the base up.
 */

/* The transfers of one layers_pull(). */
struct transfers {
	struct layer_job *jobs;
	struct progress *progress;
	struct registry_blob *blobs;
	size_t *job_of; /* index in jobs for each blob */
	size_t count;
};

static int write_piece(void *data, const void *bytes, size_t len)
{
	struct layer_job *job = data;
	int r = blob_writer_write(job->writer, bytes, len, &job->err);

	if (r < 0)
		return r;
	/* Here and not before the transfer: only so many children run as transfers do. */
	r = layer_job_start(job, &job->err);
	if (r < 0)
		return r;
	r = layer_unpacker_write(job->unpacker, bytes, len);
	job->is_refused = r == -EPIPE;
	return r;
}

static int blob_done(void *data)
{
	struct layer_job *job = data;

	if (job->unpacker)
		layer_unpacker_end(job->unpacker);
	progress_finish(job->progress, job->row, "done");
	return 0;
}

static int show_progress(void *data, size_t blob, uint64_t bytes)
{
	struct transfers *transfers = data;

	progress_update(transfers->progress, transfers->jobs[transfers->job_of[blob]].row, bytes);
	return 0;
}

/* A piece of ours that failed knows more than the client that was told to stop. */
static int own_failure(struct layer_job *jobs, size_t count, int result, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (jobs[i].is_refused) {
			struct error why = {0};
			int r = layer_job_store(&jobs[i], NULL, &why);

			if (r < 0 && err)
				*err = why;
			return r < 0 ? r : result;
		}
		if (jobs[i].err.code) {
			if (err)
				*err = jobs[i].err;
			return error_wrap(
				err, -jobs[i].err.code, "blob %s", jobs[i].descriptor->digest);
		}
	}
	return result;
}

static void add_transfer(struct transfers *transfers, size_t index)
{
	struct layer_job *job = &transfers->jobs[index];

	transfers->job_of[transfers->count] = index;
	transfers->blobs[transfers->count++] = (struct registry_blob){
		.digest = job->descriptor->digest,
		.size = job->descriptor->size,
		.offset = blob_writer_offset(job->writer),
		/* The blob writer hashes as well, and what was resumed with it. */
		.caller_verifies = true,
		.write = write_piece,
		.done = blob_done,
		.data = job,
	};
}

static int fetch_all(const struct layers_request *request, struct layer_job *jobs, size_t count,
	struct error *err)
{
	autofree struct registry_blob *blobs = xcalloc(count + 1, sizeof(*blobs));
	autofree size_t *job_of = xcalloc(count + 1, sizeof(*job_of));
	struct transfers transfers = {
		.jobs = jobs,
		.progress = request->progress,
		.blobs = blobs,
		.job_of = job_of,
	};
	int r;

	for (size_t i = 0; i < count; i++) {
		if (jobs[i].kind != LAYER_JOB_FETCH)
			continue;
		if (blob_writer_offset(jobs[i].writer) < jobs[i].descriptor->size)
			add_transfer(&transfers, i);
		else
			(void)blob_done(&jobs[i]);
	}
	if (transfers.count == 0)
		return 0;
	r = registry_get_blobs(request->source->registry, transfers.blobs, transfers.count,
		request->parallel, show_progress, &transfers, err);
	return r < 0 ? own_failure(jobs, count, r, err) : 0;
}

/* Fills @ret when there are bytes of the job on disk; 1 or 0. */
static int disk_part(struct layer_job *job, struct feed *ret, struct error *err)
{
	uint64_t end = 0;
	int fd = -1, r;

	if (job->kind == LAYER_JOB_DISK) {
		fd = job->blobfd;
		end = job->descriptor->size;
	} else if (job->kind == LAYER_JOB_FETCH) {
		fd = blob_writer_fd(job->writer);
		end = job->resumed_bytes;
	}
	/* An empty blob has an unpacker, too: it says what is wrong with it. */
	if (end == 0 && job->kind != LAYER_JOB_DISK &&
		!(job->kind == LAYER_JOB_FETCH && job->descriptor->size == 0))
		return 0;
	r = layer_job_start(job, err);
	if (r < 0)
		return r;
	*ret = (struct feed){
		.filefd = fd,
		.pipefd = layer_unpacker_fd(job->unpacker),
		.end = end,
	};
	return 1;
}

static int feed_from_disk(struct layer_job *jobs, size_t count, struct error *err)
{
	autofree struct feed *feeds = xcalloc(count + 1, sizeof(*feeds));
	autofree struct layer_job **owners = xcalloc(count + 1, sizeof(*owners));
	size_t fed = 0;
	int r;

	for (size_t i = 0; i < count; i++) {
		r = disk_part(&jobs[i], &feeds[fed], err);
		if (r < 0)
			return r;
		if (r > 0)
			owners[fed++] = &jobs[i];
	}
	r = feeds_run(feeds, fed, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < fed; i++) {
		if (feeds[i].offset == owners[i]->descriptor->size)
			layer_unpacker_end(owners[i]->unpacker);
		owners[i]->is_refused = feeds[i].result == -EPIPE;
		if (feeds[i].result < 0 && !owners[i]->is_refused)
			return error_sys(err, -feeds[i].result, "read blob %s",
				owners[i]->descriptor->digest);
	}
	return own_failure(jobs, count, 0, err);
}

static void show_rows(const struct layers_request *request, struct layer_job *jobs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		jobs[i].progress = request->progress;
		jobs[i].row = progress_add(request->progress, "blob", jobs[i].descriptor->digest,
			jobs[i].descriptor->size);
		if (jobs[i].kind != LAYER_JOB_FETCH)
			progress_finish(request->progress, jobs[i].row, "skipped: already exists");
		else if (jobs[i].resumed_bytes)
			progress_update(request->progress, jobs[i].row, jobs[i].resumed_bytes);
	}
}

/* From the base up, since a layer's place is named after those below it. */
static int store_all(struct layer_job *jobs, size_t count, struct error *err)
{
	AUTO(strv_free) char **parents = NULL;
	int r;

	for (size_t i = 0; i < count; i++) {
		r = layer_job_store(&jobs[i], parents, err);
		if (r < 0)
			return r;
		strv_add(&parents, jobs[i].chain_id);
	}
	return 0;
}

int layers_pull(const struct layers_request *request, struct layer_job **ret_jobs,
	bool *ret_resumed, struct error *err)
{
	const struct manifest *manifest = &request->source->manifest;
	size_t count = manifest->layer_count;
	struct layer_job *jobs;
	int r;

	r = layer_jobs_new(request->store, manifest, request->chains,
		request->source->config.rootfs.diff_ids, &jobs, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++)
		*ret_resumed |= jobs[i].resumed_bytes > 0;
	show_rows(request, jobs, count);
	r = feed_from_disk(jobs, count, err);
	if (r >= 0)
		r = fetch_all(request, jobs, count, err);
	if (r >= 0)
		r = store_all(jobs, count, err);
	if (r < 0) {
		layer_jobs_free(jobs, count);
		return r;
	}
	*ret_jobs = jobs;
	return 0;
}
