/* SPDX-License-Identifier: Apache-2.0 */
#include "container/pause.h"

#include <errno.h>

#include "container/event.h"
#include "engine/internal.h"

typedef int pause_fn(struct container *ctr, struct error *err);

/* Opens a container, with nobody else about to pause it or to let it go on, and calls @act. */
static int with_lock(struct engine *engine, const char *name, pause_fn *act,
	enum event_status event, struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	autofree char *id = NULL;
	autoclose int lock = -1;
	int r = container_resolve(engine->store, name, &id, err);

	if (r < 0)
		return r;
	lock = container_pause_lock(engine->store, id, err);
	if (lock < 0 && lock != -ENOENT)
		return lock;
	r = container_open(engine->store, id, &ctr, err);
	/* It has no run directory, and so no lock, unless it runs. */
	if (r == 0 && lock < 0 && container_is_up(ctr))
		return error_set(err, EAGAIN, "container %.12s has just been started", id);
	if (r == 0)
		r = act(ctr, err);
	if (r == 0)
		container_note_event(engine->store->events_fd, ctr->record, event);
	return r;
}

static int pause_one(struct container *ctr, struct error *err)
{
	if (ctr->state.status == CONTAINER_PAUSED)
		return error_set(err, EALREADY,
			"\"%s\" is already paused: container state improper", ctr->record->id);
	if (ctr->state.status != CONTAINER_RUNNING)
		return error_set(err, ESRCH,
			"\"%s\" is not running, can't pause: container state improper",
			container_status_name((enum container_status)ctr->state.status));
	return container_pause(ctr, err);
}

static int unpause_one(struct container *ctr, struct error *err)
{
	if (ctr->state.status != CONTAINER_PAUSED &&
		!(ctr->state.status == CONTAINER_RUNNING && container_pause_is_begun(ctr)))
		return error_set(err, ESRCH,
			"\"%s\" is not paused, can't unpause: container state improper",
			ctr->record->id);
	return container_unpause(ctr, err);
}

int engine_pause(struct engine *engine, const char *name, struct error *err)
{
	return with_lock(engine, name, pause_one, EVENT_PAUSE, err);
}

int engine_unpause(struct engine *engine, const char *name, struct error *err)
{
	return with_lock(engine, name, unpause_one, EVENT_UNPAUSE, err);
}
