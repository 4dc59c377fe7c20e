/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cni/failure.h"
#include "cni/request.h"
#include "cni/result.h"

static const char conf[] = "{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"type\":\"t\"}";

static char **environment(
	const char *command, const char *id, const char *netns, const char *ifname)
{
	char **env = NULL;

	if (command)
		strv_env_set(&env, "CNI_COMMAND", command);
	if (id)
		strv_env_set(&env, "CNI_CONTAINERID", id);
	if (netns)
		strv_env_set(&env, "CNI_NETNS", netns);
	if (ifname)
		strv_env_set(&env, "CNI_IFNAME", ifname);
	return env;
}

static void environment_is_checked_for_each_command(void **state)
{
	static const struct {
		const char *command, *id, *netns, *ifname, *part;
	} cases[] = {
		{NULL, "a", "/n", "eth0", "CNI_COMMAND"},
		{"EXPLODE", "a", "/n", "eth0", "CNI_COMMAND=EXPLODE"},
		{"ADD", NULL, "/n", "eth0", "CNI_CONTAINERID"},
		{"ADD", "../a", "/n", "eth0", "CNI_CONTAINERID"},
		{"ADD", "a", NULL, "eth0", "CNI_NETNS"},
		{"ADD", "a", "n", "eth0", "CNI_NETNS"},
		{"ADD", "a", "/n", "a/b", "CNI_IFNAME"},
		{"DEL", "a", NULL, NULL, "CNI_IFNAME"},
		{"GC", NULL, NULL, NULL, "CNI_PATH"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strv_free)
		char **env =
			environment(cases[i].command, cases[i].id, cases[i].netns, cases[i].ifname);
		struct cni_request request = {0};
		struct error err = {0};
		unsigned code = 0;

		assert_int_equal(
			cni_request_parse(env, conf, strlen(conf), &request, &code, &err), -EINVAL);
		assert_int_equal(code, CNI_BAD_ENVIRONMENT);
		assert_non_null(strstr(err.text, cases[i].part));
	}
}

static void del_needs_no_namespace(void **state)
{
	AUTO(strv_free) char **env = environment("DEL", "a", NULL, "eth0");
	AUTO(cni_request_release) struct cni_request request = {0};
	unsigned code;

	(void)state;
	assert_int_equal(cni_request_parse(env, conf, strlen(conf), &request, &code, NULL), 0);
	assert_int_equal(request.command, CNI_COMMAND_DEL);
	assert_string_equal(request.name, "n");
}

static void documents_fail_with_the_code_of_the_standard(void **state)
{
	static const struct {
		const char *text;
		unsigned code;
	} cases[] = {
		{"{", CNI_DECODE},
		{"[]", CNI_DECODE},
		{"{\"cniVersion\":\"3.0.0\",\"name\":\"n\"}", CNI_INCOMPATIBLE_VERSION},
		{"{\"cniVersion\":\"1.1.0\"}", CNI_INVALID_CONFIG},
	};
	AUTO(strv_free) char **env = environment("ADD", "a", "/n", "eth0");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cni_request request = {0};
		struct error err = {0};
		unsigned code = 0;

		assert_true(cni_request_parse(env, cases[i].text, strlen(cases[i].text), &request,
				    &code, &err) < 0);
		assert_int_equal(code, cases[i].code);
	}
}

static void plugin_gets_the_capabilities_that_it_declares(void **state)
{
	static const char text[] =
		"{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"plugins\":[{\"type\":\"t\",\"key\":1,"
		"\"capabilities\":{\"mac\":true}}]}";
	static const char args_text[] = "{\"mac\":\"02:00:00:00:00:01\",\"portMappings\":[]}";
	AUTO(cni_list_release) struct cni_list list = {0};
	AUTO(json_free) struct json_object *args = NULL;
	AUTO(json_free) struct json_object *doc = NULL;
	autofree char *written = NULL;
	struct json_object *runtime;

	(void)state;
	assert_int_equal(cni_list_parse(text, strlen(text), "x", &list, NULL), 0);
	assert_int_equal(json_parse(args_text, strlen(args_text), &args, NULL), 0);
	written = cni_request_write(&list, 0, args, NULL, NULL);
	assert_int_equal(json_parse(written, strlen(written), &doc, NULL), 0);
	runtime = json_get(doc, "runtimeConfig");
	assert_string_equal(json_get_string(runtime, "mac"), "02:00:00:00:00:01");
	assert_null(json_get(runtime, "portMappings"));
	assert_null(json_get(doc, "capabilities"));
	assert_string_equal(json_get_string(doc, "name"), "n");
	assert_non_null(json_get(doc, "key"));
	assert_null(json_get(doc, "prevResult"));
}

static void results_with_wrong_parts_are_refused(void **state)
{
	static const char *const cases[] = {
		"{\"ips\":[{\"address\":\"10.0.0.1\"}]}",
		"{\"ips\":[{\"address\":\"10.0.0.1/33\"}]}",
		"{\"ips\":[{\"address\":\"10.0.0.1/24\",\"gateway\":\"x\"}]}",
		"{\"ips\":[{\"address\":\"10.0.0.1/24\",\"interface\":0}]}",
		"{\"routes\":[{\"dst\":\"anywhere\"}]}",
		"{\"dns\":{\"nameservers\":[\"evil\\noption\"]}}",
		"{\"interfaces\":[{}]}",
		"hello",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cni_result result = {0};

		assert_int_equal(
			cni_result_parse(cases[i], strlen(cases[i]), &result, NULL), -EBADMSG);
	}
}

static void codes_and_errnos_go_both_ways(void **state)
{
	static const int numbers[] = {EADDRINUSE, EACCES, EEXIST, EINVAL, EBADMSG, EAGAIN, EIO};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		assert_int_equal(cni_errno_of_code(cni_code_of_errno(-numbers[i])), -numbers[i]);
	assert_int_equal(cni_errno_of_code(999), -EIO);
	assert_int_equal(cni_errno_of_code(CNI_NOT_AVAILABLE), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(environment_is_checked_for_each_command),
		cmocka_unit_test(del_needs_no_namespace),
		cmocka_unit_test(documents_fail_with_the_code_of_the_standard),
		cmocka_unit_test(plugin_gets_the_capabilities_that_it_declares),
		cmocka_unit_test(results_with_wrong_parts_are_refused),
		cmocka_unit_test(codes_and_errnos_go_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
