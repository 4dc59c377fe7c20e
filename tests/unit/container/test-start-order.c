/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "container/start-order.h"

static void an_order_arrives_and_what_follows_stays(void **state)
{
	const struct start_order order = {.attaches = true, .rows = 1000, .columns = 65535};
	struct start_order got;
	char next[8];
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	/* There already when the order is sent; in the other order a second process is needed. */
	start_order_accept(fds[1]);
	assert_int_equal(start_order_send(fds[0], &order, NULL), 0);
	assert_int_equal(write(fds[0], "next", 4), 4);
	assert_int_equal(start_order_receive(fds[1], 1000, &got, NULL), 0);
	assert_true(got.attaches);
	assert_int_equal(got.rows, 1000);
	assert_int_equal(got.columns, 65535);
	assert_int_equal(read(fds[1], next, sizeof(next)), 4);
	close(fds[0]);
	close(fds[1]);
}

static void others_are_told_apart(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool leaves;
		int result;
	} cases[] = {
		{"", 0, false, -ETIMEDOUT},
		{"", 0, true, -ECONNRESET},
		{"\x53\x01", 2, true, -ECONNRESET},
		{"\x53\x01\x00", 3, false, -ETIMEDOUT},
		{"\x00\x00\x00\x00\x01x", 6, true, -EBADMSG},
		{"\x53\x02\x00\x00\x00\x00", 6, true, -EBADMSG},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct start_order got;
		int fds[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		assert_int_equal(write(fds[0], cases[i].bytes, cases[i].len), cases[i].len);
		if (cases[i].leaves)
			shutdown(fds[0], SHUT_WR);
		assert_int_equal(start_order_receive(fds[1], 30, &got, NULL), cases[i].result);
		close(fds[0]);
		close(fds[1]);
	}
}

static void an_order_to_nobody_fails(void **state)
{
	const struct start_order order = {0};
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	shutdown(fds[1], SHUT_WR);
	assert_int_equal(start_order_send(fds[0], &order, NULL), -ECONNRESET);
	close(fds[1]);
	assert_true(start_order_send(fds[0], &order, NULL) < 0);
	start_order_accept(fds[0]);
	close(fds[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_order_arrives_and_what_follows_stays),
		cmocka_unit_test(others_are_told_apart),
		cmocka_unit_test(an_order_to_nobody_fails),
	};

	return cmocka_run_group_tests_name("container/start-order", tests, NULL, NULL);
}
