/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the slirp plugin that decide; what it does is shown by tests/integration. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../netplugins/slirp/config.h"
#include "base/str.h"

static int parse(const char *extra, struct slirp_config *ret, struct error *err)
{
	AUTO(cni_request_release) struct cni_request request = {0};
	autofree char *text = xasprintf("{\"stateDir\":\"/s\"%s%s}", *extra ? "," : "", extra);

	assert_int_equal(json_parse(text, strlen(text), &request.conf, NULL), 0);
	return slirp_config_parse(&request, ret, err);
}

static void defaults_are_podmans(void **state)
{
	AUTO(slirp_config_release) struct slirp_config config = {0};
	autofree char *guest = NULL, *gateway6 = NULL;

	(void)state;
	assert_int_equal(parse("", &config, NULL), 0);
	guest = netlink_address_format(&config.guest);
	gateway6 = netlink_address_format(&config.gateway6);
	assert_string_equal(guest, "10.0.2.100");
	assert_string_equal(gateway6, "fd00::2");
	assert_int_equal(config.mtu, 65520);
	assert_true(config.ipv6);
	assert_false(config.ipv6_required);
	assert_false(config.allow_host_loopback);
}

static void addresses_follow_the_network(void **state)
{
	AUTO(slirp_config_release) struct slirp_config config = {0};
	autofree char *guest = NULL, *server = NULL;

	(void)state;
	assert_int_equal(parse("\"cidr\":\"172.20.5.77/16\"", &config, NULL), 0);
	guest = netlink_address_format(&config.guest);
	server = netlink_address_format(&config.nameserver);
	assert_string_equal(guest, "172.20.0.100");
	assert_string_equal(server, "172.20.0.3");
	assert_int_equal(config.guest.prefix, 16);
}

static void ports_are_checked(void **state)
{
	static const struct {
		const char *port;
		int result;
	} cases[] = {
		{"\"hostPort\":80,\"containerPort\":80", 0},
		{"\"hostPort\":80,\"containerPort\":80,\"protocol\":\"udp\",\"hostIP\":\"::1\"", 0},
		{"\"hostPort\":80,\"containerPort\":80,\"protocol\":\"sctp\"", -EOPNOTSUPP},
		{"\"hostPort\":0,\"containerPort\":80", -EINVAL},
		{"\"hostPort\":80,\"containerPort\":65536", -EINVAL},
		{"\"hostPort\":80,\"containerPort\":80,\"hostIP\":\"localhost\"", -EINVAL},
		{"\"hostPort\":80,\"containerPort\":80,\"hostIP\":\"127.0.0.1/8\"", -EINVAL},
		{"\"hostPort\":80", -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(slirp_config_release) struct slirp_config config = {0};
		autofree char *extra =
			xasprintf("\"runtimeConfig\":{\"portMappings\":[{%s}]}", cases[i].port);

		assert_int_equal(parse(extra, &config, NULL), cases[i].result);
	}
}

static void ipv6_port_without_ipv6_is_refused(void **state)
{
	AUTO(slirp_config_release) struct slirp_config config = {0};
	struct error err = {0};

	(void)state;
	assert_int_equal(
		parse("\"ipv6\":false,\"runtimeConfig\":{\"portMappings\":[{\"hostPort\":80,"
		      "\"containerPort\":80,\"hostIP\":\"::\"}]}",
			&config, &err),
		-EOPNOTSUPP);
	assert_non_null(strstr(err.text, "IPv6"));
}

static void nonsense_is_refused(void **state)
{
	static const char *const cases[] = {"\"mtu\":100", "\"mtu\":70000", "\"mtu\":\"x\"",
		"\"cidr\":\"10.0.0.0/30\"", "\"cidr\":\"fd00::/64\"", "\"cidr6\":\"fd00::/48\"",
		"\"dnsUpstream\":\"example\"", "\"outboundAddr\":\"::1\"",
		"\"outboundAddr\":\"no-such-if\"", "\"runtimeConfig\":{\"mac\":\"x\"}",
		"\"ipv6\":\"yes\""};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(slirp_config_release) struct slirp_config config = {0};

		assert_int_equal(parse(cases[i], &config, NULL), -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_podmans),
		cmocka_unit_test(addresses_follow_the_network),
		cmocka_unit_test(ports_are_checked),
		cmocka_unit_test(ipv6_port_without_ipv6_is_refused),
		cmocka_unit_test(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
