/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cni/conflist.h"

static int parse(const char *text, struct cni_list *ret, struct error *err)
{
	return cni_list_parse(text, strlen(text), "net.conflist", ret, err);
}

static void list_keeps_unknown_keys_and_capabilities(void **state)
{
	AUTO(cni_list_release) struct cni_list list = {0};
	struct error err = {0};

	(void)state;
	assert_int_equal(parse("{\"cniVersion\":\"1.0.0\",\"name\":\"web\",\"disableCheck\":true,"
			       "\"plugins\":[{\"type\":\"bridge\",\"bridge\":\"br0\"},"
			       "{\"type\":\"portmap\",\"capabilities\":{\"portMappings\":true,"
			       "\"mac\":false}}]}",
				 &list, &err),
		0);
	assert_string_equal(list.name, "web");
	assert_string_equal(list.version, "1.0.0");
	assert_true(list.disable_check);
	assert_int_equal(list.plugin_count, 2);
	assert_string_equal(json_get_string(list.plugins[0].conf, "bridge"), "br0");
	assert_true(strv_has(list.plugins[1].capabilities, "portMappings"));
	assert_false(strv_has(list.plugins[1].capabilities, "mac"));
}

static void single_configuration_is_a_list_of_one(void **state)
{
	AUTO(cni_list_release) struct cni_list list = {0};

	(void)state;
	assert_int_equal(
		parse("{\"cniVersion\":\"0.4.0\",\"name\":\"old\",\"type\":\"ptp\"}", &list, NULL),
		0);
	assert_int_equal(list.plugin_count, 1);
	assert_string_equal(list.plugins[0].type, "ptp");
	assert_true(list.load_only_inlined);
}

static void highest_version_that_we_speak_is_chosen(void **state)
{
	AUTO(cni_list_release) struct cni_list list = {0};

	(void)state;
	assert_int_equal(parse("{\"cniVersion\":\"9.0.0\",\"cniVersions\":[\"0.4.0\",\"1.1.0\","
			       "\"9.0.0\"],\"name\":\"n\",\"plugins\":[{\"type\":\"x\"}]}",
				 &list, NULL),
		0);
	assert_string_equal(list.version, "1.1.0");
}

static void bad_lists_are_refused_with_the_place(void **state)
{
	static const struct {
		const char *text;
		int result;
		const char *part;
	} cases[] = {
		{"", -EBADMSG, "net.conflist"},
		{"[]", -EBADMSG, "not an object"},
		{"{\"plugins\":[]}", -EBADMSG, "name: missing"},
		{"{\"name\":\"../x\",\"plugins\":[{\"type\":\"a\"}]}", -EBADMSG, "network name"},
		{"{\"name\":\"n\"}", -EBADMSG, "plugins: missing"},
		{"{\"name\":\"n\",\"plugins\":{}}", -EBADMSG, "not a list"},
		{"{\"name\":\"n\",\"plugins\":[1]}", -EBADMSG, "plugin 0"},
		{"{\"name\":\"n\",\"plugins\":[{}]}", -EBADMSG, "type: missing"},
		{"{\"name\":\"n\",\"plugins\":[{\"type\":\"../sh\"}]}", -EBADMSG, "type"},
		{"{\"name\":\"n\",\"plugins\":[{\"type\":\"a\",\"capabilities\":3}]}", -EBADMSG,
			"capabilities"},
		{"{\"cniVersion\":\"7.0.0\",\"name\":\"n\",\"plugins\":[{\"type\":\"a\"}]}",
			-EPROTONOSUPPORT, "7.0.0"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cni_list list = {0};
		struct error err = {0};

		assert_int_equal(parse(cases[i].text, &list, &err), cases[i].result);
		assert_non_null(strstr(err.text, cases[i].part));
		assert_null(list.name);
	}
}

static void encoded_list_reads_back(void **state)
{
	AUTO(cni_list_release) struct cni_list list = {0};
	AUTO(cni_list_release) struct cni_list again = {0};
	AUTO(json_free) struct json_object *doc = NULL;

	(void)state;
	assert_int_equal(
		parse("{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"plugins\":[{\"type\":\"a\"}]}",
			&list, NULL),
		0);
	doc = cni_list_encode(&list);
	assert_int_equal(parse(json_object_to_json_string(doc), &again, NULL), 0);
	assert_string_equal(again.name, "n");
	assert_int_equal(again.plugin_count, 1);
}

static void names_of_interfaces_are_the_kernels(void **state)
{
	(void)state;
	assert_true(cni_ifname_is_valid("eth0"));
	assert_true(cni_ifname_is_valid("fifteen-chars-x"));
	assert_false(cni_ifname_is_valid("sixteen-chars-xy"));
	assert_false(cni_ifname_is_valid(""));
	assert_false(cni_ifname_is_valid(".."));
	assert_false(cni_ifname_is_valid("a/b"));
	assert_false(cni_ifname_is_valid("a b"));
	assert_false(cni_ifname_is_valid("a:1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_keeps_unknown_keys_and_capabilities),
		cmocka_unit_test(single_configuration_is_a_list_of_one),
		cmocka_unit_test(highest_version_that_we_speak_is_chosen),
		cmocka_unit_test(bad_lists_are_refused_with_the_place),
		cmocka_unit_test(encoded_list_reads_back),
		cmocka_unit_test(names_of_interfaces_are_the_kernels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
