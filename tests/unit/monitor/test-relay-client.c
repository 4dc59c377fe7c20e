/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "monitor/relay-client.h"

static int open_tmp(void)
{
	int fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

struct line {
	struct relay_client client;
	int other; /* its end */
	struct attach_reader reader;
};

static void open_line(struct line *line, int dirfd, bool is_guest)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	*line = (struct line){.client = RELAY_CLIENT_INIT, .other = ends[1]};
	line->client.fd = ends[0];
	line->client.is_guest = is_guest;
	line->client.spool_dirfd = dirfd;
}

static void close_line(struct line *line)
{
	relay_client_release(&line->client);
	attach_reader_release(&line->reader);
	close_fd(&line->other);
}

/* Output until somebody has to wait, at most @max bytes: how many. */
static size_t talk(struct line *line, size_t max)
{
	static char block[ATTACH_MAX_PAYLOAD];
	size_t total = 0;

	while (total < max && !relay_client_holds_up(&line->client)) {
		relay_client_output(&line->client, ATTACH_STDOUT, block, sizeof(block));
		assert_int_equal(relay_client_flush(&line->client), 0);
		total += sizeof(block);
	}
	return total;
}

/* Reads all there is: bytes of output; *ret_skipped is what was left out. */
static size_t hear(struct line *line, uint64_t *ret_skipped)
{
	struct attach_frame frame;
	size_t total = 0;

	*ret_skipped = 0;
	for (;;) {
		assert_true(relay_client_flush(&line->client) >= 0);
		if (attach_reader_fill(&line->reader, line->other) <= 0)
			return total;
		while (attach_reader_next(&line->reader, &frame) > 0) {
			if (frame.type == ATTACH_STDOUT)
				total += frame.len;
			else if (frame.type == ATTACH_SKIPPED)
				attach_get_u64(&frame, ret_skipped);
		}
	}
}

static void who_started_it_is_waited_for(void **state)
{
	autoclose int dir = open_tmp();
	struct line line;
	uint64_t skipped;
	size_t said;

	(void)state;
	open_line(&line, dir, false);
	said = talk(&line, 100 << 20);
	assert_true(said < 4 << 20);
	relay_client_check_stall(&line.client, clock_monotonic_ns() + 2 * RELAY_STALL_NS);
	assert_true(relay_client_holds_up(&line.client));
	assert_int_equal(hear(&line, &skipped), said);
	assert_int_equal(skipped, 0);
	close_line(&line);
}

static void a_guest_is_behind_on_disk(void **state)
{
	autoclose int dir = open_tmp();
	struct line line;
	uint64_t skipped;

	(void)state;
	open_line(&line, dir, true);
	assert_int_equal(talk(&line, 100 << 20), 100 << 20);
	assert_int_equal(hear(&line, &skipped), 100 << 20);
	assert_int_equal(skipped, 0);
	close_line(&line);
}

static void a_guest_without_bound_is_told_what_it_missed(void **state)
{
	autoclose int dir = open_tmp();
	struct line line;
	uint64_t skipped;
	size_t heard;

	(void)state;
	open_line(&line, dir, true);
	assert_int_equal(talk(&line, 300 << 20), 300 << 20);
	heard = hear(&line, &skipped);
	assert_in_range(skipped, 40 << 20, 45 << 20);
	assert_int_equal(heard + skipped, 300 << 20);
	close_line(&line);
}

static void a_guest_at_a_terminal_is_waited_for_a_while(void **state)
{
	struct line line;
	uint64_t skipped;
	size_t said;

	(void)state;
	open_line(&line, -1, true);
	said = talk(&line, 100 << 20);
	assert_true(said < 4 << 20);
	relay_client_check_stall(&line.client, clock_monotonic_ns() + RELAY_STALL_NS / 2);
	assert_true(relay_client_holds_up(&line.client));
	relay_client_check_stall(&line.client, clock_monotonic_ns() + 2 * RELAY_STALL_NS);
	assert_int_equal(talk(&line, 1 << 20), 1 << 20);
	assert_int_equal(hear(&line, &skipped), said);
	assert_int_equal(skipped, 1 << 20);
	assert_false(relay_client_is_behind(&line.client));
	close_line(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_started_it_is_waited_for),
		cmocka_unit_test(a_guest_is_behind_on_disk),
		cmocka_unit_test(a_guest_without_bound_is_told_what_it_missed),
		cmocka_unit_test(a_guest_at_a_terminal_is_waited_for_a_while),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
