/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../../netplugins/bridge/config.h"
#include "../../../netplugins/bridge/rules.h"
#include "base/str.h"

static int parse(const char *text, const char *args, struct bridge_config *ret, struct error *err)
{
	AUTO(json_free) struct json_object *conf = NULL;
	struct cni_request request = {.name = (char *)"net", .args = (char *)args};

	assert_int_equal(json_parse(text, strlen(text), &conf, NULL), 0);
	request.conf = conf;
	return bridge_config_parse(&request, ret, err);
}

static void defaults_are_those_of_the_reference_plugin(void **state)
{
	AUTO(bridge_config_release) struct bridge_config config = {0};

	(void)state;
	assert_int_equal(parse("{}", NULL, &config, NULL), 0);
	assert_string_equal(config.bridge, "cni0");
	assert_false(config.is_gateway);
	assert_false(rules_are_needed(&config));
	assert_null(config.ipam_type);
	assert_false(config.has_mac);
}

static void a_mac_comes_by_capability_or_argument(void **state)
{
	static const uint8_t expected[6] = {2, 0, 0, 0, 0, 7};
	AUTO(bridge_config_release) struct bridge_config config = {0}, other = {0};

	(void)state;
	assert_int_equal(
		parse("{\"isDefaultGateway\":true}", "A=1;MAC=02:00:00:00:00:07;B=", &config, NULL),
		0);
	assert_true(config.is_gateway && config.has_mac);
	assert_memory_equal(config.mac, expected, 6);
	assert_int_equal(parse("{\"runtimeConfig\":{\"mac\":\"02:00:00:00:00:07\"}}",
				 "MAC=02:00:00:00:00:08", &other, NULL),
		0);
	assert_memory_equal(other.mac, expected, 6);
}

static void what_cannot_be_is_refused(void **state)
{
	static const struct {
		const char *text;
		int result;
		const char *words;
	} cases[] = {
		{"{\"bridge\":\"a b\"}", -EINVAL, "not the name of an interface"},
		{"{\"bridge\":\"\"}", -EINVAL, "not the name of an interface"},
		{"{\"bridge\":\"x\\\"; drop\"}", -EINVAL, "not the name of an interface"},
		{"{\"bridge\":\"abcdefghijklmnop\"}", -EINVAL, "not the name of an interface"},
		{"{\"mtu\":10}", -EINVAL, "mtu 10"},
		{"{\"vlan\":7}", -EOPNOTSUPP, "vlan"},
		{"{\"macspoofchk\":true}", -EOPNOTSUPP, "macspoofchk"},
		{"{\"hairpinMode\":true,\"promiscMode\":true}", -EINVAL, "exclude each other"},
		{"{\"runtimeConfig\":{\"mac\":\"01:00:00:00:00:00\"}}", -EINVAL, "mac 01:"},
		{"{\"mtu\":\"x\"}", -EINVAL, "mtu"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct bridge_config config = {0};
		struct error err = {0};

		assert_int_equal(parse(cases[i].text, NULL, &config, &err), cases[i].result);
		assert_non_null(strstr(error_text(&err), cases[i].words));
	}
}

static void rules_say_what_was_asked_for(void **state)
{
	struct bridge_config config = {.bridge = (char *)"br7", .isolate = true};
	autofree char *isolated = NULL, *internal = NULL, *masquerading = NULL;
	struct ip_network networks[2];

	(void)state;
	assert_int_equal(ip_network_parse("10.90.0.0/24", &networks[0], NULL, NULL), 0);
	assert_int_equal(ip_network_parse("fd90::/64", &networks[1], NULL, NULL), 0);
	isolated = rules_for_bridge(&config, networks, 2);
	assert_non_null(strstr(isolated, "from-br7 oifname @bridges oifname != \"br7\" drop\n"));
	assert_null(strstr(isolated, "10.90.0.0"));
	config.internal = true;
	internal = rules_for_bridge(&config, networks, 2);
	assert_non_null(strstr(internal, "to-br7 iifname != \"br7\" drop\n"));
	config = (struct bridge_config){.bridge = (char *)"br7", .masquerade = true};
	masquerading = rules_for_bridge(&config, networks, 2);
	assert_non_null(strstr(masquerading, "masquerade4 { 10.90.0.0/24 }\n"));
	assert_non_null(strstr(masquerading, "masquerade6 { fd90::/64 }\n"));
	assert_null(strstr(masquerading, "drop"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_reference_plugin),
		cmocka_unit_test(a_mac_comes_by_capability_or_argument),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(rules_say_what_was_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
