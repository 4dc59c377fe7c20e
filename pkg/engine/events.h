/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_EVENTS_H
#define ENGINE_EVENTS_H

#include "engine/engine.h"
#include "events/event.h"

/* @event: NULL when there is nothing more for now. A negative errno ends it all. */
typedef int engine_event_fn(void *data, const struct event_record *event);

struct engine_events {
	char *const *filters; /* strv, see event_filter_check(); NULL: all */
	engine_event_fn *emit;
	void *data;
	bool from_start; /* with what there is already; else with what comes now */
	bool stream;     /* go on with what comes, up to @until_ns */
	bool has_since;
	int64_t since_ns;
	bool has_until;
	int64_t until_ns; /* may lie ahead */
};
/*
 * engine_events - what has happened to containers, images and volumes, and what happens.
 * Returns 0; what @emit returned; -EINVAL for a filter; -ENOTSUP where nothing is noted.
 */
int engine_events(struct engine *engine, const struct engine_events *events, struct error *err);

#endif
