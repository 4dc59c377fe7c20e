/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "image/manifest.h"

#define D1 "sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define D2 "sha256:2222222222222222222222222222222222222222222222222222222222222222"
#define DESC(type, digest, size) \
	"{\"mediaType\":\"" type "\",\"digest\":\"" digest "\",\"size\":" size "}"
#define CONFIG "\"config\":" DESC(MEDIA_OCI_CONFIG, D1, "10")
#define LAYERS "\"layers\":[" DESC(MEDIA_OCI_LAYER_GZIP, D2, "20") "]"
#define V2 "\"schemaVersion\":2,"
#define TYPE(type) "\"mediaType\":\"" type "\","
#define GOOD "{" V2 TYPE(MEDIA_OCI_MANIFEST) CONFIG "," LAYERS "}"

static void manifests_of_both_families_are_read(void **state)
{
	static const struct {
		const char *text, *content_type;
		const char *type;
	} cases[] = {
		{GOOD, MEDIA_OCI_MANIFEST, MEDIA_OCI_MANIFEST},
		{GOOD, NULL, MEDIA_OCI_MANIFEST},
		{GOOD, "text/plain", MEDIA_OCI_MANIFEST},
		{"{" V2 CONFIG "," LAYERS "}", MEDIA_OCI_MANIFEST "; charset=utf-8",
			MEDIA_OCI_MANIFEST},
		{"{" V2 CONFIG "," LAYERS "}", NULL, MEDIA_OCI_MANIFEST},
		{"{" V2 TYPE(MEDIA_DOCKER_MANIFEST) CONFIG "," LAYERS "}", MEDIA_DOCKER_MANIFEST,
			MEDIA_DOCKER_MANIFEST},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(manifest_release) struct manifest manifest = {0};
		struct error err = {0};

		if (manifest_parse(cases[i].text, strlen(cases[i].text), cases[i].content_type,
			    &manifest, &err) < 0)
			fail_msg("case %zu: %s", i, err.text);
		assert_string_equal(manifest.media_type, cases[i].type);
		assert_string_equal(manifest.config.digest, D1);
		assert_int_equal(manifest.layer_count, 1);
		assert_int_equal(manifest.layers[0].size, 20);
	}
}

static void malformed_manifests_are_refused(void **state)
{
	static const struct {
		const char *text, *content_type;
		int code;
	} cases[] = {
		{"", NULL, EBADMSG},
		{"[]", NULL, EBADMSG},
		{"{}", NULL, EBADMSG},
		{"{" V2 "\"x\":1}", NULL, EBADMSG},
		{"{\"schemaVersion\":1}", NULL, EPROTONOSUPPORT},
		{"{\"schemaVersion\":3," CONFIG "," LAYERS "}", NULL, EBADMSG},
		{"{" CONFIG "," LAYERS "}", NULL, EBADMSG},
		{"{" V2 LAYERS "}", MEDIA_OCI_MANIFEST, EBADMSG},
		{"{" V2 "\"manifests\":[]," CONFIG "," LAYERS "}", NULL, EBADMSG},
		{GOOD, MEDIA_OCI_INDEX, EBADMSG},
		{GOOD, MEDIA_DOCKER_MANIFEST, EBADMSG},
		{GOOD, MEDIA_DOCKER_SCHEMA1_SIGNED, EPROTONOSUPPORT},
		{"{" V2 TYPE("application/x") CONFIG "," LAYERS "}", NULL, EPROTONOSUPPORT},
		{"{" V2 "\"config\":" DESC("application/x", D1, "1") "," LAYERS "}", NULL,
			EPROTONOSUPPORT},
		{"{" V2 CONFIG ",\"layers\":[" DESC("application/x", D2, "1") "]}", NULL,
			EPROTONOSUPPORT},
		{"{" V2 CONFIG ",\"layers\":[" DESC(MEDIA_OCI_LAYER, "sha256:12", "1") "]}", NULL,
			EBADMSG},
		{"{" V2 CONFIG ",\"layers\":[" DESC(MEDIA_OCI_LAYER, D2, "-1") "]}", NULL, EBADMSG},
		{"{" V2 CONFIG ",\"layers\":[" DESC(MEDIA_OCI_LAYER, D2, "\"1\"") "]}", NULL,
			EBADMSG},
		{"{" V2 CONFIG ",\"layers\":[{}]}", NULL, EBADMSG},
		{"{" V2 "\"config\":" DESC(MEDIA_OCI_CONFIG, D1, "99999999") "," LAYERS "}", NULL,
			EBADMSG},
		{"{" V2 "\"manifests\":[]}", NULL, EBADMSG},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct manifest manifest = {0};
		struct error err = {0};
		int r = manifest_parse(cases[i].text, strlen(cases[i].text), cases[i].content_type,
			&manifest, &err);

		if (r != -cases[i].code)
			fail_msg("case %zu: %d %s", i, r, err.text);
		assert_true(err.text[0]);
	}
}

static void layer_count_has_a_limit(void **state)
{
	AUTO(strbuf_release) struct strbuf buf = STRBUF_INIT;
	struct manifest manifest = {0};

	(void)state;
	strbuf_adds(&buf, "{" V2 CONFIG ",\"layers\":[");
	for (int i = 0; i <= MANIFEST_MAX_LAYERS; i++)
		strbuf_addf(&buf, "%s%s", i ? "," : "", DESC(MEDIA_OCI_LAYER, D2, "1"));
	strbuf_adds(&buf, "]}");
	assert_int_equal(manifest_parse(buf.data, buf.len, NULL, &manifest, NULL), -EBADMSG);
}

static void written_manifest_reads_the_same(void **state)
{
	AUTO(manifest_release) struct manifest manifest = {0};
	AUTO(manifest_release) struct manifest again = {0};
	autofree char *text = NULL;

	(void)state;
	assert_int_equal(manifest_parse(GOOD, strlen(GOOD), NULL, &manifest, NULL), 0);
	text = manifest_write(&manifest);
	assert_int_equal(manifest_parse(text, strlen(text), MEDIA_OCI_MANIFEST, &again, NULL), 0);
	assert_string_equal(again.layers[0].digest, manifest.layers[0].digest);
}

#define ENTRY(digest, extra) \
	"{\"mediaType\":\"" MEDIA_OCI_MANIFEST "\",\"digest\":\"" digest "\",\"size\":3" extra "}"
#define PLATFORM(os, arch, more) \
	",\"platform\":{\"os\":\"" os "\",\"architecture\":\"" arch "\"" more "}"

static void entry_for_platform_is_selected(void **state)
{
	static const struct {
		const char *entries, *want, *digest;
	} cases[] = {
		{ENTRY(D1, PLATFORM("linux", "amd64", "")) "," ENTRY(
			 D2, PLATFORM("linux", "arm64", ",\"variant\":\"v8\"")),
			"linux/arm64", D2},
		{ENTRY(D1, PLATFORM("linux", "amd64", "")) "," ENTRY(
			 D2, PLATFORM("linux", "amd64", "")),
			"linux/amd64", D1},
		{ENTRY(D1, PLATFORM("unknown", "unknown", "")) "," ENTRY(
			 D2, PLATFORM("linux", "amd64", "")),
			"linux/amd64", D2},
		{ENTRY(D1, PLATFORM("linux", "arm", ",\"variant\":\"v6\"")) "," ENTRY(
			 D2, PLATFORM("linux", "arm", ",\"variant\":\"v7\"")),
			"linux/arm/v7", D2},
		{ENTRY(D1, ""), "linux/amd64", D1},
		{ENTRY(D1, "") "," ENTRY(D2, PLATFORM("linux", "arm64", "")), "linux/amd64", NULL},
		{ENTRY(D1, PLATFORM("linux", "amd64", "") ",\"annotations\":{"
							  "\"vnd.docker.reference.type\":\"x\"}"),
			"linux/amd64", NULL},
		{DESC("application/x", D1, "1"), "linux/amd64", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(platform_release) struct platform want = {0};
		AUTO(index_release) struct index index = {0};
		autofree char *text = xasprintf("{" V2 "\"manifests\":[%s]}", cases[i].entries);
		struct error err = {0};
		const struct descriptor *entry;

		assert_int_equal(platform_parse(cases[i].want, &want, NULL), 0);
		if (index_parse(text, strlen(text), NULL, &index, &err) < 0)
			fail_msg("case %zu: %s", i, err.text);
		entry = index_select(&index, &want, &err);
		if (!str_eq(entry ? entry->digest : NULL, cases[i].digest))
			fail_msg("case %zu: %s", i, entry ? entry->digest : err.text);
		if (!entry)
			assert_non_null(strstr(err.text, "no image for platform linux/amd64"));
	}
}

static void media_type_is_named(void **state)
{
	const char *type = NULL;
	const char *index = "{" V2 "\"manifests\":[]}";

	(void)state;
	assert_int_equal(manifest_media_type(GOOD, strlen(GOOD), NULL, &type, NULL), 0);
	assert_string_equal(type, MEDIA_OCI_MANIFEST);
	assert_int_equal(manifest_media_type(index, strlen(index), NULL, &type, NULL), 0);
	assert_string_equal(type, MEDIA_OCI_INDEX);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(manifests_of_both_families_are_read),
		cmocka_unit_test(malformed_manifests_are_refused),
		cmocka_unit_test(layer_count_has_a_limit),
		cmocka_unit_test(written_manifest_reads_the_same),
		cmocka_unit_test(entry_for_platform_is_selected),
		cmocka_unit_test(media_type_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
