/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "network/choice.h"
#include "network/port.h"

static void published_ports_are_read_in_all_forms(void **state)
{
	static const struct {
		const char *text, *formatted;
	} cases[] = {
		{"80", "0.0.0.0:0->80/tcp"},
		{"8080:80", "0.0.0.0:8080->80/tcp"},
		{"8080:80/udp", "0.0.0.0:8080->80/udp"},
		{"127.0.0.1:8080:80", "127.0.0.1:8080->80/tcp"},
		{"127.0.0.1::80", "127.0.0.1:0->80/tcp"},
		{"::80", "0.0.0.0:0->80/tcp"},
		{":8080:80", "0.0.0.0:8080->80/tcp"},
		{"[::1]:8080:80/tcp", "[::1]:8080->80/tcp"},
		{"[fd00::1]::80", "[fd00::1]:0->80/tcp"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(port_list_release) struct port_list list = {0};
		autofree char *text = NULL;
		struct error err = {0};

		assert_int_equal(port_parse(cases[i].text, &list, &err), 0);
		assert_int_equal(list.count, 1);
		text = port_format(&list.items[0]);
		assert_string_equal(text, cases[i].formatted);
	}
}

static void ranges_map_one_by_one(void **state)
{
	AUTO(port_list_release) struct port_list list = {0};

	(void)state;
	assert_int_equal(port_parse("8000-8002:80-82", &list, NULL), 0);
	assert_int_equal(list.count, 3);
	assert_int_equal(list.items[2].host_port, 8002);
	assert_int_equal(list.items[2].container_port, 82);
}

static void bad_ports_are_refused_and_quoted(void **state)
{
	static const char *const cases[] = {"", ":", "x", "0:80", "80:0", "65536:80", "-1", "80-",
		"90-80", "8000-8001:80", "80/icmp", "80/", "1.2.3:80:80", "::1:80:80", "[::1]80:80",
		"[::1", "a:b:c", "80:80:80:80", "host:80:80", " 80", "80 ", "+80"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct port_list list = {0};
		struct error err = {0};

		assert_int_equal(port_parse(cases[i], &list, &err), -EINVAL);
		assert_non_null(strstr(err.text, cases[i]));
		assert_int_equal(list.count, 0);
	}
}

static void same_host_port_twice_is_refused(void **state)
{
	AUTO(port_list_release) struct port_list list = {0};

	(void)state;
	port_parse("8080:80", &list, NULL);
	port_parse("8080:80/udp", &list, NULL);
	port_parse("127.0.0.1:8080:80", &list, NULL);
	assert_int_equal(port_list_check(&list, NULL), 0);
	port_parse("8080:81", &list, NULL);
	assert_int_equal(port_list_check(&list, NULL), -EINVAL);
}

static void free_ports_are_assigned(void **state)
{
	AUTO(port_list_release) struct port_list list = {0};

	(void)state;
	port_parse("127.0.0.1::80-90", &list, NULL);
	port_parse("9:9", &list, NULL);
	assert_int_equal(port_list_assign(&list, NULL), 0);
	for (size_t i = 0; i < list.count; i++)
		assert_true(list.items[i].host_port > 0);
	assert_int_equal(list.items[11].host_port, 9);
	assert_int_equal(port_list_check(&list, NULL), 0);
}

static void exposed_ports_have_no_host_side(void **state)
{
	AUTO(port_list_release) struct port_list list = {0};

	(void)state;
	assert_int_equal(port_parse_exposed("53/udp", &list, NULL), 0);
	assert_int_equal(port_parse_exposed("80-81", &list, NULL), 0);
	assert_int_equal(list.count, 3);
	assert_string_equal(list.items[0].protocol, "udp");
	assert_int_equal(port_parse_exposed("1:2", &list, NULL), -EINVAL);
	assert_int_equal(port_parse_exposed("x/tcp", &list, NULL), -EINVAL);
}

static void networks_are_read_and_written_back(void **state)
{
	static const struct {
		const char *text;
		enum network_mode mode;
		const char *back;
	} cases[] = {
		{"", NETWORK_MODE_SLIRP, "slirp"},
		{"private", NETWORK_MODE_SLIRP, "slirp"},
		{"none", NETWORK_MODE_NONE, "none"},
		{"host", NETWORK_MODE_HOST, "host"},
		{"slirp4netns:mtu=1500,allow_host_loopback=true", NETWORK_MODE_SLIRP,
			"slirp:mtu=1500,allow_host_loopback=true"},
		{"slirp:cidr=10.9.0.0/24", NETWORK_MODE_SLIRP, "slirp:cidr=10.9.0.0/24"},
		{"container:web", NETWORK_MODE_CONTAINER, "container:web"},
		{"ns:/run/netns/x", NETWORK_MODE_NS, "ns:/run/netns/x"},
		{"podman", NETWORK_MODE_NAMED, "podman"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(network_choice_release) struct network_choice choice = {0};
		autofree char *back = NULL;

		assert_int_equal(network_choice_parse(cases[i].text, &choice, NULL), 0);
		assert_int_equal(choice.mode, cases[i].mode);
		back = network_choice_format(&choice);
		assert_string_equal(back, cases[i].back);
	}
}

static void bad_networks_say_what_is_wrong(void **state)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{"slirp:mtu=100", "mtu"},
		{"slirp:mtu", "mtu"},
		{"slirp:colour=red", "colour"},
		{"slirp:cidr=10.0.0.0/30", "cidr"},
		{"slirp:cidr=fd00::/64", "cidr"},
		{"slirp:enable_ipv6=perhaps", "enable_ipv6"},
		{"slirp:outbound_addr=/", "outbound_addr"},
		{"slirp:port_handler=rootlessport", "port_handler"},
		{"container:", "container"},
		{"container:../x", "container"},
		{"ns:relative", "absolute"},
		{"../etc", "network"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct network_choice choice = {0};
		struct error err = {0};

		assert_int_equal(network_choice_parse(cases[i].text, &choice, &err), -EINVAL);
		assert_non_null(strstr(err.text, cases[i].part));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_ports_are_read_in_all_forms),
		cmocka_unit_test(ranges_map_one_by_one),
		cmocka_unit_test(bad_ports_are_refused_and_quoted),
		cmocka_unit_test(same_host_port_twice_is_refused),
		cmocka_unit_test(free_ports_are_assigned),
		cmocka_unit_test(exposed_ports_have_no_host_side),
		cmocka_unit_test(networks_are_read_and_written_back),
		cmocka_unit_test(bad_networks_say_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
