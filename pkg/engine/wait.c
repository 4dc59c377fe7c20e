/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "engine/internal.h"

#define DEFAULT_INTERVAL_MS 250
#define STOPPED "stopped"

static bool is_about_health(const char *condition)
{
	return str_eq(condition, HEALTH_HEALTHY) || str_eq(condition, HEALTH_UNHEALTHY);
}

static int check_conditions(char *const *conditions, struct error *err)
{
	for (size_t i = 0; conditions && conditions[i]; i++) {
		bool is_known = str_eq(conditions[i], STOPPED) || is_about_health(conditions[i]);

		for (unsigned state = 0; !is_known && state < CONTAINER_STATUS_COUNT; state++)
			is_known = str_eq(
				conditions[i], container_status_name((enum container_status)state));
		if (!is_known)
			return error_set(err, EINVAL, "unknown container state: %s", conditions[i]);
	}
	return 0;
}

/* A container that was never started has not stopped. */
static bool has_stopped(const struct container *ctr)
{
	return !container_is_monitored(ctr) && ctr->state.status != CONTAINER_CREATED;
}

static bool is_healthy_enough(const struct container *ctr, char *const *conditions)
{
	AUTO(health_release) struct health health = {0};
	bool is_asked = false;

	for (size_t i = 0; conditions[i]; i++)
		is_asked |= is_about_health(conditions[i]);
	/* How it was before it ended is nothing to wait for. */
	return is_asked && ctr->state.status == CONTAINER_RUNNING &&
	       container_health(ctr, &health, NULL) == 0 && health.status &&
	       strv_has(conditions, health.status);
}

/* Without a check it would be waited for in vain. */
static int check_has_health(
	const struct container *ctr, char *const *conditions, struct error *err)
{
	for (size_t i = 0; conditions && conditions[i]; i++) {
		if (is_about_health(conditions[i]) && !health_check_is_set(&ctr->record->health))
			return error_set(err, EINVAL, "container %s has no defined healthcheck",
				ctr->record->id);
	}
	return 0;
}

static bool is_met(const struct container *ctr, char *const *conditions)
{
	if (!conditions)
		return has_stopped(ctr);
	if (strv_has(conditions, STOPPED) && has_stopped(ctr))
		return true;
	if (is_healthy_enough(ctr, conditions))
		return true;
	return strv_has(
		conditions, container_status_name((enum container_status)ctr->state.status));
}

/* Until there may be news: a monitor tells by its end, everything else is looked at again. */
static void pause_between(
	const struct container *ctr, bool wants_end_only, const struct engine_wait *wait)
{
	int64_t ms = wait->interval_ms ? wait->interval_ms : DEFAULT_INTERVAL_MS;

	if (!container_is_monitored(ctr))
		usleep((useconds_t)ms * 1000);
	else
		container_wait_monitor(ctr, wants_end_only ? -1 : (int)ms);
}

static bool only_end(char *const *conditions)
{
	for (size_t i = 0; conditions && conditions[i]; i++) {
		if (!str_eq(conditions[i], STOPPED) && !str_eq(conditions[i], "exited"))
			return false;
	}
	return true;
}

int engine_wait(struct engine *engine, const char *name, const struct engine_wait *wait, int *ret,
	struct error *err)
{
	bool wants_end_only = only_end(wait->conditions);
	bool has_run = false;
	autofree char *id = NULL;
	int r = check_conditions(wait->conditions, err);

	if (r == 0)
		r = container_resolve(engine->store, name, &id, err);
	while (r == 0) {
		AUTO(container_free) struct container *ctr = NULL;

		r = container_open(engine->store, id, &ctr, err);
		/* Removed while we waited (--rm): there is no record of how it ended any more. */
		if (r == -ENOENT && has_run && wants_end_only) {
			*ret = 0;
			return 0;
		}
		if (r == 0)
			r = check_has_health(ctr, wait->conditions, err);
		if (r < 0)
			return r;
		if (is_met(ctr, wait->conditions)) {
			*ret = has_stopped(ctr) ? (int)ctr->state.exit_code : -1;
			return 0;
		}
		has_run = true;
		pause_between(ctr, wants_end_only, wait);
	}
	return r;
}
