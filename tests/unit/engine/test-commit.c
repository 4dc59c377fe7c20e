/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "engine/commit-image.h"

#define DIGEST "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const char base_config[] =
	"{\"architecture\":\"amd64\",\"os\":\"linux\",\"author\":\"old\",\"config\":{\"Env\":[\"A="
	"1\",\"TERM=dumb\"],"
	"\"Cmd\":[\"old\"],\"Healthcheck\":{\"Test\":[\"CMD\",\"true\"]},\"Labels\":{\"k\":\"v\"}},"
	"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" DIGEST "\"]},"
	"\"history\":[{\"created_by\":\"a\"},{\"created_by\":\"b\",\"empty_layer\":true},{"
	"\"created_by\":\"c\","
	"\"empty_layer\":true}]}";

static void parse(struct image_config *config)
{
	struct error err = {0};

	if (image_config_parse(base_config, sizeof(base_config) - 1, config, &err) < 0)
		fail_msg("%s", err.text);
}

static char *const env[] = {(char *)"PATH=/bin", (char *)"A=2", (char *)"TERM=xterm",
	(char *)"HOSTNAME=x", (char *)"MINE=3", (char *)"http_proxy=http://secret",
	(char *)"container=coracle", NULL};

static void container_options_become_defaults(void **state)
{
	AUTO(image_config_release) struct image_config config = {0};
	char *command[] = {(char *)"run", (char *)"it", NULL}, *exposed[] = {(char *)"80", NULL};
	struct strmap_item label = {.key = (char *)"l", .value = (char *)"w"};
	const struct container_record record = {
		.command = command,
		.working_dir = (char *)"/w",
		.user = (char *)"me",
		.stop_signal = (char *)"SIGTERM",
		.image = (char *)"base",
		.exposed = exposed,
		.labels = {.items = &label, .count = 1},
	};
	const struct engine_commit commit = {.docker = true, .message = "why"};
	struct error err = {0};

	(void)state;
	parse(&config);
	assert_int_equal(commit_config(&config, &record, env, &commit, 1000000000, &err), 0);
	commit_config_layer(&config, &record, &commit, DIGEST);
	assert_string_equal(config.config.cmd[0], "run");
	assert_null(config.config.entrypoint);
	assert_string_equal(config.config.user, "me");
	assert_string_equal(config.config.working_dir, "/w");
	assert_null(config.config.stop_signal);
	assert_string_equal(config.config.exposed_ports[0], "80/tcp");
	assert_int_equal(config.config.labels.count, 2);
	/* What the image had keeps its name; what every container gets does not come in. */
	assert_int_equal(strv_len(config.config.env), 4);
	assert_string_equal(strv_env_get(config.config.env, "A"), "2");
	assert_string_equal(strv_env_get(config.config.env, "TERM"), "xterm");
	assert_string_equal(strv_env_get(config.config.env, "MINE"), "3");
	assert_non_null(config.config.healthcheck);
	assert_string_equal(config.author, "old");
	assert_int_equal(config.history_count, 4);
	assert_string_equal(config.history[3].created_by, "run it");
	assert_string_equal(config.history[3].comment, "why");
	assert_int_equal(strv_len(config.rootfs.diff_ids), 2);
}

static void squashed_image_has_one_layer_and_one_line(void **state)
{
	AUTO(image_config_release) struct image_config config = {0};
	const struct container_record record = {.image = (char *)"base"};
	const struct engine_commit commit = {.squash = true, .author = "me"};
	struct error err = {0};

	(void)state;
	parse(&config);
	assert_int_equal(commit_config(&config, &record, NULL, &commit, 0, &err), 0);
	commit_config_layer(&config, &record, &commit, DIGEST);
	assert_int_equal(strv_len(config.rootfs.diff_ids), 1);
	assert_int_equal(config.history_count, 1);
	assert_string_equal(config.history[0].comment, "FROM base");
	assert_string_equal(config.history[0].author, "me");
	/* OCI's format knows no health checks. */
	assert_null(config.config.healthcheck);
}

static void bad_change_is_refused(void **state)
{
	AUTO(image_config_release) struct image_config config = {0};
	const struct container_record record = {.image = (char *)"base"};
	char *changes[] = {(char *)"CMD x", (char *)"NONSENSE y", NULL};
	const struct engine_commit commit = {.changes = changes};

	(void)state;
	parse(&config);
	assert_int_equal(commit_config(&config, &record, NULL, &commit, 0, NULL), -EINVAL);
}

static void expect_manifest(const char *type, bool docker, const char *expected, const char *top)
{
	struct descriptor layer = {.media_type = (char *)type, .digest = (char *)DIGEST, .size = 5};
	const struct manifest base = {.layers = &layer, .layer_count = 1};
	const struct packed_layer packed = {
		.digest = (char *)DIGEST, .media_type = MEDIA_OCI_LAYER_GZIP, .size = 7};
	AUTO(manifest_release) struct manifest manifest = {0};
	autofree char *text = NULL;
	struct error err = {0};

	assert_int_equal(commit_manifest(&base, &packed, "{}", docker, &text, &err), 0);
	assert_int_equal(manifest_parse(text, strlen(text), NULL, &manifest, &err), 0);
	assert_string_equal(
		manifest.media_type, docker ? MEDIA_DOCKER_MANIFEST : MEDIA_OCI_MANIFEST);
	assert_int_equal(manifest.layer_count, 2);
	assert_string_equal(manifest.layers[0].media_type, expected);
	assert_int_equal(manifest.layers[0].size, 5);
	assert_string_equal(manifest.layers[1].media_type, top);
}

static void layers_get_the_names_of_the_format(void **state)
{
	(void)state;
	expect_manifest(MEDIA_OCI_LAYER, false, MEDIA_OCI_LAYER, MEDIA_OCI_LAYER_GZIP);
	expect_manifest(MEDIA_DOCKER_LAYER_GZIP, false, MEDIA_OCI_LAYER_GZIP, MEDIA_OCI_LAYER_GZIP);
	expect_manifest(
		MEDIA_OCI_LAYER_GZIP, true, MEDIA_DOCKER_LAYER_GZIP, MEDIA_DOCKER_LAYER_GZIP);
	expect_manifest(MEDIA_OCI_LAYER_ZSTD, true,
		"application/vnd.docker.image.rootfs.diff.tar.zstd", MEDIA_DOCKER_LAYER_GZIP);
	expect_manifest("application/vnd.oci.image.layer.v1.tar+xz", false,
		"application/vnd.oci.image.layer.v1.tar+xz", MEDIA_OCI_LAYER_GZIP);
}

static void layer_without_a_name_in_the_format_is_refused(void **state)
{
	struct descriptor layer = {
		.media_type = (char *)"application/vnd.oci.image.layer.v1.tar+xz",
		.digest = (char *)DIGEST,
		.size = 5};
	const struct manifest base = {.layers = &layer, .layer_count = 1};
	const struct packed_layer packed = {
		.digest = (char *)DIGEST, .media_type = MEDIA_OCI_LAYER, .size = 7};
	char *text = NULL;

	(void)state;
	assert_int_equal(commit_manifest(&base, &packed, "{}", true, &text, NULL), -ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(container_options_become_defaults),
		cmocka_unit_test(squashed_image_has_one_layer_and_one_line),
		cmocka_unit_test(bad_change_is_refused),
		cmocka_unit_test(layers_get_the_names_of_the_format),
		cmocka_unit_test(layer_without_a_name_in_the_format_is_refused),
	};

	return cmocka_run_group_tests_name("commit", tests, NULL, NULL);
}
