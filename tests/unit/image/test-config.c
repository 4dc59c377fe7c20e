/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image/chain-id.h"
#include "image/config.h"

#define D1 "sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define D2 "sha256:2222222222222222222222222222222222222222222222222222222222222222"
#define HEAD "\"os\":\"linux\",\"architecture\":\"amd64\","
#define ROOTFS "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" D1 "\",\"" D2 "\"]}"

static const char full[] =
	"{" HEAD ROOTFS
	",\"created\":\"2026-01-02T03:04:05Z\",\"author\":\"me\",\"variant\":\"v2\","
	"\"config\":{\"User\":\"1:2\",\"Env\":[\"A=b\"],\"Cmd\":[\"sh\"],\"Entrypoint\":null,"
	"\"ExposedPorts\":{\"80/tcp\":{}},\"Volumes\":{\"/v\":{}},\"WorkingDir\":\"/w\","
	"\"Labels\":{\"k\":\"v\"},\"StopSignal\":\"SIGINT\",\"Healthcheck\":{\"Test\":[\"NONE\"]}},"
	"\"history\":[{\"created_by\":\"x\"},{\"empty_layer\":true},{\"comment\":\"c\"}]}";

static void check_full(const struct image_config *config)
{
	assert_string_equal(config->config.user, "1:2");
	assert_string_equal(config->config.env[0], "A=b");
	assert_string_equal(config->config.exposed_ports[0], "80/tcp");
	assert_string_equal(config->config.volumes[0], "/v");
	assert_string_equal(strmap_get(&config->config.labels, "k"), "v");
	assert_non_null(config->config.healthcheck);
	assert_null(config->config.entrypoint);
	assert_int_equal(strv_len(config->rootfs.diff_ids), 2);
	assert_int_equal(config->history_count, 3);
	assert_true(config->history[1].empty_layer);
}

static void every_field_is_read_and_written(void **state)
{
	AUTO(image_config_release) struct image_config config = {0};
	AUTO(image_config_release) struct image_config again = {0};
	struct error err = {0};
	autofree char *text = NULL;

	(void)state;
	if (image_config_parse(full, strlen(full), &config, &err) < 0)
		fail_msg("%s", err.text);
	check_full(&config);
	text = image_config_write(&config);
	assert_int_equal(image_config_parse(text, strlen(text), &again, NULL), 0);
	check_full(&again);
}

static void malformed_configurations_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"null",
		"{" HEAD "\"x\":1}",
		"{\"os\":\"linux\"," ROOTFS "}",
		"{" HEAD "\"rootfs\":{\"type\":\"other\",\"diff_ids\":[]}}",
		"{" HEAD "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:1\"]}}",
		"{" HEAD "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[3]}}",
		"{" HEAD "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]},\"history\":[{}]}",
		"{" HEAD ROOTFS ",\"config\":{\"Env\":\"A=b\"}}",
		"{" HEAD ROOTFS ",\"config\":{\"Cmd\":[\"a\\u0000b\"]}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct image_config config = {0};
		struct error err = {0};

		if (image_config_parse(bad[i], strlen(bad[i]), &config, &err) != -EBADMSG)
			fail_msg("case %zu was taken", i);
		assert_non_null(strstr(err.text, "image configuration"));
	}
}

static void chain_ids_follow_the_specification(void **state)
{
	char *diffs[] = {(char *)D1, (char *)D2, NULL};
	AUTO(strv_free) char **chain = chain_ids(diffs);
	autofree char *second = chain_id(D1, D2);
	autofree char *first = chain_id(NULL, D1);

	(void)state;
	assert_string_equal(first, D1);
	assert_string_equal(chain[0], D1);
	assert_string_equal(chain[1], second);
	/* printf '%s %s' D1 D2 | sha256sum */
	assert_string_equal(
		second, "sha256:9932074217c35353d2e03a3f5a86549f7c67bfeb0ba53e23d69f4d4c8f7958f5");
	assert_int_equal(strv_len(chain), 2);
	assert_null(chain_ids(NULL));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_read_and_written),
		cmocka_unit_test(malformed_configurations_are_refused),
		cmocka_unit_test(chain_ids_follow_the_specification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
