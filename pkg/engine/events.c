/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/events.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>

#include "base/clock.h"
#include "engine/internal.h"
#include "events/event-filter.h"
#include "events/event-reader.h"

#define NS_PER_MS INT64_C(1000000)
/* How often to look where the kernel does not tell. */
#define LOOK_MS 250

static bool is_wanted(const struct engine_events *events, const struct event_record *event)
{
	if (events->has_since && event->time_ns < events->since_ns)
		return false;
	if (events->has_until && event->time_ns > events->until_ns)
		return false;
	return event_filter_matches(events->filters, event);
}

/* All that the log has by now. */
static int emit_all(
	const struct engine_events *events, struct event_reader *reader, struct error *err)
{
	for (;;) {
		AUTO(event_record_release) struct event_record event = {0};
		int r = event_reader_next(reader, &event, err);

		if (r == 0)
			return events->emit(events->data, NULL);
		if (r > 0 && is_wanted(events, &event))
			r = events->emit(events->data, &event);
		if (r < 0)
			return r;
	}
}

/* Until there is more, or the time has come. */
static void wait_for_more(const struct engine_events *events, const struct event_reader *reader)
{
	struct pollfd pfd = {event_reader_poll_fd(reader), POLLIN, 0};
	int64_t wait_ms = pfd.fd < 0 ? LOOK_MS : INT_MAX;
	int64_t left_ms;

	if (events->has_until) {
		/* One more, as the rest of a millisecond is waited for as well. */
		left_ms = (events->until_ns - clock_now_ns()) / NS_PER_MS + 1;
		if (left_ms < wait_ms)
			wait_ms = left_ms > 0 ? left_ms : 0;
	}
	poll(&pfd, 1, (int)wait_ms);
}

int engine_events(struct engine *engine, const struct engine_events *events, struct error *err)
{
	AUTO(event_reader_close) struct event_reader *reader = NULL;
	int r = event_filter_check(events->filters, err);
	bool is_last;

	if (r < 0)
		return r;
	if (engine->store->events_fd < 0)
		return error_set(err, ENOTSUP, "cannot read events with the \"none\" backend");
	r = event_reader_open(engine->store->events_fd, !events->from_start, &reader, err);
	while (r == 0) {
		/* Before it is read: what came until then is in the log. */
		is_last = !events->stream ||
			  (events->has_until && clock_now_ns() >= events->until_ns);
		r = emit_all(events, reader, err);
		if (r < 0 || is_last)
			break;
		wait_for_more(events, reader);
	}
	return r;
}
