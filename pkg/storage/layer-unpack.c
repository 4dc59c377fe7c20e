/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer-unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "storage/unpack-child.h"
#include "sys/file.h"
#include "sys/process.h"

#define PIPE_SIZE (1 << 20)
#define COPY_SIZE (256 * 1024)

struct layer_unpacker {
	struct layer_unpacked *layer; /* the staging directory */
	int input;                    /* write end of the child's input */
	int result;                   /* read end of its result */
	pid_t pid;                    /* 0: none, or reaped */
};

static int make_staging(struct store *store, struct layer_unpacked **ret, struct error *err)
{
	AUTO(layer_unpacked_free) struct layer_unpacked *layer = xnew(struct layer_unpacked);

	layer->store = store;
	layer->dirfd = store_staging_new(store, &layer->path, err);
	if (layer->dirfd < 0)
		return layer->dirfd;
	if (mkdirat(layer->dirfd, "diff", 0755) < 0 || fchmodat(layer->dirfd, "diff", 0755, 0) < 0)
		return error_sys(err, errno, "create layer");
	*ret = take_ptr(layer);
	return 0;
}

struct unpack_pipes {
	int input[2];
	int result[2];
	int root;
	int fixups;
};

static void close_pipes(struct unpack_pipes *pipes)
{
	for (int i = 0; i < 2; i++) {
		close_fd(&pipes->input[i]);
		close_fd(&pipes->result[i]);
	}
	close_fd(&pipes->root);
	close_fd(&pipes->fixups);
}

static int open_pipes(
	struct unpack_pipes *pipes, const struct layer_unpacked *layer, struct error *err)
{
	if (pipe2(pipes->input, O_CLOEXEC) < 0 || pipe2(pipes->result, O_CLOEXEC) < 0)
		return error_sys(err, errno, "create pipe");
	/* May be refused when the user has many pipes: only slower then. */
	fcntl(pipes->input[1], F_SETPIPE_SZ, PIPE_SIZE);
	pipes->root = dir_open_at(layer->dirfd, "diff", err);
	if (pipes->root < 0)
		return pipes->root;
	pipes->fixups =
		openat(layer->dirfd, "fixups", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return pipes->fixups < 0 ? error_sys(err, errno, "create layer") : 0;
}

static int start_child(struct layer_unpacker *unpacker, struct unpack_pipes *pipes,
	const struct layer_unpack_request *request, struct error *err)
{
	uint64_t max_entries = request ? request->max_entries : 0;
	uint64_t max_size = request ? request->max_size : 0;
	struct unpack_child child = {
		.input = pipes->input[0],
		.root = pipes->root,
		.fixups = pipes->fixups,
		.result = pipes->result[1],
		.limits.max_entries = max_entries ? max_entries : LAYER_MAX_ENTRIES,
		.limits.max_size = max_size ? max_size : LAYER_MAX_SIZE,
	};

	/* Not process_spawn(): no other program is run. The child ends in unpack_child_run(). */
	unpacker->pid = fork();
	if (unpacker->pid < 0) {
		unpacker->pid = 0;
		return error_sys(err, errno, "start unpacking process");
	}
	if (unpacker->pid == 0)
		unpack_child_run(&child);
	unpacker->input = take_fd(pipes->input[1]);
	unpacker->result = take_fd(pipes->result[0]);
	return 0;
}

int layer_unpack_start(struct store *store, const struct layer_unpack_request *request,
	struct layer_unpacker **ret, struct error *err)
{
	AUTO(layer_unpacker_free) struct layer_unpacker *unpacker = xnew(struct layer_unpacker);
	struct unpack_pipes pipes = {
		.input = {-1, -1}, .result = {-1, -1}, .root = -1, .fixups = -1};
	int r;

	unpacker->input = unpacker->result = -1;
	r = make_staging(store, &unpacker->layer, err);
	if (r == 0)
		r = open_pipes(&pipes, unpacker->layer, err);
	if (r == 0)
		r = start_child(unpacker, &pipes, request, err);
	close_pipes(&pipes);
	if (r == 0)
		*ret = take_ptr(unpacker);
	return r;
}

int layer_unpacker_fd(const struct layer_unpacker *unpacker)
{
	return unpacker->input;
}

int layer_unpacker_write(struct layer_unpacker *unpacker, const void *data, size_t len)
{
	return fd_write_all(unpacker->input, data, len);
}

void layer_unpacker_end(struct layer_unpacker *unpacker)
{
	close_fd(&unpacker->input);
}

static int read_result(int fd, struct unpack_result *ret)
{
	size_t have = 0;

	while (have < sizeof(*ret)) {
		ssize_t got = read(fd, (char *)ret + have, sizeof(*ret) - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -EPIPE;
		have += (size_t)got;
	}
	/* From a process that has parsed hostile data. */
	ret->diff_id[sizeof(ret->diff_id) - 1] = '\0';
	ret->error.text[sizeof(ret->error.text) - 1] = '\0';
	return ret->error.code || digest_is_valid(ret->diff_id) ? 0 : -EBADMSG;
}

static int reap(struct layer_unpacker *unpacker)
{
	int status = 0;

	while (waitpid(unpacker->pid, &status, 0) < 0 && errno == EINTR)
		;
	unpacker->pid = 0;
	return status;
}

int layer_unpack_finish(
	struct layer_unpacker *owned, struct layer_unpacked **ret, struct error *err)
{
	AUTO(layer_unpacker_free) struct layer_unpacker *unpacker = owned;
	struct unpack_result result = {0};
	struct layer_info *info = &unpacker->layer->info;
	int r, status;

	close_fd(&unpacker->input);
	r = read_result(unpacker->result, &result);
	status = reap(unpacker);
	if (r < 0)
		return error_set(err, EIO, "unpacking process ended early (%s %d)",
			WIFSIGNALED(status) ? "signal" : "exit code",
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	if (result.error.code)
		return error_set(err, result.error.code > 0 ? result.error.code : EIO, "%s",
			result.error.text);
	info->diff_id = xstrdup(result.diff_id);
	info->size = result.size;
	info->tar_size = result.tar_size;
	info->entries = result.entries;
	info->skipped = result.skipped;
	info->remapped = result.remapped;
	info->boot_id = xstrdup(boot_id_short());
	*ret = take_ptr(unpacker->layer);
	return 0;
}

void layer_unpacker_free(struct layer_unpacker *unpacker)
{
	if (!unpacker)
		return;
	if (unpacker->pid > 0) {
		kill(unpacker->pid, SIGKILL);
		reap(unpacker);
	}
	close_fd(&unpacker->input);
	close_fd(&unpacker->result);
	layer_unpacked_free(unpacker->layer);
	free(unpacker);
}

int layer_unpack_fd(struct store *store, int fd, const struct layer_unpack_request *request,
	struct layer_unpacked **ret, struct error *err)
{
	AUTO(layer_unpacker_free) struct layer_unpacker *unpacker = NULL;
	autofree char *buffer = xmalloc(COPY_SIZE);
	int r = layer_unpack_start(store, request, &unpacker, err);
	ssize_t got;

	if (r < 0)
		return r;
	while ((got = read(fd, buffer, COPY_SIZE)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_sys(err, errno, "read layer");
		/* The child has given up: its own words say why. */
		if (layer_unpacker_write(unpacker, buffer, (size_t)got) < 0)
			break;
	}
	return layer_unpack_finish(take_ptr(unpacker), ret, err);
}
