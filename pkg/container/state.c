/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cgroup/cgroup.h"
#include "container/container.h"
#include "container/event.h"
#include "container/internal.h"
#include "container/pause.h"
#include "sys/file.h"

#define STATE_FILE "state.json"
#define EXIT_FILE "exit.json"
/* What a container is said to have ended with when nobody saw it: that it was killed. */
#define LOST_EXIT_CODE 137

#define STATE struct container_state
const struct json_field container_state_fields[] = {
	JSON_I64(STATE, status, "status", JSON_ALWAYS),
	JSON_OBJECT(STATE, monitor, "monitor", process_id_fields),
	JSON_OBJECT(STATE, init, "init", process_id_fields),
	JSON_I64(STATE, started_ns, "started"),
	JSON_I64(STATE, finished_ns, "finished"),
	JSON_I64(STATE, exit_code, "exitCode", JSON_ALWAYS),
	JSON_STRING(STATE, cgroup, "cgroup"),
	JSON_BOOL(STATE, waits, "waits"),
	JSON_BOOL(STATE, oom_killed, "oomKilled"),
	JSON_I64(STATE, restarts, "restarts"),
	JSON_STRING(STATE, error, "error"),
	JSON_RAW(STATE, health, "health"),
	JSON_RAW(STATE, network, "network"),
	JSON_END,
};

void container_state_release(struct container_state *state)
{
	json_release(container_state_fields, state);
	*state = (struct container_state){ 0 };
}

const char *container_status_name(enum container_status status)
{
	static const char *const names[] = {
		[CONTAINER_CREATED] = "created",
		[CONTAINER_INITIALIZED] = "initialized",
		[CONTAINER_RUNNING] = "running",
		[CONTAINER_STOPPING] = "stopping",
		[CONTAINER_EXITED] = "exited",
		[CONTAINER_REMOVING] = "removing",
		[CONTAINER_PAUSED] = "paused",
		[CONTAINER_RESTARTING] = "restarting",
	};

	return status < ARRAY_SIZE(names) ? names[status] : "unknown";
}

static int read_state_file(int dirfd, const char *name, struct container_state *ret,
	struct error *err)
{
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(dirfd, name, CONTAINER_MAX_JSON, &text, &len, err);

	return r < 0 ? r : json_read_members(text, len, name, container_state_fields, ret, err);
}

int container_state_write(struct store *store, const char *id, const struct container_state *state,
	struct error *err)
{
	autofree char *text = json_write(container_state_fields, state, false);
	autoclose int run = container_run_dir(store, id, err);

	return run < 0 ? run : file_write_at(run, STATE_FILE, text, strlen(text), 0600, 0, err);
}

int container_state_finish(struct store *store, const char *id,
	const struct container_state *state, bool durable, struct error *err)
{
	autofree char *path = xasprintf("containers/%s/" EXIT_FILE, id);
	autofree char *run = xasprintf("containers/%s", id);
	autofree char *text = json_write(container_state_fields, state, false);
	int r = file_write_at(store->rootfd, path, text, strlen(text), 0600,
		durable ? FILE_WRITE_SYNC : 0, err);

	/* Only now: whoever finds no run state must find the record of the end. */
	return r < 0 ? r : dir_remove_all_at(store->runfd, run, err);
}

static bool is_alive(const struct process_id *id)
{
	int pidfd = id->pid ? process_id_open(id) : -ESRCH;

	if (pidfd < 0)
		return false;
	close(pidfd);
	return true;
}

/* Kills it and says what it ended with, which may have been by itself. */
static int kill_and_wait(const struct process_id *id)
{
	autoclose int pidfd = id->pid ? process_id_open(id) : -ESRCH;
	int code = LOST_EXIT_CODE;

	if (pidfd < 0)
		return code;
	pidfd_signal(pidfd, SIGKILL);
	pidfd_wait_end(pidfd, 10000);
	process_exit_code(id, pidfd, &code);
	return code;
}

/* systemd removes its scopes by itself; a cgroup that we made stays. */
static void finish_cgroup(struct container_state *state)
{
	AUTO(cgroup_free) struct cgroup *cg = NULL;

	if (state->cgroup && cgroup_open(state->cgroup, &cg, NULL) == 0)
		cgroup_finish(cg, &state->oom_killed);
	free(state->cgroup);
	state->cgroup = NULL;
}

/* What the monitor would have written. */
static void note_loss(struct store *store, const struct container_record *record,
	const struct container_state *state)
{
	const struct container_event events[] = {
		{.status = EVENT_DIED,
			.exit_code = state->exit_code,
			.time_ns = state->finished_ns},
		{.status = EVENT_CLEANUP},
	};

	container_note_events(store->events_fd, record, events, record->auto_remove ? 1 : 2);
}

/*
 * The monitor is gone without a last word. The pid namespace dies with its init, and everything
 * that was mounted dies with the mount namespace, so killing init is all the clean-up there is;
 * network plugins end with the namespace or are collected by the engine.
 */
static int record_loss(struct store *store, const struct container_record *record,
	struct container_state *state, struct error *err)
{
	/* Between two lives it has an end of its own. */
	bool has_ended = state->status == CONTAINER_RESTARTING;
	bool was_started = state->init.pid != 0 || state->started_ns != 0;
	int code = kill_and_wait(&state->init);

	finish_cgroup(state);
	process_id_release(&state->monitor);
	process_id_release(&state->init);
	state->waits = false;
	state->status = was_started ? CONTAINER_EXITED : CONTAINER_CREATED;
	if (!was_started)
		return container_state_finish(store, record->id, state, false, err);
	if (!has_ended) {
		state->exit_code = code;
		state->finished_ns = clock_now_ns();
	}
	free(state->error);
	state->error = xstrdup("the container's monitor was killed");
	if (!has_ended)
		note_loss(store, record, state);
	return container_state_finish(store, record->id, state, !record->auto_remove, err);
}

int container_end_read(struct container *ctr, struct error *err)
{
	struct container_state *state = &ctr->state;
	struct error why = { 0 };
	int r;

	container_state_release(state);
	r = read_state_file(ctr->dirfd, EXIT_FILE, state, &why);
	if (r == -ENOENT) {
		state->status = CONTAINER_CREATED;
		return 0;
	}
	return r < 0 ? error_set(err, -r, "%s", error_text(&why)) : 0;
}

/* The monitor writes "running": who pauses is another process. */
static void look_for_pause(struct container *ctr, int run_fd)
{
	struct container_state *state = &ctr->state;

	ctr->pause = CONTAINER_NOT_PAUSED;
	if (state->status == CONTAINER_RUNNING)
		ctr->pause = container_pause_read(state, run_fd);
	if (ctr->pause != CONTAINER_NOT_PAUSED)
		state->status = CONTAINER_PAUSED;
}

int container_state_read(struct container *ctr, bool is_locked, struct error *err)
{
	autofree char *run = xasprintf("containers/%s", ctr->record->id);
	autoclose int run_fd = openat(ctr->store->runfd, run, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct container_state *state = &ctr->state;
	struct error ignored = { 0 };
	int r = -ENOENT;

	container_state_release(state);
	if (run_fd >= 0)
		r = read_state_file(run_fd, STATE_FILE, state, &ignored);
	if (r == 0 && is_alive(&state->monitor)) {
		look_for_pause(ctr, run_fd);
		return 0;
	}
	if (r == 0) {
		/* It may have finished between the two looks; then the record of the end is there. */
		autoclose int lock =
			is_locked ? -1 : container_lock(ctr->store, ctr->record->id, err);

		if (lock < 0 && !is_locked)
			return lock;
		container_state_release(state);
		if (read_state_file(run_fd, STATE_FILE, state, &ignored) == 0) {
			if (!is_alive(&state->monitor))
				return record_loss(ctr->store, ctr->record, state, err);
			look_for_pause(ctr, run_fd);
			return 0;
		}
	}
	return container_end_read(ctr, err);
}
