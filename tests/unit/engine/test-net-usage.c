/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "engine/net-usage.h"

#define HEADER \
	"Inter-|   Receive                                                |  Transmit\n" \
	" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets\n"

static void interfaces_are_summed(void **state)
{
	static const struct {
		const char *text;
		uint64_t received, sent;
	} cases[] = {
		{"", 0, 0},
		{HEADER, 0, 0},
		{HEADER "    lo: 10 1 0 0 0 0 0 0 10 1 0 0 0 0 0 0\n", 0, 0},
		{HEADER "  tap0: 430 5 0 0 0 0 0 0 110 2 0 0 0 0 0 0\n", 430, 110},
		{HEADER "  eth0:430 5 0 0 0 0 0 0 110 2 0 0 0 0 0 0\n"
			"  lo:  7 7 7 7 7 7 7 7 7\neth1: 1 0 0 0 0 0 0 0 18446744073709551615\n",
			431, 109},
		/* Names may have colons in them; lines that stop early are none. */
		{"eth0:1: 5 0 0 0 0 0 0 0 6 0", 5, 6},
		{"eth0: 5 0 0 0 0 0 0 0", 0, 0},
		{"eth0: 5 x 0 0 0 0 0 0 6 0", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct net_usage usage;

		net_usage_parse(cases[i].text, &usage);
		assert_int_equal(usage.received_bytes, cases[i].received);
		assert_int_equal(usage.sent_bytes, cases[i].sent);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interfaces_are_summed),
	};

	return cmocka_run_group_tests_name("engine/net-usage", tests, NULL, NULL);
}
