/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The states of a monitor (docs/architecture.md, "Monitor"):
 *
 *     starting    a life begins; the state on disk says "initialized"
 *     running     until the first process ends
 *     pausing     the container is to run again: "restarting", until the pause is over
 *     ending      the record of the end is written, or with --rm the container removed
 *
 * Only the first life can fail for good: what ran once and cannot be started again is like one that
 * ended at once, and the restart policy decides.
 */
#include "monitor/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "container/attach.h"
#include "container/container.h"
#include "container/event.h"
#include "monitor/life.h"
#include "monitor/restart.h"
#include "sys/file.h"

/* As of any program that SIGKILL has ended. */
#define EXIT_CODE_KILLED 137

/* Of the file: it is replaced as a whole. */
struct record_stamp {
	ino_t ino;
	struct timespec changed;
};

struct monitor {
	const struct monitor_options *options;
	struct store *store;
	struct container *ctr;
	struct spec spec;
	struct container_cgroup cgroup;
	struct container_state state;
	struct restart restart;
	struct record_stamp stamp;
	struct life life;
	char *withdrawn; /* what --rm left to delete */
};

static int open_container(struct monitor *mon, struct error *err)
{
	const struct monitor_options *options = mon->options;

	if (options->record)
		return container_adopt(mon->store, options->record, &mon->ctr, err);
	return container_open(mon->store, options->id, &mon->ctr, err);
}

static int read_spec(struct monitor *mon, struct error *err)
{
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(
		mon->ctr->dirfd, CONTAINER_SPEC_FILE, CONTAINER_MAX_JSON, &text, &len, err);

	spec_release(&mon->spec);
	return r < 0 ? r : spec_parse(text, len, &mon->spec, err);
}

/* One look costs less than to read the record: most containers are never updated. */
static struct record_stamp stamp_record(const struct monitor *mon)
{
	struct stat st = {0};

	if (fstatat(mon->ctr->dirfd, CONTAINER_RECORD_FILE, &st, 0) < 0)
		return (struct record_stamp){0};
	return (struct record_stamp){.ino = st.st_ino, .changed = st.st_ctim};
}

/* `update` may have given it another policy, or limits for its next life. */
static void note_update(struct monitor *mon)
{
	AUTO(container_free) struct container *now = NULL;
	struct record_stamp stamp = stamp_record(mon);
	struct error err = {0};

	if (stamp.ino == mon->stamp.ino && stamp.changed.tv_sec == mon->stamp.changed.tv_sec &&
		stamp.changed.tv_nsec == mon->stamp.changed.tv_nsec)
		return;
	mon->stamp = stamp;
	if (container_open(mon->store, mon->options->id, &now, &err) < 0) {
		log_warn("%s", error_text(&err));
		return;
	}
	mon->ctr->record->pids_is_default = now->record->pids_is_default;
	restart_set_policy(&mon->restart, now->record->restart);
}

static int write_state(struct monitor *mon, enum container_status status, struct error *err)
{
	mon->state.status = status;
	return container_state_write(mon->store, mon->options->id, &mon->state, err);
}

static void prepare_life(struct monitor *mon)
{
	mon->life.store = mon->store;
	mon->life.ctr = mon->ctr;
	mon->life.spec = &mon->spec;
	mon->life.cgroup = &mon->cgroup;
	mon->life.state = &mon->state;
}

static int open_all(struct monitor *mon, struct error *err)
{
	int r = store_open(&mon->options->store, &mon->store, err);

	if (r == 0)
		r = open_container(mon, err);
	prepare_life(mon);
	if (r == 0)
		r = process_id_get(getpid(), &mon->state.monitor, err);
	if (r == 0)
		r = write_state(mon, CONTAINER_INITIALIZED, err);
	if (r == 0 && mon->options->spec)
		mon->spec = *mon->options->spec;
	else if (r == 0)
		r = read_spec(mon, err);
	if (r == 0)
		mon->stamp = stamp_record(mon);
	return r;
}

static void remove_anonymous_volumes(struct monitor *mon)
{
	const struct container_record *record = mon->ctr->record;

	for (size_t i = 0; i < record->mount_count; i++) {
		const char *name = record->mounts[i].anonymous ? record->mounts[i].name : NULL;

		if (name && volume_remove(mon->store, name, NULL) == 0)
			volume_note_event(mon->store->events_fd, EVENT_REMOVE, name);
	}
}

/* Before others can see the end. @died: a life ends; one that was never started has not died. */
static void note_end(const struct monitor *mon, bool died, bool again)
{
	struct container_event events[3];
	size_t count = 0;

	if (died && mon->state.oom_killed)
		events[count++] = (struct container_event){.status = EVENT_OOM};
	if (died)
		events[count++] = (struct container_event){.status = EVENT_DIED,
			.exit_code = mon->state.exit_code,
			.time_ns = mon->state.finished_ns};
	if (!again && !mon->ctr->record->auto_remove)
		events[count++] = (struct container_event){.status = EVENT_CLEANUP};
	container_note_events(mon->store->events_fd, mon->ctr->record, events, count);
}

/* What the world finds after us: a record of the end, or nothing. */
static int record_end(struct monitor *mon, enum container_status status, struct error *err)
{
	int r;

	mon->state.status = status;
	process_id_release(&mon->state.monitor);
	if (mon->ctr->record->auto_remove) {
		remove_anonymous_volumes(mon);
		return container_withdraw(mon->store, mon->ctr->record, &mon->withdrawn, err);
	}
	r = container_state_finish(mon->store, mon->options->id, &mon->state, true, err);
	if (r < 0)
		log_warn("container %.12s: %s", mon->options->id, error_text(err));
	return r;
}

/* Clients hear of the end when everything has been undone, and the state says what comes next. */
/* Who started the container hears no more of it; his terminal is not ours to hold. */
static void leave_terminal(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	dup2(null, STDERR_FILENO);
	close(null);
}

static void finish_life(struct monitor *mon, bool again)
{
	struct error ignored = {0};

	life_clean(&mon->life);
	note_end(mon, true, again);
	if (again) {
		write_state(mon, CONTAINER_RESTARTING, &ignored);
		leave_terminal();
	} else {
		record_end(mon, CONTAINER_EXITED, &ignored);
	}
	relay_finish(mon->life.relay, (int)mon->state.exit_code);
	life_release(&mon->life);
}

static void set_error(struct monitor *mon, const char *text)
{
	free(mon->state.error);
	mon->state.error = xstrdup(text);
}

/* A life that does not begin counts as one that ended with the code that run would exit with. */
static void note_failed_life(struct monitor *mon, const struct error *cause)
{
	mon->state.exit_code = mon->life.failure_code;
	mon->state.finished_ns = clock_now_ns();
	mon->restart.ran_ns = 0;
	set_error(mon, error_text(cause));
	life_clean(&mon->life);
	life_release(&mon->life);
}

/*
 * With the container's lock: whoever stops the container holds it while he looks whom to signal, so
 * that he finds either this life or the pause before it.
 */
static int begin_again(struct monitor *mon)
{
	autoclose int lock = container_lock(mon->store, mon->options->id, NULL);
	struct error err = {0};
	int r;

	if (lock < 0 || restart_is_over(&mon->restart))
		return -ECANCELED;
	note_update(mon);
	mon->restart.count++;
	mon->state.restarts = mon->restart.count;
	mon->state.oom_killed = false;
	set_error(mon, NULL);
	container_note_event(mon->store->events_fd, mon->ctr->record, EVENT_RESTART);
	prepare_life(mon);
	r = write_state(mon, CONTAINER_INITIALIZED, &err);
	if (r == 0)
		r = read_spec(mon, &err);
	if (r == 0)
		r = life_begin(&mon->life, &err);
	if (r == 0)
		return 0;
	note_failed_life(mon, &err);
	write_state(mon, CONTAINER_RESTARTING, &err);
	return r == -ECANCELED ? -EIO : r;
}

/* True when the container runs again, false when the end has been recorded instead. */
static bool next_life(struct monitor *mon)
{
	struct error ignored = {0};
	int r;

	do {
		r = restart_pause(&mon->restart) ? begin_again(mon) : -ECANCELED;
	} while (r < 0 && r != -ECANCELED && restart_wanted(&mon->restart, &mon->state));
	if (r < 0) {
		note_end(mon, false, false);
		record_end(mon, CONTAINER_EXITED, &ignored);
	}
	return r == 0;
}

static void apply_verdict(struct monitor *mon)
{
	if (mon->life.health.verdict == HEALTH_VERDICT_END)
		mon->restart.is_over = true;
	mon->restart.is_ordered = mon->life.health.verdict == HEALTH_VERDICT_RESTART;
}

static void run(struct monitor *mon)
{
	bool again;

	relay_ready(mon->life.relay);
	do {
		life_run(&mon->life);
		mon->restart.ran_ns = mon->state.finished_ns - mon->state.started_ns;
		restart_note_signals(&mon->restart, relay_sent_signals(mon->life.relay));
		apply_verdict(mon);
		note_update(mon);
		again = restart_wanted(&mon->restart, &mon->state);
		finish_life(mon, again);
	} while (again && next_life(mon));
}

/* Tells the first client why nothing runs, after everything has been undone. */
static void fail(struct monitor *mon, const struct error *cause)
{
	int code = mon->life.failure_code;
	struct error ignored = {0};
	struct attach_writer writer = {0};

	if (mon->ctr) {
		mon->state.exit_code = code;
		set_error(mon, error_text(cause));
		life_clean(&mon->life);
		note_end(mon, false, false);
		record_end(mon, CONTAINER_CREATED, &ignored);
	}
	if (mon->life.relay) {
		relay_fail(mon->life.relay, code, error_text(cause));
		return;
	}
	attach_add_error(&writer, code, error_text(cause));
	attach_writer_flush(&writer, mon->life.client_fd);
	attach_writer_release(&writer);
}

/* One that was ended before its start was ordered has ended like any that was killed. */
static void record_cancelled(struct monitor *mon)
{
	struct error ignored = {0};

	mon->state.exit_code = EXIT_CODE_KILLED;
	mon->state.finished_ns = clock_now_ns();
	life_clean(&mon->life);
	record_end(mon, CONTAINER_EXITED, &ignored);
}

static void monitor_release(struct monitor *mon)
{
	life_release(&mon->life);
	container_state_release(&mon->state);
	container_cgroup_release(&mon->cgroup);
	spec_release(&mon->spec);
	free(mon->withdrawn);
	container_free(mon->ctr);
	store_close(mon->store);
}

int monitor_run(const struct monitor_options *options, struct error *err)
{
	struct monitor mon = {.options = options, .life = LIFE_INIT};
	static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGXFSZ};
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		signal(ignored[i], SIG_IGN);
	restart_block_signal();
	mon.life.client_fd = options->client_fd;
	mon.life.client_attaches = options->client_attaches;
	mon.life.rows = options->rows;
	mon.life.columns = options->columns;
	mon.life.waits = options->waits;
	r = open_all(&mon, err);
	if (r == 0) {
		restart_init(&mon.restart, mon.ctr->record);
		r = life_begin(&mon.life, err);
	}
	if (r == 0)
		run(&mon);
	else if (r == -ECANCELED && options->waits)
		record_cancelled(&mon);
	else
		fail(&mon, err);
	/* The client has its answer; nobody has to wait for this. */
	if (mon.withdrawn)
		container_delete_files(mon.store, mon.ctr->record, mon.withdrawn);
	monitor_release(&mon);
	return r;
}
