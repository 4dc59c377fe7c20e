/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/etc-files.h"

static void hosts_put_the_users_entries_first(void **state)
{
	char *add[] = { (char *)"db:10.1.2.3", (char *)"gw:host-gateway", (char *)"six:[fd00::1]", NULL };
	struct etc_hosts_request request = { .base = "127.0.0.1\tlocalhost", .add_hosts = add,
		.gateway_ip = "10.0.2.2", .container_ip = "10.0.2.100", .hostname = "h", .name = "n" };
	autofree char *text = NULL;

	(void)state;
	assert_int_equal(etc_hosts_text(&request, &text, NULL), 0);
	assert_string_equal(text,
		"10.1.2.3\tdb\n10.0.2.2\tgw\nfd00::1\tsix\n127.0.0.1\tlocalhost\n"
		"10.0.2.2\thost.containers.internal host.docker.internal\n10.0.2.100\th n\n");
}

static void malformed_hosts_are_refused(void **state)
{
	static const char *const cases[] = { "x", "x:", ":1.2.3.4", "x:1.2.3", "a b:1.2.3.4",
		"x:host-gateway" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *add[] = { (char *)cases[i], NULL };
		struct etc_hosts_request request = { .add_hosts = add, .hostname = "h" };
		char *text = NULL;

		assert_int_equal(etc_hosts_text(&request, &text, NULL), -EINVAL);
		assert_null(text);
	}
}

static void resolv_conf_drops_what_cannot_be_reached(void **state)
{
	struct etc_resolv_request request = {
		.base = "# c\nsearch a b\nnameserver 127.0.0.53\nnameserver 9.9.9.9\noptions edns0\n",
		.network_dns = "10.0.2.3", .own_netns = true };
	autofree char *own = etc_resolv_text(&request);
	autofree char *host = NULL;
	char *servers[] = { (char *)"1.1.1.1", NULL };
	char *none[] = { (char *)".", NULL };
	autofree char *given = NULL;

	(void)state;
	assert_string_equal(
		own, "search a b\nnameserver 10.0.2.3\nnameserver 9.9.9.9\noptions edns0\n");
	request.own_netns = false;
	host = etc_resolv_text(&request);
	assert_string_equal(
		host, "search a b\nnameserver 127.0.0.53\nnameserver 9.9.9.9\noptions edns0\n");
	request.own_netns = true;
	request.servers = servers;
	request.search = none;
	given = etc_resolv_text(&request);
	assert_string_equal(given, "nameserver 1.1.1.1\noptions edns0\n");
}

static void unknown_users_get_a_passwd_line(void **state)
{
	autofree char *text = etc_passwd_with_user("root:x:0:0::/:/bin/sh", 7, 8, NULL, "/w");

	(void)state;
	assert_string_equal(text, "root:x:0:0::/:/bin/sh\n"
				  "containeruser:*:7:8:container user:/w:/bin/sh\n");
	assert_null(etc_passwd_with_user("root:x:0:0::/:/bin/sh", 0, 0, NULL, "/"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_put_the_users_entries_first),
		cmocka_unit_test(malformed_hosts_are_refused),
		cmocka_unit_test(resolv_conf_drops_what_cannot_be_reached),
		cmocka_unit_test(unknown_users_get_a_passwd_line),
	};

	return cmocka_run_group_tests_name("engine/etc-files", tests, NULL, NULL);
}
