/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>

#include "base/clock.h"
#include "container/event.h"
#include "container/health-probe.h"
#include "engine/internal.h"
#include "sys/file.h"

#define NS_PER_MS INT64_C(1000000)

int container_health(const struct container *ctr, struct health *ret, struct error *err)
{
	autofree char *path = xasprintf("containers/%s", ctr->record->id);
	autoclose int run = -1;

	if (!container_is_monitored(ctr)) {
		if (!ctr->state.health)
			return -ENOENT;
		return json_decode(ctr->state.health, "health", health_fields, ret, err);
	}
	run = dir_open_at(ctr->store->runfd, path, err);
	return run < 0 ? run : health_read(run, ret, err);
}

/* Until it ends; one that takes too long is killed, which is an end as well. */
static void wait_for_end(struct health_probe *probe, int64_t timeout_ns)
{
	int64_t end_ns = clock_monotonic_ns() + timeout_ns;

	for (;;) {
		struct pollfd pfd = {probe->fd, POLLIN, 0};
		int64_t left_ns = end_ns - clock_monotonic_ns();
		bool may_wait = timeout_ns <= 0 || probe->is_overdue;

		if (!may_wait && left_ns <= 0) {
			health_probe_kill(probe);
			continue;
		}
		if (poll(&pfd, 1, may_wait ? -1 : (int)(left_ns / NS_PER_MS % INT32_MAX) + 1) > 0 &&
			health_probe_read(probe) != 0)
			return;
	}
}

static int run_check(struct engine *engine, const struct container *ctr, struct health_result *ret,
	struct error *err)
{
	AUTO(engine_start_result_release) struct engine_start_result session = {.attach_fd = -1};
	AUTO(strv_free) char **command = health_check_command(&ctr->record->health);
	struct engine_exec exec = {.name = ctr->record->id, .command = command};
	struct health_probe probe;
	int r = engine_exec(engine, &exec, &session, err);

	if (r < 0)
		return r;
	health_probe_begin(&probe, take_fd(session.attach_fd));
	wait_for_end(&probe, ctr->record->health.timeout_ns);
	health_probe_finish(&probe, ret);
	return 0;
}

static int note_result(const struct container *ctr, struct health_result *result,
	const char **ret_status, struct error *err)
{
	autofree char *path = xasprintf("containers/%s", ctr->record->id);
	autoclose int run = dir_open_at(ctr->store->runfd, path, err);

	struct container_event event = {.status = EVENT_HEALTH_STATUS};
	int r = run < 0 ? run
			: health_add(run, &ctr->record->health, ctr->state.started_ns, result,
				  ret_status, err);

	if (r < 0)
		return r;
	event.health_status = *ret_status;
	container_note_events(ctr->store->events_fd, ctr->record, &event, 1);
	return 0;
}

static int act(struct engine *engine, const struct container *ctr, struct error *err)
{
	const struct engine_restart restart = {0};
	enum health_action action;
	int r = health_action_parse(ctr->record->health_on_failure, &action, err);

	if (r == 0 && action == HEALTH_ACTION_KILL)
		r = engine_kill(engine, ctr->record->id, 0, err);
	else if (r == 0 && action == HEALTH_ACTION_STOP)
		r = engine_stop(engine, ctr->record->id, false, 0, err);
	else if (r == 0 && action == HEALTH_ACTION_RESTART)
		r = engine_restart(engine, ctr->record->id, &restart, err);
	return r;
}

static int open_checkable(
	struct engine *engine, const char *name, struct container **ret, struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	int r = engine_container_open(engine, name, &ctr, err);

	if (r < 0)
		return error_wrap(err, r, "unable to look up %s to perform a health check", name);
	if (ctr->state.status != CONTAINER_RUNNING)
		return error_set(err, ESRCH, "container %s is not running", ctr->record->id);
	if (!health_check_is_set(&ctr->record->health))
		return error_set(
			err, ENODATA, "container %s has no defined healthcheck", ctr->record->id);
	*ret = take_ptr(ctr);
	return 0;
}

int engine_healthcheck(struct engine *engine, const char *name, struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	struct health_result result = {0};
	const char *status = HEALTH_STARTING;
	int64_t exit_code;
	int r = open_checkable(engine, name, &ctr, err);

	if (r == 0)
		r = run_check(engine, ctr, &result, err);
	if (r < 0)
		return r;
	exit_code = result.exit_code;
	r = note_result(ctr, &result, &status, err);
	health_result_release(&result);
	if (r == 0 && str_eq(status, HEALTH_UNHEALTHY))
		r = act(engine, ctr, err);
	if (r < 0)
		return r;
	if (exit_code < 0)
		return error_set(err, ETIMEDOUT, "healthcheck command exceeded timeout of %gs",
			(double)ctr->record->health.timeout_ns / 1e9);
	return exit_code != 0;
}
