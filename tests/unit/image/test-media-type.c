/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image/manifest.h"

static void parameters_and_case_do_not_matter(void **state)
{
	(void)state;
	assert_true(media_type_is_index(MEDIA_OCI_INDEX "; charset=utf-8"));
	assert_true(media_type_is_manifest("APPLICATION/vnd.oci.image.manifest.v1+json"));
	assert_false(media_type_is_manifest(MEDIA_OCI_MANIFEST "x"));
	assert_false(media_type_is_manifest(NULL));
}

static void families_are_told_apart(void **state)
{
	(void)state;
	assert_true(media_type_is_index(MEDIA_DOCKER_LIST));
	assert_false(media_type_is_index(MEDIA_DOCKER_MANIFEST));
	assert_true(media_type_is_schema1(MEDIA_DOCKER_SCHEMA1_SIGNED));
	assert_true(media_type_is_config(MEDIA_DOCKER_CONFIG));
	assert_true(media_type_is_layer(MEDIA_OCI_LAYER_ZSTD));
	assert_true(media_type_is_layer(MEDIA_DOCKER_LAYER_GZIP));
	assert_false(media_type_is_layer(MEDIA_OCI_LAYER "+encrypted"));
	assert_false(media_type_is_layer("application/vnd.oci.empty.v1+json"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_and_case_do_not_matter),
		cmocka_unit_test(families_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
