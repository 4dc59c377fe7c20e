/* SPDX-License-Identifier: Apache-2.0 */
/* Works on lo and a default route in network namespaces of its own. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

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
	const struct route to_gateway = {.gateway = &gateway};
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
	assert_int_equal(route_add(nl, lo, &to_gateway, &err), 0);
	assert_int_equal(route_add(nl, lo, &to_gateway, &err), -EEXIST);
}

/* Another namespace; this process is in the first one again afterwards. */
static int other_namespace(void)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), there;

	assert_int_equal(unshare(CLONE_NEWNET), 0);
	there = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	assert_int_equal(setns(here, CLONE_NEWNET), 0);
	close(here);
	return there;
}

static void bridges_have_ports_that_lead_elsewhere(void **state)
{
	static const uint8_t mac[6] = {0x02, 0, 0, 0, 0, 7};
	AUTO(netlink_close) struct netlink *nl = NULL;
	AUTO(netlink_close) struct netlink *inner = NULL;
	autoclose int other = -1;
	struct veth veth = {.name = "v1", .peer_name = "eth0", .peer_mac = mac, .mtu = 1400};
	struct bridge_port port = {.hairpin = true, .isolated = true};
	struct link_info info;
	struct error err = {0};
	int bridge, index;

	(void)state;
	if (!have_namespace)
		skip();
	assert_int_equal(netlink_open(&nl, &err), 0);
	bridge = link_add_bridge(nl, "br-test", NULL, 1400, &err);
	assert_true(bridge > 0);
	assert_int_equal(link_add_bridge(nl, "br-test", NULL, 0, &err), -EEXIST);
	assert_int_equal(link_get(nl, "br-test", &info, &err), bridge);
	assert_string_equal(info.kind, "bridge");
	assert_int_equal(info.mtu, 1400);

	other = other_namespace();
	veth.peer_netns_fd = other;
	veth.master = bridge;
	index = link_add_veth(nl, &veth, &err);
	assert_true(index > 0);
	assert_int_equal(link_add_veth(nl, &veth, &err), -EEXIST);
	assert_int_equal(link_get(nl, "v1", &info, &err), index);
	assert_int_equal(info.master, bridge);
	assert_string_equal(info.kind, "veth");
	assert_int_equal(bridge_port_set(nl, index, &port, &err), 0);

	assert_int_equal(setns(other, CLONE_NEWNET), 0);
	assert_int_equal(netlink_open(&inner, &err), 0);
	assert_true(link_get(inner, "eth0", &info, &err) > 0);
	assert_memory_equal(info.mac, mac, sizeof(mac));
	assert_int_equal(info.mtu, 1400);

	/* The socket is still the first namespace's. Both ends go together, and twice is once. */
	assert_int_equal(link_delete(nl, index, &err), 0);
	assert_int_equal(link_delete(nl, index, &err), 0);
	assert_int_equal(link_get(inner, "eth0", NULL, &err), -ENODEV);
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
		cmocka_unit_test(bridges_have_ports_that_lead_elsewhere),
		cmocka_unit_test(missing_interface_names_itself),
	};

	have_namespace = unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
