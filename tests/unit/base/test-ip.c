/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/ip.h"
#include "base/str.h"

static struct ip_address parse(const char *text)
{
	struct ip_address address;
	struct error err = {0};

	assert_int_equal(ip_address_parse(text, &address, &err), 0);
	return address;
}

static struct ip_network network(const char *text)
{
	struct ip_network ret;
	struct error err = {0};

	assert_int_equal(ip_network_parse(text, &ret, NULL, &err), 0);
	return ret;
}

static void assert_is(struct ip_address address, const char *text)
{
	char got[IP_TEXT_SIZE];

	ip_address_format(&address, got);
	assert_string_equal(got, text);
}

static void addresses_are_counted_up(void **state)
{
	static const char *const cases[][2] = {
		{"10.1.0.5", "10.1.0.6"},
		{"10.1.0.255", "10.1.1.0"},
		{"255.255.255.255", "0.0.0.0"},
		{"fd00::ffff", "fd00::1:0"},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_is(ip_address_next(parse(cases[i][0])), cases[i][1]);
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const texts[] = {"", "10.1.0", "10.1.0.5/24", "010.1.0.5x", "::g",
		" ::1", "10.1.0.5 ", "1.2.3.4.5", "fe80::1%eth0"};
	struct ip_address address;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(ip_address_parse(texts[i], &address, NULL), -EINVAL);
}

static void what_is_no_network_is_refused(void **state)
{
	static const char *const texts[] = {"", "10.1.0.0", "10.1.0.0/", "10.1.0.0/33", "/24",
		"fd00::/129", "10.1.0.0/-1", "10.1.0.0/8", "10.1.0.1/31", "fd00::1/64",
		"10.0.0.0/8 "};
	struct ip_network ret;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(ip_network_parse(texts[i], &ret, NULL, NULL), -EINVAL);
}

static void a_network_may_be_told_by_an_address_in_it(void **state)
{
	struct ip_network ret;
	struct ip_address address;

	(void)state;
	assert_int_equal(ip_network_parse("10.1.77.5/18", &ret, &address, NULL), 0);
	assert_is(ret.base, "10.1.64.0");
	assert_is(address, "10.1.77.5");
	assert_int_equal(ret.prefix, 18);
}

static void networks_have_ends(void **state)
{
	static const char *const cases[][4] = {
		{"10.1.64.0/18", "10.1.64.1", "10.1.127.254", "10.1.127.255"},
		{"10.1.0.4/30", "10.1.0.5", "10.1.0.6", "10.1.0.7"},
		{"10.1.0.4/31", "10.1.0.4", "10.1.0.5", "10.1.0.5"},
		{"10.1.0.4/32", "10.1.0.4", "10.1.0.4", "10.1.0.4"},
		{"0.0.0.0/0", "0.0.0.1", "255.255.255.254", "255.255.255.255"},
		{"fd00::/64", "fd00::1", "fd00::ffff:ffff:ffff:ffff", "fd00::ffff:ffff:ffff:ffff"},
		{"fd00::2/127", "fd00::2", "fd00::3", "fd00::3"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ip_network net = network(cases[i][0]);
		struct ip_address first, last;

		ip_network_hosts(&net, &first, &last);
		assert_is(first, cases[i][1]);
		assert_is(last, cases[i][2]);
		assert_is(ip_network_last(&net), cases[i][3]);
	}
}

static void networks_contain_and_overlap(void **state)
{
	struct ip_network wide = network("10.0.0.0/8"), narrow = network("10.89.0.0/24");
	struct ip_network other = network("10.89.1.0/24"), six = network("::/0");
	struct ip_address inside = parse("10.89.0.7"), outside = parse("10.89.1.7");

	(void)state;
	assert_true(ip_network_contains(&narrow, &inside));
	assert_false(ip_network_contains(&narrow, &outside));
	assert_false(ip_network_contains(&six, &inside));
	assert_true(ip_networks_overlap(&wide, &narrow));
	assert_true(ip_networks_overlap(&narrow, &wide));
	assert_false(ip_networks_overlap(&narrow, &other));
	assert_false(ip_networks_overlap(&six, &wide));
}

static void addresses_have_an_order(void **state)
{
	struct ip_address low = parse("10.0.0.9"), high = parse("10.0.1.0"), six = parse("::");

	(void)state;
	assert_true(ip_address_compare(&low, &high) < 0);
	assert_true(ip_address_compare(&high, &low) > 0);
	assert_true(ip_address_compare(&high, &six) < 0);
	assert_int_equal(ip_address_compare(&low, &low), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_counted_up),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(what_is_no_network_is_refused),
		cmocka_unit_test(a_network_may_be_told_by_an_address_in_it),
		cmocka_unit_test(networks_have_ends),
		cmocka_unit_test(networks_contain_and_overlap),
		cmocka_unit_test(addresses_have_an_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
