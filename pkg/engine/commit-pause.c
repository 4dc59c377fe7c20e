/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/commit-pause.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "container/pause.h"
#include "sys/file.h"
#include "sys/process.h"

enum { PAUSE_COMMANDS = 3, PAUSE_RESULTS, PAUSE_RUN_DIR, PAUSE_ROOT_DIR };

/* What the process that pauses says when it is done, or cannot. */
struct result {
	int code;
	struct error err;
};

/*
 * 1: paused; 0: it was already, by a person, who will end that, or nothing of it runs yet.
 * @ret_lock holds others off.
 */
static int begin(struct container *ctr, struct store *store, int *ret_lock, struct error *err)
{
	AUTO(container_free) struct container *now = NULL;
	int lock = container_pause_lock(store, ctr->record->id, err);
	int r = lock < 0 ? lock : container_open(store, ctr->record->id, &now, err);

	*ret_lock = lock;
	if (r < 0)
		return r;
	if (now->state.status == CONTAINER_PAUSED || now->state.waits)
		return 0;
	if (now->state.status != CONTAINER_RUNNING)
		return error_set(err, ESRCH, "the container has just ended");
	r = container_pause(now, err);
	return r < 0 ? r : 1;
}

static int pause_run(void *data)
{
	struct container *ctr = data;
	struct store store = *ctr->store;
	struct result result = {0};
	autoclose int lock = -1;
	char end;

	/* Who waits for us may be gone; that must not end us before the pause. */
	signal(SIGPIPE, SIG_IGN);
	store.runfd = PAUSE_RUN_DIR;
	store.rootfd = PAUSE_ROOT_DIR;
	result.code = begin(ctr, &store, &lock, &result.err);
	if (fd_write_all(PAUSE_RESULTS, &result, sizeof(result)) == 0 && result.code >= 0) {
		/* Until the other side closes its end, or is no more. */
		while (read(PAUSE_COMMANDS, &end, 1) < 0 && errno == EINTR)
			;
	}
	if (result.code > 0) {
		AUTO(container_free) struct container *now = NULL;

		/* What has ended meanwhile, or was started anew, is not ours to wake. */
		if (container_open(&store, ctr->record->id, &now, NULL) == 0 &&
			now->state.status == CONTAINER_PAUSED)
			(void)container_unpause(now, NULL);
	}
	return 0;
}

static int start(
	const struct container *ctr, struct commit_pause *ret, int *ret_results, struct error *err)
{
	int commands[2], results[2], fds[4];
	const char *title[] = {"coracle-pause", NULL};
	struct process_spawn how = {.argv = (char *const *)title,
		.stdin_fd = -1,
		.stdout_fd = -1,
		.stderr_fd = -1,
		.fds = fds,
		.fd_count = ARRAY_SIZE(fds),
		/* Keys that end the command do not end the pause before it. */
		.new_session = true};
	int r;

	if (pipe2(commands, O_CLOEXEC) < 0)
		return error_sys(err, errno, "create pipe");
	if (pipe2(results, O_CLOEXEC) < 0) {
		r = error_sys(err, errno, "create pipe");
		close(commands[0]);
		close(commands[1]);
		return r;
	}
	fds[0] = commands[0];
	fds[1] = results[1];
	fds[2] = ctr->store->runfd;
	fds[3] = ctr->store->rootfd;
	r = process_fork(&how, pause_run, (void *)ctr, &ret->pid, err);
	close(commands[0]);
	close(results[1]);
	ret->fd = commands[1];
	*ret_results = results[0];
	return r;
}

int commit_pause_begin(const struct container *ctr, struct commit_pause *ret, struct error *err)
{
	autoclose int results = -1;
	struct result result = {.code = -EIO};
	int r;

	*ret = (struct commit_pause){.fd = -1};
	r = start(ctr, ret, &results, err);
	if (r == 0 && read(results, &result, sizeof(result)) != sizeof(result))
		r = error_set(err, EIO, "pause the container: it was interrupted");
	else if (r == 0 && result.code < 0)
		r = error_set(
			err, -result.code, "pause the container: %s", error_text(&result.err));
	if (r < 0)
		commit_pause_end(ret);
	return r;
}

void commit_pause_end(struct commit_pause *pause)
{
	close_fd(&pause->fd);
	if (pause->pid > 0)
		process_wait(pause->pid);
	pause->pid = 0;
}
