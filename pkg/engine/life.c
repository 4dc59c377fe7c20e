/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs that are made of other verbs: restart, rename, prune. */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "container/dependents.h"
#include "container/event.h"
#include "engine/internal.h"

int engine_restart(struct engine *engine, const char *name, const struct engine_restart *restart,
	struct error *err)
{
	AUTO(engine_start_result_release) struct engine_start_result result = {.attach_fd = -1};
	AUTO(container_free) struct container *ctr = NULL;
	int r = engine_container_open(engine, name, &ctr, err);
	struct engine_start start;

	if (r < 0)
		return r;
	if (restart->only_running && ctr->state.status != CONTAINER_RUNNING &&
		ctr->state.status != CONTAINER_RESTARTING)
		return 1;
	if (ctr->state.status == CONTAINER_PAUSED)
		return error_set(err, EBUSY,
			"unable to restart a container in a paused or unknown state: container "
			"state improper");
	/* By id from here on: what is called so must not become another one in between. */
	container_note_event(engine->store->events_fd, ctr->record, EVENT_RESTART);
	start = (struct engine_start){.name = ctr->record->id};
	r = engine_stop(engine, ctr->record->id, restart->has_timeout, restart->timeout_s, err);
	return r < 0 ? r : engine_start(engine, &start, &result, err);
}

int engine_rename(struct engine *engine, const char *name, const char *new_name, struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	autofree char *id = NULL;
	int r = container_resolve(engine->store, name, &id, err);

	if (r == 0)
		r = container_open_locked(engine->store, id, &ctr, err);
	return r < 0 ? r : container_rename(ctr, new_name, err);
}

static bool has_label(const struct container_record *record, const char *wanted)
{
	const char *equals = strchr(wanted, '=');
	autofree char *key = xstrndup(wanted, equals ? (size_t)(equals - wanted) : strlen(wanted));
	const char *value = strmap_get(&record->labels, key);

	return value && (!equals || str_eq(value, equals + 1));
}

/* Does another one that is still there need it? */
static bool is_needed(const struct container *ctr)
{
	AUTO(strv_free) char **dependents = NULL;

	(void)container_dependents(ctr->store, ctr->record->id, &dependents, NULL);
	return dependents != NULL;
}

static bool is_prunable(const struct container *ctr, int64_t until_ns, char *const *labels)
{
	if (container_is_monitored(ctr) || is_needed(ctr))
		return false;
	if (until_ns && ctr->record->created_ns >= until_ns)
		return false;
	for (size_t i = 0; labels && labels[i]; i++) {
		if (!has_label(ctr->record, labels[i]))
			return false;
	}
	return true;
}

int engine_prune(struct engine *engine, int64_t until_ns, char *const *labels, char ***ret_ids,
	struct error *err)
{
	AUTO(engine_ps_release) struct engine_ps list = {0};
	AUTO(strv_free) char **removed = NULL;
	/* The newest first: whoever needs another one was made after it. */
	int r = engine_ps(engine, &list, err);

	for (size_t i = 0; r == 0 && i < list.count; i++) {
		AUTO(container_free) struct container *ctr = NULL;
		struct error why = {0};

		/* One damaged container must not keep the others. */
		if (container_open(engine->store, list.rows[i].id, &ctr, &why) < 0) {
			log_debug("%s", error_text(&why));
			continue;
		}
		if (!is_prunable(ctr, until_ns, labels))
			continue;
		if (engine_remove(engine, ctr, false, &why) < 0)
			log_warn("%s", error_text(&why));
		else
			strv_add(&removed, list.rows[i].id);
	}
	if (r < 0)
		return r;
	*ret_ids = take_ptr(removed);
	return 0;
}
