/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <unistd.h>

#include "base/log.h"
#include "container/dependents.h"
#include "container/event.h"
#include "container/restart-policy.h"
#include "engine/internal.h"
#include "storage/volume.h"
#include "sys/process.h"

/* After SIGKILL: how long the kernel and the monitor may take for the rest. */
#define KILL_WAIT_MS 30000
/* Of rm --force, against others who start what it stops. */
#define RM_TRIES 10

static int signal_init(const struct container *ctr, int sig)
{
	autoclose int pidfd = process_id_open(&ctr->state.init);

	if (pidfd < 0)
		return pidfd;
	return pidfd_signal(pidfd, sig);
}

static int stop_container(struct container *ctr, int64_t timeout_s, struct error *err)
{
	int sig = SIGTERM;
	int timeout_ms;
	int r = container_end_restarts(ctr, err);

	if (r < 0 || !container_is_monitored(ctr))
		return r;
	signal_parse(ctr->record->stop_signal, &sig);
	timeout_ms = timeout_s < 0 || timeout_s > INT_MAX / 1000 ? -1 : (int)timeout_s * 1000;
	/* There is no program yet that could answer. */
	if (ctr->state.waits)
		timeout_ms = 0;
	if (timeout_ms != 0) {
		/* -ESRCH: it has just ended; what is left to do is the monitor's. */
		signal_init(ctr, sig);
		if (container_wait_monitor(ctr, timeout_ms) > 0)
			return 0;
	}
	signal_init(ctr, SIGKILL);
	if (container_wait_monitor(ctr, KILL_WAIT_MS) > 0)
		return 0;
	return error_set(err, ETIME, "container %.12s does not end after SIGKILL", ctr->record->id);
}

int engine_stop(struct engine *engine, const char *name, bool has_timeout, int64_t timeout_s,
	struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	int r = engine_container_open(engine, name, &ctr, err);

	if (r < 0 || !container_is_monitored(ctr))
		return r;
	if (ctr->state.status == CONTAINER_PAUSED)
		return error_set(err, EBUSY,
			"can only stop created or running containers. %s is in state paused: "
			"container state improper",
			ctr->record->id);
	container_note_event(engine->store->events_fd, ctr->record, EVENT_STOP);
	return stop_container(ctr, has_timeout ? timeout_s : ctr->record->stop_timeout_s, err);
}

/* 1 when the container has ended by now: between two lives nothing more is needed. */
static int end_restarts(struct container *ctr, int sig, struct error *err)
{
	int r = 0;

	if (restart_ends_by(sig, ctr->record->stop_signal))
		r = container_end_restarts(ctr, err);
	if (r < 0 || ctr->state.status != CONTAINER_RESTARTING)
		return r;
	return container_wait_monitor(ctr, KILL_WAIT_MS) > 0;
}

int engine_kill(struct engine *engine, const char *name, int sig, struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	int r = engine_container_open(engine, name, &ctr, err);

	sig = sig ? sig : SIGKILL;
	if (r == 0)
		r = end_restarts(ctr, sig, err);
	if (r != 0)
		return r < 0 ? r : 0;
	if (!container_is_up(ctr))
		return error_set(err, ESRCH,
			"can only kill running containers. %s is in state %s: container state "
			"improper",
			ctr->record->id,
			container_status_name((enum container_status)ctr->state.status));
	container_note_event(engine->store->events_fd, ctr->record, EVENT_KILL);
	r = signal_init(ctr, sig);
	if (r < 0)
		return error_sys(err, -r, "signal container %.12s", ctr->record->id);
	/* Scripts expect that `kill` and then `rm` work. */
	if (sig == SIGKILL)
		container_wait_monitor(ctr, KILL_WAIT_MS);
	return 0;
}

static void remove_volume(struct engine *engine, const char *name)
{
	if (volume_remove(engine->store, name, NULL) == 0)
		volume_note_event(engine->store->events_fd, EVENT_REMOVE, name);
}

static void remove_anonymous_volumes(struct engine *engine, const struct container_record *record)
{
	for (size_t i = 0; i < record->mount_count; i++) {
		if (record->mounts[i].anonymous && record->mounts[i].name)
			remove_volume(engine, record->mounts[i].name);
	}
}

static int refuse_running(const struct container *ctr, struct error *err)
{
	return error_set(err, EBUSY,
		"cannot remove container %s as it is %s - running or paused containers cannot be "
		"removed without force: container state improper",
		ctr->record->id,
		ctr->state.status == CONTAINER_PAUSED ? "paused" : "running");
}

int engine_remove(
	struct engine *engine, const struct container *ctr, bool volumes, struct error *err)
{
	AUTO(container_free) struct container *locked = NULL;
	int r = container_open_locked(engine->store, ctr->record->id, &locked, err);

	if (r == -ENOENT) /* --rm, or another rm, was quicker; it is gone as asked */
		return 0;
	if (r < 0)
		return r;
	/* Started since the caller looked: removed now, it would run on unseen. */
	if (container_is_monitored(locked))
		return refuse_running(locked, err);
	engine_detach_lost_network(engine, locked->record);
	if (volumes || locked->record->auto_remove)
		remove_anonymous_volumes(engine, locked->record);
	return container_remove(engine->store, locked->record, err);
}

/* Those behind @id, then itself unless it is the first. A damaged store may have them in a circle.
 */
static int add_dependents(
	struct store *store, const char *id, char ***seen, char ***ret, struct error *err)
{
	AUTO(strv_free) char **direct = NULL;
	int r = container_dependents(store, id, &direct, err);

	strv_add(seen, id);
	for (size_t i = 0; r == 0 && direct && direct[i]; i++) {
		if (strv_has(*seen, direct[i]))
			continue;
		r = add_dependents(store, direct[i], seen, ret, err);
		if (r == 0)
			strv_add(ret, direct[i]);
	}
	return r;
}

int engine_dependents(struct engine *engine, const char *name, char ***ret_ids, struct error *err)
{
	AUTO(strv_free) char **seen = NULL;
	AUTO(strv_free) char **ids = NULL;
	autofree char *id = NULL;
	int r = container_resolve(engine->store, name, &id, err);

	if (r == 0)
		r = add_dependents(engine->store, id, &seen, &ids, err);
	if (r == 0)
		*ret_ids = take_ptr(ids);
	return r;
}

/* With rm->depend they are removed, else there must be none. */
static int remove_dependents(
	struct engine *engine, const struct engine_rm *rm, const char *id, struct error *err)
{
	AUTO(strv_free) char **ids = NULL;
	int r = engine_dependents(engine, id, &ids, err);

	if (r == 0 && ids && !rm->depend) {
		autofree char *list = strv_join(ids, ", ");

		return error_set(err, EEXIST,
			"container %s has dependent containers which must be removed before it: %s "
			"(or give --depend)",
			id, list);
	}
	for (size_t i = 0; r == 0 && ids && ids[i]; i++) {
		struct engine_rm one = *rm;
		autofree char *removed = NULL;

		one.name = ids[i];
		r = engine_rm(engine, &one, &removed, err);
		r = r == -ENOENT ? 0 : r;
	}
	return r;
}

/* Seconds. What is paused cannot answer a signal but SIGKILL. */
static int64_t grace_of(const struct engine_rm *rm, const struct container *ctr)
{
	if (ctr->state.status == CONTAINER_PAUSED)
		return 0;
	return rm->has_timeout ? rm->timeout_s : 10;
}

static int stop_and_remove(
	struct engine *engine, const char *id, const struct engine_rm *rm, struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	int r = container_open(engine->store, id, &ctr, err);

	if (r < 0 && r != -ENOENT && rm->force)
		return container_remove_damaged(engine->store, id, err);
	/* One that waits to be started does nothing that could be lost. */
	if (r == 0 && container_is_monitored(ctr) && !ctr->state.waits && !rm->force)
		r = refuse_running(ctr, err);
	if (r == 0)
		r = remove_dependents(engine, rm, id, err);
	if (r == 0 && container_is_monitored(ctr))
		r = stop_container(ctr, grace_of(rm, ctr), err);
	return r < 0 ? r : engine_remove(engine, ctr, rm->volumes, err);
}

int engine_rm(struct engine *engine, const struct engine_rm *rm, char **ret_id, struct error *err)
{
	autofree char *id = NULL;
	int tries = 0;
	int r = container_resolve(engine->store, rm->name, &id, err);

	if (r < 0)
		return r;
	engine_tidy(engine);
	/* With force, again when somebody started it in between. */
	do {
		r = stop_and_remove(engine, id, rm, err);
	} while (r == -EBUSY && rm->force && ++tries < RM_TRIES);
	if (r == 0)
		*ret_id = take_ptr(id);
	return r;
}
