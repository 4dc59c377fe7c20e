/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/pack-compress.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/file.h"
#include "sys/process.h"

#define MAX_WORKERS 32u
#define GZIP_BLOCK (1u << 20)
#define ZSTD_BLOCK (4u << 20) /* its window is larger */
/* More than a block that cannot be compressed grows by. */
#define OUTPUT_SIZE(block) ((block) + (block) / 64 + 4096)

/* What goes through the pipes; the bytes lie in memory that both sides have. */
struct job {
	uint32_t len;
	int32_t code; /* negative errno of a failed compression */
};

struct worker {
	pid_t pid; /* 0: not started */
	int jobs;  /* write end; the worker ends when it is closed */
	int results;
	bool is_busy;
	char *input; /* block_size bytes, then room for the output */
};

struct compressor {
	enum pack_compression compression;
	int level;
	const struct pack_sink *sink;
	size_t block_size;
	char *memory;
	size_t memory_size;
	struct worker workers[MAX_WORKERS];
	size_t count;
	size_t current; /* the worker whose input is being filled */
	size_t filled;
	bool has_output;
};

static size_t slot_size(const struct compressor *compressor)
{
	return compressor->block_size + OUTPUT_SIZE(compressor->block_size);
}

static size_t cpu_count(void)
{
	cpu_set_t set;
	int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

	if (count < 1)
		return 1;
	return (size_t)count < MAX_WORKERS ? (size_t)count : MAX_WORKERS;
}

int compressor_new(enum pack_compression compression, int level, const struct pack_sink *sink,
	struct compressor **ret, struct error *err)
{
	AUTO(compressor_free) struct compressor *compressor = xnew(struct compressor);

	compressor->compression = compression;
	compressor->level = level;
	compressor->sink = sink;
	compressor->block_size = compression == PACK_ZSTD ? ZSTD_BLOCK : GZIP_BLOCK;
	compressor->count = cpu_count();
	compressor->memory_size = compressor->count * slot_size(compressor);
	compressor->memory = mmap(NULL, compressor->memory_size, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (compressor->memory == MAP_FAILED) {
		compressor->memory = NULL;
		return error_sys(err, errno, "memory for compression");
	}
	for (size_t i = 0; i < compressor->count; i++)
		compressor->workers[i] = (struct worker){.jobs = -1,
			.results = -1,
			.input = compressor->memory + i * slot_size(compressor)};
	*ret = take_ptr(compressor);
	return 0;
}

static int open_codec(const struct compressor *compressor, struct archive *archive)
{
	char level[16];
	int r;

	archive_write_set_format_raw(archive);
	if (compressor->compression == PACK_GZIP) {
		r = archive_write_add_filter_gzip(archive);
		/* The same input gives the same bytes. */
		if (r == ARCHIVE_OK)
			r = archive_write_set_filter_option(archive, "gzip", "timestamp", NULL);
	} else {
		r = archive_write_add_filter_zstd(archive);
	}
	snprintf(level, sizeof(level), "%d", compressor->level);
	if (r == ARCHIVE_OK && compressor->level)
		r = archive_write_set_filter_option(archive, NULL, "compression-level", level);
	archive_write_set_bytes_per_block(archive, 0);
	return r;
}

/* One block to one member or frame: its length, or negative errno. */
static ssize_t compress_block(
	const struct compressor *compressor, const struct worker *worker, size_t len)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	char *output = worker->input + compressor->block_size;
	size_t used = 0;
	int r = open_codec(compressor, archive);

	archive_entry_set_filetype(entry, AE_IFREG);
	if (r == ARCHIVE_OK)
		r = archive_write_open_memory(
			archive, output, OUTPUT_SIZE(compressor->block_size), &used);
	if (r == ARCHIVE_OK)
		r = archive_write_header(archive, entry);
	if (r == ARCHIVE_OK && archive_write_data(archive, worker->input, len) != (la_ssize_t)len)
		r = ARCHIVE_FATAL;
	if (r == ARCHIVE_OK)
		r = archive_write_close(archive);
	archive_entry_free(entry);
	archive_write_free(archive);
	return r == ARCHIVE_OK ? (ssize_t)used : -EIO;
}

enum { WORKER_JOBS = 3, WORKER_RESULTS };

static bool read_job(int fd, struct job *ret)
{
	ssize_t got;

	/* Less than PIPE_BUF: whole or not at all. */
	do
		got = read(fd, ret, sizeof(*ret));
	while (got < 0 && errno == EINTR);
	return got == sizeof(*ret);
}

static int worker_run(void *data)
{
	const struct compressor *compressor = data;
	const struct worker *worker = &compressor->workers[compressor->current];
	struct job job;

	while (read_job(WORKER_JOBS, &job)) {
		ssize_t len = compress_block(compressor, worker, job.len);

		job.code = len < 0 ? (int32_t)len : 0;
		job.len = len < 0 ? 0 : (uint32_t)len;
		if (fd_write_all(WORKER_RESULTS, &job, sizeof(job)) < 0)
			break;
	}
	return 0;
}

static int worker_start(struct compressor *compressor, struct worker *worker, struct error *err)
{
	int jobs[2], results[2], fds[2];
	const char *title[] = {"coracle-compress", NULL};
	struct process_spawn how = {.argv = (char *const *)title,
		.stdin_fd = -1,
		.stdout_fd = -1,
		.stderr_fd = -1,
		.fds = fds,
		.fd_count = 2};
	int r;

	if (pipe2(jobs, O_CLOEXEC) < 0)
		return error_sys(err, errno, "create pipe");
	if (pipe2(results, O_CLOEXEC) < 0) {
		r = error_sys(err, errno, "create pipe");
		close(jobs[0]);
		close(jobs[1]);
		return r;
	}
	fds[0] = jobs[0];
	fds[1] = results[1];
	r = process_fork(&how, worker_run, compressor, &worker->pid, err);
	close(jobs[0]);
	close(results[1]);
	worker->jobs = jobs[1];
	worker->results = results[0];
	if (r < 0)
		worker->pid = 0;
	return r;
}

static int put(struct compressor *compressor, const char *bytes, size_t len, struct error *err)
{
	compressor->has_output = true;
	return compressor->sink->write(compressor->sink->data, bytes, len, err);
}

/* The result of a worker that has a job. */
static int collect(struct compressor *compressor, struct worker *worker, struct error *err)
{
	struct job job;

	if (!worker->is_busy)
		return 0;
	worker->is_busy = false;
	if (!read_job(worker->results, &job))
		return error_set(err, EIO, "a compressing process ended early");
	if (job.code < 0 || job.len > OUTPUT_SIZE(compressor->block_size))
		return error_sys(err, job.code < 0 ? -job.code : EIO, "compress");
	return put(compressor, worker->input + compressor->block_size, job.len, err);
}

/* The block that has been filled, to be compressed by somebody else. */
static int hand_over(struct compressor *compressor, struct error *err)
{
	struct worker *worker = &compressor->workers[compressor->current];
	struct job job = {.len = (uint32_t)compressor->filled};
	int r = worker->pid ? 0 : worker_start(compressor, worker, err);

	if (r == 0 && fd_write_all(worker->jobs, &job, sizeof(job)) < 0)
		r = error_set(err, EIO, "a compressing process ended early");
	if (r < 0)
		return r;
	worker->is_busy = true;
	compressor->filled = 0;
	/* Jobs go round, so the next one's is the oldest: results come in order. */
	compressor->current = (compressor->current + 1) % compressor->count;
	return collect(compressor, &compressor->workers[compressor->current], err);
}

/* By ourselves, what comes after all that others are at work on. */
static int compress_here(struct compressor *compressor, struct error *err)
{
	struct worker *worker = &compressor->workers[compressor->current];
	ssize_t len = compress_block(compressor, worker, compressor->filled);

	compressor->filled = 0;
	return len < 0 ? error_sys(err, (int)-len, "compress")
		       : put(compressor, worker->input + compressor->block_size, (size_t)len, err);
}

int compressor_write(
	struct compressor *compressor, const void *bytes, size_t len, struct error *err)
{
	int r = 0;

	while (r == 0 && len) {
		struct worker *worker = &compressor->workers[compressor->current];
		size_t room = compressor->block_size - compressor->filled;
		size_t part = len < room ? len : room;

		memcpy(worker->input + compressor->filled, bytes, part);
		compressor->filled += part;
		bytes = (const char *)bytes + part;
		len -= part;
		if (part == room)
			r = compressor->count > 1 ? hand_over(compressor, err)
						  : compress_here(compressor, err);
	}
	return r;
}

int compressor_finish(struct compressor *compressor, struct error *err)
{
	int r = 0;

	/* The current one has nothing to do: it is the oldest that is the next one's. */
	for (size_t i = 1; r == 0 && i < compressor->count; i++)
		r = collect(compressor,
			&compressor->workers[(compressor->current + i) % compressor->count], err);
	/* Of nothing, an empty member: no bytes at all are no archive. */
	if (r == 0 && (compressor->filled || !compressor->has_output))
		r = compress_here(compressor, err);
	return r;
}

void compressor_free(struct compressor *compressor)
{
	if (!compressor)
		return;
	for (size_t i = 0; i < compressor->count; i++) {
		struct worker *worker = &compressor->workers[i];

		close_fd(&worker->jobs);
		close_fd(&worker->results);
		if (worker->pid && worker->is_busy)
			kill(worker->pid, SIGKILL);
		if (worker->pid)
			process_wait(worker->pid);
	}
	if (compressor->memory)
		munmap(compressor->memory, compressor->memory_size);
	free(compressor);
}
