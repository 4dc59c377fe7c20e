/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "cgroup/cgroup.h"
#include "cgroup/limits.h"
#include "cgroup/place.h"
#include "container/event.h"
#include "container/restart-policy.h"
#include "engine/internal.h"
#include "engine/mount-root.h"
#include "engine/update-limits.h"
#include "sys/file.h"

/* What another start would be told, where nothing is delegated; else that one is needed. */
static int tell_remedy(const struct container *ctr, struct error *err)
{
	const struct container_record *record = ctr->record;
	AUTO(cgroup_place_release) struct cgroup_place place = {0};
	struct cgroup_wish wish = {.manager = record->cgroup_manager, .is_needed = true};
	enum cgroup_manager manager;
	struct cgroup_facts facts;
	int r = cgroup_mode_parse(record->cgroups, &wish.mode, err);

	if (r < 0)
		return r;
	cgroup_facts_find(cgroup_place_find(&place, NULL) == 0 ? &place : NULL, &facts);
	r = cgroup_choose(&facts, &wish, &manager, err);
	if (r < 0)
		return r;
	return error_set(err, ENOTSUP,
		"container %.12s runs without a cgroup of its own, which limits need: stop it, "
		"update it, and start it again",
		record->id);
}

static int change_cgroup(
	const struct container *ctr, const struct spec_resources *changes, struct error *err)
{
	AUTO(cgroup_free) struct cgroup *cg = NULL;
	int r;

	if (!ctr->state.cgroup)
		return tell_remedy(ctr, err);
	r = cgroup_open(ctr->state.cgroup, &cg, err);
	return r < 0 ? r : cgroup_update(cg, changes, err);
}

/* What its next start would refuse whatever the machine, told now. */
static int check(
	const struct container *ctr, const struct spec_resources *resources, struct error *err)
{
	AUTO(cgroup_limits_release) struct cgroup_limits plan = {0};
	enum cgroup_mode mode;
	int r = cgroup_mode_parse(ctr->record->cgroups, &mode, err);

	if (r == 0)
		r = cgroup_limits_plan(resources, false, &plan, err);
	if (r == 0 && mode == CGROUP_MODE_DISABLED)
		return error_set(err, EINVAL,
			"container %.12s has --cgroups disabled, and limits need a cgroup",
			ctr->record->id);
	return r;
}

static int write_spec(const struct container *ctr, const struct spec *spec, struct error *err)
{
	autofree char *text = spec_write(spec);

	return file_write_at(
		ctr->dirfd, CONTAINER_SPEC_FILE, text, strlen(text), 0600, FILE_WRITE_SYNC, err);
}

/*
 * The cgroup first: what it refuses is not recorded. If we are killed in between, the container
 * has the limits for as long as it runs.
 */
static int update_spec(struct container *ctr, const struct run_limits *limits,
	const struct throttle_list *throttles, struct error *err)
{
	AUTO(spec_release) struct spec spec = {0};
	struct spec_resources *resources = &spec.linux.resources;
	struct spec_resources changes = {0};
	int r = container_read_spec(ctr, &spec, err);

	if (r == 0)
		r = update_limits(limits, throttles, resources, &changes, err);
	if (r == 0)
		r = check(ctr, resources, err);
	if (r == 0 && (container_is_up(ctr) || ctr->state.waits))
		r = change_cgroup(ctr, &changes, err);
	if (r < 0)
		return r;
	spec.linux.has_resources = true;
	return write_spec(ctr, &spec, err);
}

static int check_policy(const struct container *ctr, const char *restart, struct error *err)
{
	struct restart_policy policy = {0};
	int r = restart_policy_parse(restart, &policy, err);

	if (r == 0 && policy.mode != RESTART_NO && ctr->record->auto_remove)
		return error_set(err, EINVAL,
			"container %.12s is removed when it ends, and cannot be restarted then",
			ctr->record->id);
	return r;
}

/* The monitor looks at the record when the container ends. */
static int update_record(
	struct container *ctr, const struct engine_update *update, struct error *err)
{
	struct container_record *record = ctr->record;
	bool has_pids = update->limits.has_pids_limit && record->pids_is_default;

	if (has_pids)
		record->pids_is_default = false;
	if (update->restart) {
		free(record->restart);
		record->restart = xstrdup(update->restart);
	}
	return has_pids || update->restart ? container_record_write(ctr, err) : 0;
}

static int update_container(struct container *ctr, const struct engine_update *update,
	const struct throttle_list *throttles, struct error *err)
{
	int r = update->restart ? check_policy(ctr, update->restart, err) : 0;

	if (r == 0 && !update_limits_are_none(&update->limits))
		r = update_spec(ctr, &update->limits, throttles, err);
	return r < 0 ? r : update_record(ctr, update, err);
}

int engine_update(struct engine *engine, const char *name, const struct engine_update *update,
	char **ret_id, struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	AUTO(throttle_list_release) struct throttle_list throttles = {0};
	autoclose int lock = -1;
	int r;

	if (update_limits_are_none(&update->limits) && !update->restart)
		return error_set(err, EINVAL, "update needs at least one thing to change");
	r = throttle_list_find(&update->limits, &throttles, err);
	/* One that is just starting may have read its limits already, and has no cgroup yet. */
	if (r == 0)
		r = container_settle(engine, name, &ctr, &lock, err);
	if (r == 0 && lock < 0)
		r = lock = container_lock(engine->store, ctr->record->id, err);
	if (r >= 0)
		r = update_container(ctr, update, &throttles, err);
	if (r < 0)
		return r;
	container_note_event(engine->store->events_fd, ctr->record, EVENT_UPDATE);
	*ret_id = xstrdup(ctr->record->id);
	return 0;
}
