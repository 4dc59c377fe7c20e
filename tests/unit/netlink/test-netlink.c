/* SPDX-License-Identifier: Apache-2.0 */
/* Works on lo and a default route in network namespaces of its own. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "netlink/netlink.h"

static bool have_namespace;

static void addresses_are_read(void **state)
{
	static const struct {
		const char *text;
		int result, family, prefix;
	} cases[] = {
		{"10.0.2.100/24", 0, AF_INET, 24},
		{"10.0.2.100", 0, AF_INET, 32},
		{"fd00::100/64", 0, AF_INET6, 64},
		{"::", 0, AF_INET6, 128},
		{"10.0.2.100/33", -EINVAL, 0, 0},
		{"10.0.2.100/", -EINVAL, 0, 0},
		{"10.0.2/24", -EINVAL, 0, 0},
		{"fd00::/129", -EINVAL, 0, 0},
		{"", -EINVAL, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct netlink_address address = {0};

		assert_int_equal(
			netlink_address_parse(cases[i].text, &address, NULL), cases[i].result);
		assert_int_equal(address.family, cases[i].family);
		assert_int_equal(address.prefix, cases[i].prefix);
	}
}

static void macs_are_read_and_written(void **state)
{
	static const char *const bad[] = {"", "02:00:00:00:00", "02:00:00:00:00:0g",
		"01:00:00:00:00:00", "2:0:0:0:0:0", "02-00-00-00-00-00"};
	uint8_t mac[6];
	autofree char *text = NULL;

	(void)state;
	assert_int_equal(mac_parse("02:0a:ff:00:00:01", mac), 0);
	text = mac_format(mac);
	assert_string_equal(text, "02:0a:ff:00:00:01");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(mac_parse(bad[i], mac), -EINVAL);
}

static void lo_comes_up_with_addresses_and_routes(void **state)
{
	AUTO(netlink_close) struct netlink *nl = NULL;
	struct link_change up = {.up = true, .mtu = 1500};
	struct netlink_address address, absent, gateway;
	struct link_info info;
	struct error err = {0};
	int lo;

	(void)state;
	if (!have_namespace)
		skip();
	assert_int_equal(netlink_open(&nl, &err), 0);
	lo = link_get(nl, "lo", NULL, &err);
	assert_int_equal(lo, 1);
	assert_int_equal(link_set(nl, lo, &up, &err), 0);
	assert_int_equal(link_get(nl, "lo", &info, &err), lo);
	assert_true(info.up);
	assert_int_equal(info.mtu, 1500);
	netlink_address_parse("10.9.0.5/24", &address, NULL);
	netlink_address_parse("10.9.0.6/24", &absent, NULL);
	netlink_address_parse("10.9.0.1", &gateway, NULL);
	assert_int_equal(address_add(nl, lo, &address, &err), 0);
	assert_int_equal(address_add(nl, lo, &address, &err), -EEXIST);
	assert_int_equal(address_find(nl, lo, &address, &err), 1);
	assert_int_equal(address_find(nl, lo, &absent, &err), 0);
	assert_int_equal(route_add(nl, lo, NULL, &gateway, &err), 0);
	assert_int_equal(route_add(nl, lo, NULL, &gateway, &err), -EEXIST);
}

static void missing_interface_names_itself(void **state)
{
	AUTO(netlink_close) struct netlink *nl = NULL;
	struct error err = {0};

	(void)state;
	assert_int_equal(netlink_open(&nl, &err), 0);
	assert_int_equal(link_get(nl, "nothere", NULL, &err), -ENODEV);
	assert_non_null(strstr(err.text, "nothere"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(macs_are_read_and_written),
		cmocka_unit_test(lo_comes_up_with_addresses_and_routes),
		cmocka_unit_test(missing_interface_names_itself),
	};

	have_namespace = unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
