/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/relay-client.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

static bool has_spool(const struct relay_client *client)
{
	return client->is_guest && client->spool_dirfd >= 0;
}

bool relay_client_is_behind(const struct relay_client *client)
{
	return attach_writer_pending(&client->writer) > 0 || spool_pending(&client->spool) > 0;
}

bool relay_client_holds_up(const struct relay_client *client)
{
	return !client->is_gone && !client->is_skipping && !has_spool(client) &&
	       attach_writer_pending(&client->writer) > 0;
}

static void skip(struct relay_client *client, size_t len)
{
	client->is_skipping = true;
	client->skipped += len;
}

/* Whole frames only, or what follows them would not be understood. */
static void spool_frame(
	struct relay_client *client, enum attach_type type, const char *data, size_t len)
{
	struct attach_writer frame = {0};

	attach_writer_add(&frame, type, data, len);
	if (spool_add(&client->spool, client->spool_dirfd, frame.data, frame.end) < 0)
		skip(client, len);
	attach_writer_release(&frame);
}

void relay_client_output(
	struct relay_client *client, enum attach_type type, const char *data, size_t len)
{
	if (client->is_skipping)
		skip(client, len);
	else if (has_spool(client) && relay_client_is_behind(client))
		spool_frame(client, type, data, len);
	else
		attach_writer_add(&client->writer, type, data, len);
}

/* The next bytes of what waits elsewhere into the empty writer: 1, 0 when there are none. */
static int refill(struct relay_client *client)
{
	ssize_t got;

	if (spool_pending(&client->spool) > 0) {
		got = spool_take(&client->spool, attach_writer_raw_room(&client->writer),
			ATTACH_MAX_PAYLOAD);
		if (got < 0)
			return (int)got;
		attach_writer_raw_commit(&client->writer, (size_t)got);
		return 1;
	}
	client->is_skipping = false;
	if (client->skipped > 0) {
		attach_add_skipped(&client->writer, client->skipped);
		client->skipped = 0;
		return 1;
	}
	if (client->last) {
		memcpy(attach_writer_raw_room(&client->writer), client->last->data,
			client->last->end);
		attach_writer_raw_commit(&client->writer, client->last->end);
		client->last = NULL;
		return 1;
	}
	return 0;
}

int relay_client_flush(struct relay_client *client)
{
	size_t before = attach_writer_pending(&client->writer);
	bool was_skipping = client->is_skipping;
	int r;

	do {
		r = attach_writer_flush(&client->writer, client->fd);
	} while (r > 0 && (r = refill(client)) > 0);
	if (r < 0)
		return r;
	if (attach_writer_pending(&client->writer) == 0)
		client->stuck_since = 0;
	else if (!client->stuck_since || attach_writer_pending(&client->writer) != before)
		client->stuck_since = clock_monotonic_ns();
	return was_skipping && !client->is_skipping;
}

void relay_client_check_stall(struct relay_client *client, int64_t now_ns)
{
	if (client->is_guest && client->stuck_since &&
		now_ns - client->stuck_since >= RELAY_STALL_NS)
		client->is_skipping = true;
}

void relay_client_release(struct relay_client *client)
{
	close_fd(&client->fd);
	spool_release(&client->spool);
	attach_reader_release(&client->reader);
	attach_writer_release(&client->writer);
}
