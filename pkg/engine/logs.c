/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <poll.h>

#include "base/clock.h"
#include "engine/internal.h"
#include "engine/log-source.h"

/* Where nothing can be watched, and for what is not told. */
#define LOOK_AGAIN_MS 500
#define NS_PER_MS 1000000
#define RECORDS_PER_TURN 1024

/* One of the containers whose output is wanted. */
struct stream {
	struct container *ctr;
	struct log_source *source;
	struct log_record record; /* read, and not emitted yet */
	bool has_record;
	bool is_open;       /* more may come */
	bool is_in_line[2]; /* by log_stream: what was emitted last has no newline */
};

struct reading {
	const struct engine_logs *logs;
	struct stream *streams;
	size_t count;
};

static int open_stream(struct engine *engine, const struct engine_logs *logs, const char *name,
	struct stream *ret, struct error *err)
{
	const struct log_source_options options = {
		.follow = logs->follow,
		.has_tail = logs->has_tail,
		.tail = logs->tail,
		.since_ns = logs->since_ns,
		.until_ns = logs->until_ns,
	};
	int r = engine_container_open(engine, name, &ret->ctr, err);

	if (r == 0)
		r = log_source_open(ret->ctr, &options, &ret->source, err);
	ret->is_open = r == 0;
	return r;
}

static int emit(struct reading *self, size_t index)
{
	const struct engine_logs *logs = self->logs;
	struct stream *stream = &self->streams[index];
	const struct log_record *record = &stream->record;
	bool *is_in_line = &stream->is_in_line[record->stream];
	const struct engine_log_line line = {
		.index = index,
		.id = stream->ctr->record->id,
		.name = stream->ctr->record->name,
		.time_ns = record->time_ns,
		.is_stderr = record->stream == LOG_STREAM_STDERR,
		.begins_line = !*is_in_line,
		.ends_line = record->is_full,
		.text = record->text,
		.len = record->len,
	};
	int r = 0;

	if (record->time_ns >= logs->since_ns &&
		(!logs->until_ns || record->time_ns <= logs->until_ns)) {
		*is_in_line = !record->is_full;
		r = logs->emit(logs->data, &line);
	}
	log_record_release(&stream->record);
	stream->has_record = false;
	return r;
}

/* Makes sure that the record is there that comes next, if one is. */
static int look(struct stream *stream, struct error *err)
{
	int r;

	if (stream->has_record || !stream->is_open)
		return 0;
	r = log_source_next(stream->source, &stream->record, err);
	stream->has_record = r > 0;
	return r < 0 ? r : 0;
}

/* What is there now, oldest first. */
static int merge(struct reading *self, struct error *err)
{
	for (;;) {
		size_t oldest = SIZE_MAX;
		int r = 0;

		for (size_t i = 0; r == 0 && i < self->count; i++) {
			struct stream *stream = &self->streams[i];

			r = look(stream, err);
			if (stream->has_record &&
				(oldest == SIZE_MAX ||
					stream->record.time_ns <
						self->streams[oldest].record.time_ns))
				oldest = i;
		}
		if (r < 0 || oldest == SIZE_MAX)
			return r;
		r = emit(self, oldest);
		if (r < 0)
			return r;
	}
}

/* What has come, up to a limit: then the next container has its turn. */
static int drain(struct reading *self, size_t index, struct error *err)
{
	struct stream *stream = &self->streams[index];
	/* Asked first: what is read afterwards is all there is. */
	bool has_ended = log_source_has_ended(stream->source);
	int r = look(stream, err);

	for (size_t i = 0; r == 0 && stream->has_record && i < RECORDS_PER_TURN; i++) {
		r = emit(self, index);
		if (r == 0)
			r = look(stream, err);
	}
	if (has_ended && !stream->has_record)
		stream->is_open = false;
	return r;
}

/* How long to wait at most: -ETIME when the end of what is wanted has come. */
static int wait_ms(const struct engine_logs *logs)
{
	int64_t left_ms;

	if (!logs->until_ns)
		return LOOK_AGAIN_MS;
	left_ms = (logs->until_ns - clock_now_ns()) / NS_PER_MS;
	if (left_ms < 0)
		return -ETIME;
	return left_ms < LOOK_AGAIN_MS ? (int)left_ms + 1 : LOOK_AGAIN_MS;
}

/* Waits until something has happened: 1; 0 when no more can happen. */
static int wait_for_more(const struct reading *self, struct pollfd *slots, struct error *err)
{
	int timeout_ms = wait_ms(self->logs);
	bool any = false;

	for (size_t i = 0; i < self->count; i++) {
		const struct stream *stream = &self->streams[i];

		any = any || stream->is_open;
		if (stream->has_record && timeout_ms > 0)
			timeout_ms = 0;
		slots[i] = (struct pollfd){
			stream->is_open ? log_source_poll_fd(stream->source) : -1, POLLIN, 0};
	}
	if (!any || timeout_ms == -ETIME)
		return 0;
	if (poll(slots, self->count, timeout_ms) < 0 && errno != EINTR)
		return error_sys(err, errno, "poll");
	return 1;
}

static int follow(struct reading *self, struct error *err)
{
	autofree struct pollfd *slots = xcalloc(self->count, sizeof(*slots));
	int r;

	do {
		r = self->logs->emit(self->logs->data, NULL);
		if (r == 0)
			r = wait_for_more(self, slots, err);
		if (r <= 0)
			return r;
		r = 0;
		for (size_t i = 0; r == 0 && i < self->count; i++) {
			if (self->streams[i].is_open)
				r = drain(self, i, err);
		}
	} while (r == 0);
	return r;
}

static void release(struct reading *self)
{
	for (size_t i = 0; i < self->count; i++) {
		log_record_release(&self->streams[i].record);
		log_source_close(self->streams[i].source);
		container_free(self->streams[i].ctr);
	}
	free(self->streams);
}

int engine_logs(struct engine *engine, const struct engine_logs *logs, struct error *err)
{
	struct reading self = {.logs = logs, .count = strv_len(logs->names)};
	int r = 0;

	self.streams = xcalloc(self.count + 1, sizeof(*self.streams));
	for (size_t i = 0; r == 0 && i < self.count; i++)
		r = open_stream(engine, logs, logs->names[i], &self.streams[i], err);
	if (r == 0)
		r = merge(&self, err);
	if (r == 0 && logs->follow)
		r = follow(&self, err);
	if (r == 0)
		r = logs->emit(logs->data, NULL);
	release(&self);
	return r;
}
