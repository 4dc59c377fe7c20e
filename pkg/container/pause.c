/* SPDX-License-Identifier: Apache-2.0 */
#include "container/pause.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cgroup/cgroup.h"
#include "cgroup/events.h"
#include "cgroup/signal-freezer.h"
#include "container/internal.h"
#include "sys/file.h"

#define LOCK_FILE "pause.lock"
/* The process that is first in the container whose processes were stopped. */
#define NOTE_FILE "pause.json"
#define NOTE_MAX 4096
/* Processes that wait for a device, or fork as fast as they can. */
#define TIMEOUT_MS 10000

const char *container_pause_name(enum container_pause pause)
{
	static const char *const names[] = {
		[CONTAINER_NOT_PAUSED] = "",
		[CONTAINER_PAUSED_CGROUP] = "cgroup",
		[CONTAINER_PAUSED_SIGNALS] = "signals",
	};

	return pause < ARRAY_SIZE(names) ? names[pause] : "";
}

static int open_run_dir(struct store *store, const char *id, struct error *err)
{
	autofree char *path = xasprintf("containers/%s", id);

	return dir_open_at(store->runfd, path, err);
}

int container_pause_lock(struct store *store, const char *id, struct error *err)
{
	autoclose int run = open_run_dir(store, id, err);

	return run < 0 ? run : lock_open_at(run, LOCK_FILE, false, err);
}

/* ---- without a cgroup ---- */

static int read_note(int run_fd, struct process_id *ret)
{
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(run_fd, NOTE_FILE, NOTE_MAX, &text, &len, NULL);

	return r < 0 ? r : json_read(text, len, NOTE_FILE, process_id_fields, ret, NULL);
}

static bool has_note(int run_fd, const struct process_id *init)
{
	struct process_id noted = {0};
	bool is_same = read_note(run_fd, &noted) == 0 && noted.pid == init->pid &&
		       noted.start == init->start && str_eq(noted.boot_id, init->boot_id);

	process_id_release(&noted);
	return is_same;
}

static bool is_stopped(pid_t pid)
{
	autofree char *path = xasprintf("/proc/%d/stat", (int)pid);
	autofree char *text = NULL;
	struct pidns_process process;

	return file_read_at(AT_FDCWD, path, NOTE_MAX, &text, NULL, NULL) == 0 &&
	       pidns_stat_parse(text, &process) == 0 &&
	       (process.state == 'T' || process.state == 't');
}

bool container_pause_holds(int runfd, const char *id, pid_t init_pid)
{
	autofree char *path = xasprintf("containers/%s", id);
	autoclose int run = dir_open_at(runfd, path, NULL);
	struct process_id noted = {0};
	bool is_noted = run >= 0 && read_note(run, &noted) == 0 && noted.pid == init_pid;

	process_id_release(&noted);
	return is_noted && is_stopped(init_pid);
}

static int write_note(int run_fd, const struct process_id *init, struct error *err)
{
	autofree char *text = json_write(process_id_fields, init, false);

	return file_write_at(run_fd, NOTE_FILE, text, strlen(text), 0600, 0, err);
}

/* -ENOTSUP for the namespace that we are in ourselves: it would stop the person's shell. */
static int find_pidns(const struct container *ctr, struct pidns *ret, struct error *err)
{
	autoclose int pidfd = process_id_open(&ctr->state.init);
	struct pidns ns;
	int r = pidfd < 0 ? error_set(err, ESRCH, "the container has just ended")
			  : pidns_of((pid_t)ctr->state.init.pid, pidfd, &ns, err);

	if (r < 0)
		return r;
	if (pidns_has(&ns, getpid()))
		return error_set(err, ENOTSUP,
			"a container without a pid namespace of its own can only be paused by its "
			"cgroup, and it has none");
	*ret = ns;
	return 0;
}

static int pause_by_signals(const struct container *ctr, struct error *err)
{
	autoclose int run = open_run_dir(ctr->store, ctr->record->id, err);
	struct pidns ns;
	int r = run < 0 ? run : find_pidns(ctr, &ns, err);

	if (r == 0)
		r = write_note(run, &ctr->state.init, err);
	if (r < 0)
		return r;
	r = signal_freeze(&ns, TIMEOUT_MS, err);
	if (r < 0)
		unlinkat(run, NOTE_FILE, 0);
	return r;
}

static int unpause_by_signals(const struct container *ctr, struct error *err)
{
	autoclose int run = open_run_dir(ctr->store, ctr->record->id, err);
	struct pidns ns;
	int r = run < 0 ? run : find_pidns(ctr, &ns, err);

	if (r == 0)
		r = signal_thaw(&ns, err);
	if (r == 0)
		unlinkat(run, NOTE_FILE, 0);
	return r;
}

/* ---- the choice ---- */

/* 1 and the container's cgroup; 0: it has none. */
static int open_cgroup(const struct container *ctr, struct cgroup **ret, struct error *err)
{
	int r = ctr->state.cgroup ? cgroup_open(ctr->state.cgroup, ret, err) : 0;

	if (r < 0)
		return error_wrap(err, r, "cgroup of container %.12s", ctr->record->id);
	return ctr->state.cgroup != NULL;
}

static int set_paused(const struct container *ctr, bool paused, struct error *err)
{
	AUTO(cgroup_free) struct cgroup *cg = NULL;
	int r = open_cgroup(ctr, &cg, err);

	if (r < 0)
		return r;
	if (r > 0)
		return cgroup_freeze(cg, paused, TIMEOUT_MS, err);
	return paused ? pause_by_signals(ctr, err) : unpause_by_signals(ctr, err);
}

int container_pause(const struct container *ctr, struct error *err)
{
	return set_paused(ctr, true, err);
}

int container_unpause(const struct container *ctr, struct error *err)
{
	return set_paused(ctr, false, err);
}

bool container_pause_is_begun(const struct container *ctr)
{
	autoclose int run = open_run_dir(ctr->store, ctr->record->id, NULL);

	return run >= 0 && has_note(run, &ctr->state.init);
}

enum container_pause container_pause_read(const struct container_state *state, int run_fd)
{
	AUTO(cgroup_free) struct cgroup *cg = NULL;
	struct cgroup_events events;
	autoclose int pidfd = -1;
	struct pidns ns;

	if (state->cgroup) {
		if (cgroup_open(state->cgroup, &cg, NULL) == 0 &&
			cgroup_events_read(cg->dirfd, &events) == 0 && events.frozen)
			return CONTAINER_PAUSED_CGROUP;
		return CONTAINER_NOT_PAUSED;
	}
	if (!has_note(run_fd, &state->init))
		return CONTAINER_NOT_PAUSED;
	pidfd = process_id_open(&state->init);
	if (pidfd >= 0 && pidns_of((pid_t)state->init.pid, pidfd, &ns, NULL) == 0 &&
		signal_is_frozen(&ns))
		return CONTAINER_PAUSED_SIGNALS;
	return CONTAINER_NOT_PAUSED;
}
