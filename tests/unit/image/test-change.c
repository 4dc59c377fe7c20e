/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image/config.h"

/* The run configuration after the changes, as JSON. */
static char *changed(const char *const *changes)
{
	AUTO(image_config_release) struct image_config config = {0};
	struct error err = {0};

	for (; *changes; changes++)
		if (image_change(&config, *changes, &err) < 0)
			fail_msg("%s", err.text);
	return json_write(image_run_config_fields, &config.config, false);
}

static void instructions_change_the_configuration(void **state)
{
	static const struct {
		const char *changes[4];
		const char *json;
	} cases[] = {
		{{"CMD [\"a\",\"b c\"]"}, "{\"Cmd\":[\"a\",\"b c\"]}"},
		{{"CMD a b"}, "{\"Cmd\":[\"/bin/sh\",\"-c\",\"a b\"]}"},
		{{"cmd=a"}, "{\"Cmd\":[\"/bin/sh\",\"-c\",\"a\"]}"},
		{{"CMD [\"a\"]", "ENTRYPOINT [\"e\"]"}, "{\"Entrypoint\":[\"e\"],\"Cmd\":[\"a\"]}"},
		{{"ENV A=b C='d e'", "ENV A=x"}, "{\"Env\":[\"A=x\",\"C=d e\"]}"},
		{{"ENV A b c"}, "{\"Env\":[\"A=b c\"]}"},
		{{"ENV=A=b"}, "{\"Env\":[\"A=b\"]}"},
		{{"EXPOSE 80 81/udp", "EXPOSE 80/tcp"},
			"{\"ExposedPorts\":{\"80/tcp\":{},\"81/udp\":{}}}"},
		{{"LABEL a=b \"c\"=\"d e\""}, "{\"Labels\":{\"a\":\"b\",\"c\":\"d e\"}}"},
		{{"ONBUILD RUN x"}, "{\"OnBuild\":[\"RUN x\"]}"},
		{{"STOPSIGNAL SIGINT"}, "{\"StopSignal\":\"SIGINT\"}"},
		{{"USER 1:2"}, "{\"User\":\"1:2\"}"},
		{{"VOLUME /a /b", "VOLUME [\"/c d\"]"},
			"{\"Volumes\":{\"/a\":{},\"/b\":{},\"/c d\":{}}}"},
		{{"WORKDIR /a", "WORKDIR b"}, "{\"WorkingDir\":\"/a/b\"}"},
		{{"HEALTHCHECK --interval=5s --retries=2 CMD x y"},
			"{\"Healthcheck\":{\"Interval\":5000000000,\"Retries\":2,"
			"\"Test\":[\"CMD-SHELL\",\"x y\"]}}"},
		{{"HEALTHCHECK NONE"}, "{\"Healthcheck\":{\"Test\":[\"NONE\"]}}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *json = changed(cases[i].changes);

		assert_string_equal(json, cases[i].json);
	}
}

static void malformed_instructions_change_nothing(void **state)
{
	static const char *const bad[] = {"", "RUN x", "CMD", "ENV", "ENV A", "ENV =x", "ENV A='b",
		"EXPOSE x", "EXPOSE 0", "EXPOSE 90-80", "EXPOSE 1-2-3", "EXPOSE 80/icmp",
		"EXPOSE 70000", "LABEL a", "STOPSIGNAL a b", "HEALTHCHECK x",
		"HEALTHCHECK --interval=x CMD y", "HEALTHCHECK CMD", "VOLUME [\"\"]",
		"ENV GOOD=1 BAD"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO(image_config_release) struct image_config config = {0};
		struct error err = {0};
		autofree char *json = NULL;

		if (image_change(&config, bad[i], &err) != -EINVAL)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_non_null(strstr(err.text, "change \""));
		json = json_write(image_run_config_fields, &config.config, false);
		assert_string_equal(json, "{}");
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(instructions_change_the_configuration),
		cmocka_unit_test(malformed_instructions_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
