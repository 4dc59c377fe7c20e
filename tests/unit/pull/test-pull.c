/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/pull.h"

#include <errno.h>

#include "../storage/support.h"
#include "base/digest.h"
#include "fake-registry.h"
#include "image/chain-id.h"
#include "image/config.h"
#include "image/manifest.h"
#include "storage/blob.h"
#include "storage/image-store.h"
#include "storage/layer.h"

/* Layers of an image under construction. */
struct layers {
	char *digests[4]; /* of the blobs */
	char *diffs[4];
	size_t sizes[4];
	size_t count;
};

static int set_up_group(void **state)
{
	int r = support_enter_userns(state);

	return r ? r : registry_global_init(NULL);
}

static int set_up(void **state)
{
	int r = support_store_setup(state);

	if (r == 0)
		*state = fake_registry_start();
	return r;
}

static int tear_down(void **state)
{
	fake_registry_stop(*state);
	return support_store_teardown(state);
}

/* One more layer, of one file, served as a blob. */
static void add_layer(struct fake_registry *registry, struct layers *layers, const char *name,
	const char *content)
{
	AUTO(strbuf_release)
	struct strbuf tar =
		support_tar((const struct support_entry[]){{.name = name, .data = content}, {0}});

	layers->digests[layers->count] = fake_put_blob(registry, "t/x", tar.data, tar.len);
	layers->diffs[layers->count] = xstrdup(layers->digests[layers->count]);
	layers->sizes[layers->count++] = tar.len;
}

static void auto_layers_release(struct layers *layers)
{
	for (size_t i = 0; i < layers->count; i++) {
		free(layers->digests[i]);
		free(layers->diffs[i]);
	}
}

static char *config_text(const struct layers *layers)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	AUTO(platform_release) struct platform host = {0};

	platform_host(&host);
	strbuf_addf(&text,
		"{\"architecture\":\"%s\",\"os\":\"linux\",\"config\":{},"
		"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[",
		host.architecture);
	for (size_t i = 0; i < layers->count; i++)
		strbuf_addf(&text, "%s\"%s\"", i ? "," : "", layers->diffs[i]);
	strbuf_adds(&text, "]}}");
	return strbuf_take(&text);
}

/* Serves the image as t/x:@tag; returns the manifest's digest, @ret_id the image's id. */
static char *put_image(
	struct fake_registry *registry, const struct layers *layers, const char *tag, char **ret_id)
{
	autofree char *config = config_text(layers);
	autofree char *config_digest = fake_put_blob(registry, "t/x", config, strlen(config));
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text,
		"{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{\"mediaType\":\"%s\","
		"\"digest\":\"%s\",\"size\":%zu},\"layers\":[",
		MEDIA_OCI_MANIFEST, MEDIA_OCI_CONFIG, config_digest, strlen(config));
	for (size_t i = 0; i < layers->count; i++)
		strbuf_addf(&text, "%s{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu}",
			i ? "," : "", MEDIA_OCI_LAYER, layers->digests[i], layers->sizes[i]);
	strbuf_adds(&text, "]}");
	if (ret_id)
		*ret_id = xstrdup(digest_hex(config_digest));
	return fake_put_manifest(registry, "t/x", tag, MEDIA_OCI_MANIFEST, strbuf_get(&text));
}

static int pull_with(struct fake_registry *registry, const char *what, enum pull_policy policy,
	struct pull_result *ret, struct error *err)
{
	AUTO(progress_free) struct progress *progress = progress_new(-1, PROGRESS_QUIET);
	autofree char *name = xasprintf("docker://%s/t/x%s", registry->host, what);
	struct registry_options options = {.tls_verify = TRISTATE_FALSE, .retries = 1};
	struct pull_request request = {
		.store = support_store(),
		.reference = name,
		.policy = policy,
		.registry = &options,
		.progress = progress,
	};

	return pull_image(&request, ret, err);
}

static void must_pull(struct fake_registry *registry, const char *what, const char *id)
{
	AUTO(pull_result_release) struct pull_result result = {0};
	struct error err = {0};

	if (pull_with(registry, what, PULL_ALWAYS, &result, &err) < 0)
		fail_msg("%s", error_text(&err));
	assert_string_equal(result.image_id, id);
}

/* Nothing but blobs may be left, and complete ones only where they are good. */
static void must_fail_keeping(
	size_t blobs, struct fake_registry *registry, const char *what, int code, const char *words)
{
	AUTO(pull_result_release) struct pull_result result = {0};
	struct error err = {0};

	assert_int_equal(pull_with(registry, what, PULL_ALWAYS, &result, &err), code);
	if (!strstr(error_text(&err), words))
		fail_msg("\"%s\" is not in: %s", words, error_text(&err));
	assert_null(strchr(error_text(&err), '\n'));
	assert_int_equal(support_count("images"), 0);
	assert_int_equal(support_count("layers"), 0);
	assert_int_equal(support_count("staging"), 0);
	assert_int_equal(support_count("blobs/sha256"), blobs);
}

static void must_fail(struct fake_registry *registry, const char *what, int code, const char *words)
{
	must_fail_keeping(0, registry, what, code, words);
}

static void image_has_its_names_and_layers(void **state)
{
	struct fake_registry *registry = *state;
	AUTO(layers_release) struct layers layers = {0};
	AUTO(image_record_free) struct image_record *image = NULL;
	AUTO(strv_free) char **chains = NULL;
	autofree char *id = NULL;
	autofree char *digest = NULL;
	autofree char *tag = xasprintf("%s/t/x:one", registry->host);
	autofree char *by_digest = NULL;

	add_layer(registry, &layers, "a", "first");
	add_layer(registry, &layers, "b", "second");
	digest = put_image(registry, &layers, "one", &id);
	must_pull(registry, ":one", id);
	by_digest = xasprintf("%s/t/x@%s", registry->host, digest);
	assert_int_equal(image_resolve(support_store(), tag, &image, NULL), 0);
	assert_string_equal(image->digest, digest);
	chains = chain_ids(layers.diffs);
	assert_int_equal(strv_len(image->layers), 2);
	assert_string_equal(image->layers[1], chains[1]);
	assert_int_equal(layer_find(support_store(), chains[1], NULL), 1);
	image_record_free(take_ptr(image));
	assert_int_equal(image_resolve(support_store(), by_digest, &image, NULL), 0);
}

static void nothing_is_fetched_twice(void **state)
{
	struct fake_registry *registry = *state;
	AUTO(layers_release) struct layers layers = {0};
	AUTO(layers_release) struct layers turned = {0};
	autofree char *id = NULL;
	autofree char *turned_id = NULL;

	add_layer(registry, &layers, "a", "first");
	add_layer(registry, &layers, "b", "second");
	free(put_image(registry, &layers, "one", &id));
	must_pull(registry, ":one", id);
	must_pull(registry, ":one", id);
	/* The same blobs the other way round: other layers, unpacked from disk. */
	add_layer(registry, &turned, "b", "second");
	add_layer(registry, &turned, "a", "first");
	for (size_t i = 0; i < 2; i++)
		fake_blob(registry, "t/x", turned.digests[i])->hits = 0;
	free(put_image(registry, &turned, "two", &turned_id));
	must_pull(registry, ":two", turned_id);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(fake_blob(registry, "t/x", turned.digests[i])->hits, 0);
	assert_int_equal(support_count("layers"), 4);
}

static void same_blob_twice_in_one_image(void **state)
{
	struct fake_registry *registry = *state;
	AUTO(layers_release) struct layers layers = {0};
	autofree char *id = NULL;

	add_layer(registry, &layers, "a", "first");
	add_layer(registry, &layers, "b", "second");
	add_layer(registry, &layers, "a", "first");
	free(put_image(registry, &layers, "one", &id));
	must_pull(registry, ":one", id);
	assert_int_equal(fake_blob(registry, "t/x", layers.digests[0])->hits, 1);
	assert_int_equal(support_count("layers"), 3);
}

static void image_without_layers(void **state)
{
	struct fake_registry *registry = *state;
	struct layers layers = {0};
	autofree char *id = NULL;

	free(put_image(registry, &layers, "one", &id));
	must_pull(registry, ":one", id);
}

static void wrong_bytes_are_refused_and_not_kept(void **state)
{
	struct fake_registry *registry = *state;
	AUTO(layers_release) struct layers layers = {0};
	autofree char *id = NULL;
	struct fake_route *route;

	add_layer(registry, &layers, "a", "first");
	add_layer(registry, &layers, "b", "second");
	free(put_image(registry, &layers, "one", &id));
	route = fake_blob(registry, "t/x", layers.digests[1]);
	route->body[512] ^= 1;
	/* The other blob is good, and is kept. */
	must_fail_keeping(1, registry, ":one", -EBADMSG, layers.digests[1]);
	route->body[512] ^= 1;
	must_pull(registry, ":one", id);
}

static void broken_transfer_goes_on_where_it_was(void **state)
{
	struct fake_registry *registry = *state;
	AUTO(layers_release) struct layers layers = {0};
	autofree char *content = xcalloc(1, 300001);
	autofree char *id = NULL;
	struct fake_route *route;
	AUTO(pull_result_release) struct pull_result result = {0};

	memset(content, 'x', 300000);
	add_layer(registry, &layers, "a", content);
	free(put_image(registry, &layers, "one", &id));
	route = fake_blob(registry, "t/x", layers.digests[0]);
	route->cut = 200000;
	assert_true(pull_with(registry, ":one", PULL_ALWAYS, &result, NULL) < 0);
	assert_int_equal(support_count("images"), 0);
	route->cut = 0;
	route->range = 0;
	must_pull(registry, ":one", id);
	assert_int_equal(route->range, 200000);
}

static void damaged_partial_blob_is_fetched_anew(void **state)
{
	struct fake_registry *registry = *state;
	AUTO(layers_release) struct layers layers = {0};
	AUTO(blob_writer_free) struct blob_writer *writer = NULL;
	autofree char *id = NULL;

	add_layer(registry, &layers, "a", "first");
	free(put_image(registry, &layers, "one", &id));
	assert_int_equal(
		blob_writer_new(support_store(), layers.digests[0], layers.sizes[0], &writer, NULL),
		0);
	assert_int_equal(blob_writer_write(writer, "not these bytes", 15, NULL), 0);
	blob_writer_free(take_ptr(writer));
	must_pull(registry, ":one", id);
}

static void diff_id_must_be_what_the_config_says(void **state)
{
	struct fake_registry *registry = *state;
	AUTO(layers_release) struct layers layers = {0};

	add_layer(registry, &layers, "a", "first");
	add_layer(registry, &layers, "b", "second");
	free(layers.diffs[1]);
	layers.diffs[1] = digest_of("other", 5);
	free(put_image(registry, &layers, "one", NULL));
	must_fail_keeping(1, registry, ":one", -EBADMSG, layers.digests[1]);
}

static void layer_that_is_no_archive(void **state)
{
	struct fake_registry *registry = *state;
	AUTO(layers_release) struct layers layers = {.count = 1, .sizes = {9000}};
	char junk[9000];

	for (size_t i = 0; i < sizeof(junk); i++)
		junk[i] = (char)(i * i * 7 + 3);
	layers.digests[0] = fake_put_blob(registry, "t/x", junk, sizeof(junk));
	layers.diffs[0] = xstrdup(layers.digests[0]);
	free(put_image(registry, &layers, "one", NULL));
	must_fail(registry, ":one", -EBADMSG, layers.digests[0]);
}

static void empty_blob_is_an_empty_layer(void **state)
{
	struct fake_registry *registry = *state;
	AUTO(layers_release) struct layers layers = {.count = 1};
	autofree char *id = NULL;

	layers.digests[0] = fake_put_blob(registry, "t/x", "", 0);
	layers.diffs[0] = xstrdup(layers.digests[0]);
	free(put_image(registry, &layers, "one", &id));
	must_pull(registry, ":one", id);
}

static void size_that_the_manifest_lies_about(void **state)
{
	static const int lies[] = {-512, 512};
	struct fake_registry *registry = *state;

	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		AUTO(layers_release) struct layers layers = {0};

		add_layer(registry, &layers, "a", "first");
		layers.sizes[0] += (size_t)lies[i];
		free(put_image(registry, &layers, "one", NULL));
		must_fail(registry, ":one", -EBADMSG, layers.digests[0]);
	}
}

static void size_of_a_present_blob_is_checked_too(void **state)
{
	struct fake_registry *registry = *state;
	AUTO(layers_release) struct layers layers = {0};
	AUTO(pull_result_release) struct pull_result result = {0};
	autofree char *id = NULL;
	struct error err = {0};

	add_layer(registry, &layers, "a", "first");
	free(put_image(registry, &layers, "one", &id));
	must_pull(registry, ":one", id);
	layers.sizes[0] += 5;
	free(put_image(registry, &layers, "two", NULL));
	assert_int_equal(pull_with(registry, ":two", PULL_ALWAYS, &result, &err), -EBADMSG);
	assert_non_null(strstr(error_text(&err), layers.digests[0]));
	assert_non_null(strstr(error_text(&err), "where the manifest says"));
}

static void config_and_manifest_must_agree_on_layers(void **state)
{
	struct fake_registry *registry = *state;
	AUTO(layers_release) struct layers layers = {0};
	autofree char *manifest = NULL;
	autofree char *config = NULL;
	autofree char *config_digest = NULL;

	add_layer(registry, &layers, "a", "first");
	config = config_text(&layers);
	config_digest = fake_put_blob(registry, "t/x", config, strlen(config));
	manifest = xasprintf("{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{"
			     "\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu},\"layers\":[]}",
		MEDIA_OCI_MANIFEST, MEDIA_OCI_CONFIG, config_digest, strlen(config));
	free(fake_put_manifest(registry, "t/x", "one", MEDIA_OCI_MANIFEST, manifest));
	must_fail(registry, ":one", -EBADMSG, "names 1 layers where the manifest has 0");
}

static void index_leads_to_the_platform(void **state)
{
	struct fake_registry *registry = *state;
	AUTO(layers_release) struct layers layers = {0};
	AUTO(platform_release) struct platform host = {0};
	AUTO(image_record_free) struct image_record *image = NULL;
	autofree char *id = NULL;
	autofree char *digest = NULL;
	autofree char *index = NULL;
	autofree char *index_digest = NULL;
	autofree char *path = NULL;
	autofree char *name = NULL;
	struct fake_route *manifest = NULL;

	platform_host(&host);
	add_layer(registry, &layers, "a", "first");
	digest = put_image(registry, &layers, NULL, &id);
	path = xasprintf("/v2/t/x/manifests/%s", digest);
	for (size_t i = 0; i < registry->count; i++) {
		if (str_eq(registry->routes[i].path, path))
			manifest = &registry->routes[i];
	}
	assert_non_null(manifest);
	index = xasprintf("{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[{"
			  "\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu,\"platform\":{"
			  "\"os\":\"linux\",\"architecture\":\"%s\"}}]}",
		MEDIA_OCI_INDEX, MEDIA_OCI_MANIFEST, digest, manifest->len, host.architecture);
	index_digest = fake_put_manifest(registry, "t/x", "one", MEDIA_OCI_INDEX, index);
	must_pull(registry, ":one", id);
	name = xasprintf("%s/t/x@%s", registry->host, index_digest);
	assert_int_equal(image_resolve(support_store(), name, &image, NULL), 0);
	assert_string_equal(image->digest, digest);
}

static void missing_image_and_malformed_name(void **state)
{
	struct fake_registry *registry = *state;

	must_fail(registry, ":none", -ENOENT, "manifest unknown");
	must_fail(registry, ":bad tag", -EINVAL, "bad tag: invalid reference");
	must_fail(registry, "/UPPER", -EINVAL, "UPPER");
}

static void other_transports_are_named(void **state)
{
	struct pull_request request = {.store = support_store(), .reference = "oci:dir"};
	struct pull_result result;
	struct error err = {0};

	(void)state;
	assert_int_equal(pull_image(&request, &result, &err), -EINVAL);
	assert_non_null(strstr(error_text(&err), "transport oci is not supported"));
}

static void policies_ask_the_registry_when_they_should(void **state)
{
	struct fake_registry *registry = *state;
	AUTO(layers_release) struct layers layers = {0};
	AUTO(pull_result_release) struct pull_result result = {0};
	autofree char *id = NULL;
	struct error err = {0};
	enum pull_policy policy;

	assert_int_equal(pull_with(registry, ":one", PULL_NEVER, &result, &err), -ENOENT);
	assert_non_null(strstr(error_text(&err), "image not known"));
	add_layer(registry, &layers, "a", "first");
	free(put_image(registry, &layers, "one", &id));
	assert_int_equal(pull_with(registry, ":one", PULL_MISSING, &result, NULL), 0);
	pull_result_release(&result);
	/* The registry forgets everything: only "always" may fail. */
	registry->count = 0;
	for (policy = PULL_MISSING; policy <= PULL_NEVER; policy++) {
		assert_int_equal(pull_with(registry, ":one", policy, &result, NULL), 0);
		assert_string_equal(result.image_id, id);
		pull_result_release(&result);
	}
	assert_true(pull_with(registry, ":one", PULL_ALWAYS, &result, NULL) < 0);
}

static void policy_names(void **state)
{
	enum pull_policy policy = PULL_ALWAYS;

	(void)state;
	assert_int_equal(pull_policy_parse("newer", &policy), 0);
	assert_int_equal(policy, PULL_NEWER);
	assert_int_equal(pull_policy_parse("sometimes", &policy), -EINVAL);
	assert_int_equal(policy, PULL_NEWER);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(image_has_its_names_and_layers),
		CASE(nothing_is_fetched_twice),
		CASE(same_blob_twice_in_one_image),
		CASE(image_without_layers),
		CASE(wrong_bytes_are_refused_and_not_kept),
		CASE(broken_transfer_goes_on_where_it_was),
		CASE(damaged_partial_blob_is_fetched_anew),
		CASE(diff_id_must_be_what_the_config_says),
		CASE(layer_that_is_no_archive),
		CASE(empty_blob_is_an_empty_layer),
		CASE(size_that_the_manifest_lies_about),
		CASE(size_of_a_present_blob_is_checked_too),
		CASE(config_and_manifest_must_agree_on_layers),
		CASE(index_leads_to_the_platform),
		CASE(missing_image_and_malformed_name),
		CASE(other_transports_are_named),
		CASE(policies_ask_the_registry_when_they_should),
		cmocka_unit_test(policy_names),
	};

	return cmocka_run_group_tests(tests, set_up_group, NULL);
}
