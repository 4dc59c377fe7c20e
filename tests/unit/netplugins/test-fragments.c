/* SPDX-License-Identifier: Apache-2.0 */
/* IPv4 datagrams in pieces: whole ones come out, whatever is odd ends its datagram. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../netplugins/slirp/fragments.h"
#include "../../../netplugins/slirp/header.h"
#include "base/cleanup.h"

enum { MORE = 0x2000, DONT = 0x4000, EVIL = 0x8000, HEADERS = 14 + 20 };

static struct fragments fragments;
static int64_t now;
static const uint8_t *whole;
static size_t whole_len;

static int begin(void **state)
{
	(void)state;
	fragments_release(&fragments);
	now = 1000;
	whole = NULL;
	return 0;
}

static int end(void **state)
{
	(void)state;
	fragments_release(&fragments);
	return 0;
}

/* A piece whose bytes are their own offset, counted from @at; its buffer is exactly as long. */
static bool take(unsigned id, unsigned flags, size_t at, size_t len)
{
	uint8_t *frame = calloc(1, HEADERS + len);
	uint8_t *ip = frame + 14;
	bool result;

	frame[12] = 0x08;
	ip[0] = 0x45;
	ip[2] = (uint8_t)((20 + len) >> 8);
	ip[3] = (uint8_t)(20 + len);
	ip[5] = (uint8_t)id;
	ip[6] = (uint8_t)((flags | at / 8) >> 8);
	ip[7] = (uint8_t)(at / 8);
	ip[9] = 17;
	inet_pton(AF_INET, "10.0.2.100", ip + 12);
	inet_pton(AF_INET, "192.0.2.1", ip + 16);
	for (size_t i = 0; i < len; i++)
		frame[HEADERS + i] = (uint8_t)(at + i);
	result = fragments_take(&fragments, frame, HEADERS + len, now, &whole, &whole_len);
	if (whole == frame)
		whole = NULL;
	free(frame);
	return result;
}

static void assert_whole(size_t len)
{
	struct payload payload;
	struct ip ip;

	assert_non_null(whole);
	assert_true(header_read_ipv4(whole, whole_len, &ip, &payload));
	assert_int_equal(payload.len, len);
	assert_int_equal(whole_len, HEADERS + len);
	assert_int_equal(ip.ip_off, 0);
	assert_int_equal(header_checksum(header_add_words(0, whole + 14, 20)), 0);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(payload.data[i], (uint8_t)i);
}

static void what_is_whole_passes(void **state)
{
	const uint8_t junk[20] = {[12] = 0x08};

	(void)state;
	assert_true(take(1, 0, 0, 100));
	assert_true(take(1, DONT, 0, 100));
	assert_true(take(1, 0, 0, 0));
	for (size_t len = 0; len < sizeof(junk); len++) {
		assert_true(fragments_take(&fragments, junk, len, now, &whole, &whole_len));
		assert_ptr_equal(whole, junk);
		assert_int_equal(whole_len, len);
	}
}

static void pieces_in_order_become_whole(void **state)
{
	(void)state;
	assert_false(take(1, MORE, 0, 1000));
	assert_false(take(1, MORE, 1000, 8));
	assert_true(take(1, 0, 1008, 5));
	assert_whole(1013);
	/* Once only. */
	assert_false(take(1, 0, 1008, 5));
	/* The same number again is another datagram. */
	assert_false(take(1, MORE, 0, 16));
	assert_true(take(1, 0, 16, 1));
	assert_whole(17);
}

static void datagrams_do_not_mix(void **state)
{
	(void)state;
	assert_false(take(1, MORE, 0, 8));
	assert_false(take(2, MORE, 0, 16));
	assert_false(take(3, 0, 8, 8));
	assert_true(take(2, 0, 16, 16));
	assert_whole(32);
	assert_true(take(1, 0, 8, 8));
	assert_whole(16);
}

static void gaps_and_overlaps_end_a_datagram(void **state)
{
	static const struct {
		unsigned flags;
		size_t at, len;
	} cases[] = {{MORE, 8, 8}, {MORE, 24, 8}, {0, 8, 100}, {0, 24, 8}, {0, 65528, 8},
		{MORE, 16, 0}, {0, 16, 0}, {MORE, 16, 12}, {MORE | EVIL, 16, 8}, {EVIL, 16, 8}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_false(take(1, MORE, 0, 16));
		assert_false(take(1, cases[i].flags, cases[i].at, cases[i].len));
		assert_false(take(1, 0, 16, 8));
	}
	/* One that begins anew does so. */
	assert_false(take(1, MORE, 0, 16));
	assert_false(take(1, MORE, 0, 8));
	assert_true(take(1, 0, 8, 8));
	assert_whole(16);
}

static void odd_beginnings_begin_nothing(void **state)
{
	(void)state;
	assert_false(take(1, MORE, 0, 0));
	assert_false(take(1, MORE, 0, 7));
	assert_false(take(1, EVIL, 0, 16));
	assert_false(take(1, EVIL | MORE, 0, 16));
	assert_false(take(1, MORE, 16, 16));
	for (size_t i = 0; i < FRAGMENTS_MAX; i++)
		assert_null(fragments.datagrams[i].frame);
}

static void the_largest_datagram_fits_and_no_larger(void **state)
{
	size_t at;

	(void)state;
	for (at = 0; at < 65512; at += 8)
		assert_false(take(1, MORE, at, 8));
	assert_true(take(1, 0, at, 3));
	assert_whole(65515);
	for (at = 0; at < 65512; at += 8)
		assert_false(take(1, MORE, at, 8));
	assert_false(take(1, 0, at, 4));
	assert_false(take(1, 0, at, 3));
}

static void the_eldest_makes_room(void **state)
{
	(void)state;
	for (unsigned id = 0; id <= FRAGMENTS_MAX; id++, now++)
		assert_false(take(id, MORE, 0, 8));
	assert_false(take(0, 0, 8, 8));
	for (unsigned id = 1; id <= FRAGMENTS_MAX; id++)
		assert_true(take(id, 0, 8, 8));
}

static void unfinished_datagrams_time_out(void **state)
{
	(void)state;
	assert_false(take(1, MORE, 0, 8));
	now += FRAGMENTS_TIMEOUT_MS - 1;
	assert_false(take(1, MORE, 8, 8));
	now++;
	assert_false(take(1, 0, 16, 8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_whole_passes, begin, end),
		cmocka_unit_test_setup_teardown(pieces_in_order_become_whole, begin, end),
		cmocka_unit_test_setup_teardown(datagrams_do_not_mix, begin, end),
		cmocka_unit_test_setup_teardown(gaps_and_overlaps_end_a_datagram, begin, end),
		cmocka_unit_test_setup_teardown(odd_beginnings_begin_nothing, begin, end),
		cmocka_unit_test_setup_teardown(
			the_largest_datagram_fits_and_no_larger, begin, end),
		cmocka_unit_test_setup_teardown(the_eldest_makes_room, begin, end),
		cmocka_unit_test_setup_teardown(unfinished_datagrams_time_out, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
