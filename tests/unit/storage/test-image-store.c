/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "storage/blob.h"
#include "storage/image-store.h"
#include "storage/layer.h"
#include "sys/file.h"

/* A layer with one file of that content; its ChainID is added to *@chain. */
static void add_layer(char ***chain, const char *content)
{
	assert_int_equal(
		support_commit((const struct support_entry[]){{.name = "f", .data = content}, {0}},
			chain, NULL),
		0);
}

/* Adds an image whose config is @config and whose manifest names one blob; returns its id. */
static char *add_image(const char *config, char *const *chain, const char *blob)
{
	autofree char *manifest = xasprintf("{\"layers\":[{\"digest\":\"%s\"}]}", blob ? blob : "");
	char *id = NULL;

	assert_int_equal(image_add(support_store(),
				 &(struct image_add_request){.config = config,
					 .config_len = strlen(config),
					 .manifest = manifest,
					 .manifest_len = strlen(manifest),
					 .layers = chain,
					 .created_ns = 5},
				 &id, NULL, NULL),
		0);
	return id;
}

static char *resolved(const char *text)
{
	AUTO(image_record_free) struct image_record *image = NULL;

	return image_resolve(support_store(), text, &image, NULL) == 0 ? xstrdup(image->id) : NULL;
}

static void names_resolve_as_people_type_them(void **state)
{
	AUTO(strv_free) char **chain = NULL;
	autofree char *a = NULL, *b = NULL, *c = NULL;
	AUTO(image_record_free) struct image_record *image = NULL;
	struct error err = {0};

	(void)state;
	add_layer(&chain, "x");
	a = add_image("{\"a\":1}", chain, NULL);
	b = add_image("{\"b\":1}", chain, NULL);
	c = add_image("{\"c\":1}", chain, NULL);
	assert_int_equal(
		image_tag(support_store(), "docker.io/library/x:latest", a, NULL, NULL), 0);
	assert_int_equal(image_tag(support_store(), "localhost/y:1", b, NULL, NULL), 0);
	assert_int_equal(image_tag(support_store(), "quay.io:443/deep/z:latest", c, NULL, NULL), 0);
	const struct {
		const char *text, *id;
	} cases[] = {
		{"x", a},
		{"library/x", a},
		{"docker.io/x", a},
		{"docker.io/library/x:latest", a},
		{"y:1", b},
		{"localhost/y:1", b},
		{"y", NULL},
		{"y:2", NULL},
		{"z", c},
		{"deep/z", c},
		{"quay.io:443/deep/z", c},
		{"quay.io/deep/z", NULL},
		{a, a},
		{"nothing", NULL},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *id = resolved(cases[i].text);

		if (!str_eq(id, cases[i].id))
			print_message("# %s\n", cases[i].text);
		assert_true(str_eq(id, cases[i].id));
	}
	assert_int_equal(image_resolve(support_store(), "nothing", &image, &err), -ENOENT);
	assert_string_equal(err.text, "nothing: image not known");
	assert_int_equal(image_resolve(support_store(), "../../etc", &image, &err), -EINVAL);
}

static void ids_resolve_by_unambiguous_prefix(void **state)
{
	AUTO(strv_free) char **chain = NULL;
	AUTO(image_record_free) struct image_record *image = NULL;
	autofree char *id = NULL, *full = NULL, *found = NULL, *again = NULL;

	(void)state;
	add_layer(&chain, "x");
	id = add_image("{\"a\":1}", chain, NULL);
	full = xasprintf("sha256:%.12s", id);
	found = resolved(full);
	assert_string_equal(found, id);
	full[7 + 4] = '\0';
	again = resolved(full + 7);
	assert_string_equal(again, id);
	/* 17 images: at least two begin with the same digit. */
	for (int i = 0; i < 17; i++) {
		autofree char *config = xasprintf("{\"n\":%d}", i);

		free(add_image(config, chain, NULL));
	}
	bool ambiguous = false;
	for (int i = 0; i < 16; i++) {
		autofree char *prefix = xasprintf("sha256:%x", i);

		ambiguous = ambiguous ||
			    image_resolve(support_store(), prefix, &image, NULL) == -EMLINK;
	}
	assert_true(ambiguous);
}

static void image_comes_back_byte_for_byte(void **state)
{
	AUTO(strv_free) char **chain = NULL;
	AUTO(image_record_free) struct image_record *image = NULL;
	autofree char *id = NULL, *digest = NULL, *by_digest = NULL, *found = NULL;

	(void)state;
	add_layer(&chain, "one");
	add_layer(&chain, "two");
	id = add_image("{ \"odd\"  : 1}", chain, "sha256:x");
	assert_int_equal(image_open(support_store(), id, &image, NULL), 0);
	assert_string_equal(image->config, "{ \"odd\"  : 1}");
	assert_string_equal(image->manifest, "{\"layers\":[{\"digest\":\"sha256:x\"}]}");
	digest = digest_of(image->manifest, image->manifest_len);
	assert_string_equal(image->digest, digest);
	assert_int_equal(strv_len(image->layers), 2);
	assert_string_equal(image->layers[1], chain[1]);
	assert_int_equal(image->size, 6);
	assert_int_equal(image->created_ns, 5);
	assert_int_equal(image_tag(support_store(), "a.b/c:t", id, NULL, NULL), 0);
	by_digest = xasprintf("a.b/c@%s", digest);
	found = resolved(by_digest);
	assert_string_equal(found, id);
}

static void list_has_names_and_skips_damage(void **state)
{
	AUTO(image_list_release) struct image_list list = {0};
	AUTO(strv_free) char **chain = NULL;
	autofree char *id = NULL, *broken = NULL, *path = NULL;

	(void)state;
	add_layer(&chain, "x");
	id = add_image("{\"a\":1}", chain, NULL);
	broken = add_image("{\"b\":1}", chain, NULL);
	path = xasprintf("images/%s/image.json", broken);
	file_write_at(support_store()->rootfd, path, "{}", 2, 0600, 0, NULL);
	image_tag(support_store(), "b.c/x:2", id, NULL, NULL);
	image_tag(support_store(), "b.c/x:1", id, NULL, NULL);
	assert_int_equal(image_list(support_store(), &list, NULL), 0);
	assert_int_equal(list.count, 1);
	assert_int_equal(strv_len(list.items[0]->names), 2);
	assert_string_equal(list.items[0]->names[0], "b.c/x:1");
	assert_int_equal(strv_len(list.items[0]->name_digests), 1);
	assert_int_equal(list.items[0]->size, 1);
	/* It can still be removed. */
	assert_int_equal(image_remove(support_store(), broken, NULL, NULL), 0);
}

static void tags_move_and_go(void **state)
{
	AUTO(strv_free) char **chain = NULL;
	autofree char *a = NULL, *b = NULL, *found = NULL;

	(void)state;
	add_layer(&chain, "x");
	a = add_image("{\"a\":1}", chain, NULL);
	b = add_image("{\"b\":1}", chain, NULL);
	image_tag(support_store(), "b.c/x:1", a, NULL, NULL);
	image_tag(support_store(), "b.c/x:1", b, NULL, NULL);
	found = resolved("b.c/x:1");
	assert_string_equal(found, b);
	assert_int_equal(image_untag(support_store(), "b.c/x:1", NULL), 1);
	assert_int_equal(image_untag(support_store(), "b.c/x:1", NULL), 0);
	assert_null(resolved("b.c/x:1"));
	assert_false(support_exists("names/b.c%x"));
	assert_int_equal(image_tag(support_store(), "b.c/x:1",
				 "0000000000000000000000000000000000000000000000000000000000000000",
				 NULL, NULL),
		-ENOENT);
}

static void removal_keeps_what_others_use(void **state)
{
	AUTO(strv_free) char **base = NULL, **both = NULL, **removed = NULL;
	autofree char *a = NULL, *b = NULL, *shared = NULL, *own = NULL;

	(void)state;
	blob_put(support_store(), "shared", 6, &shared, NULL);
	blob_put(support_store(), "own", 3, &own, NULL);
	add_layer(&base, "base");
	both = strv_dup(base);
	add_layer(&both, "top");
	a = add_image("{\"a\":1}", base, shared);
	b = add_image("{\"b\":1}", both, own);
	image_tag(support_store(), "b.c/x:1", b, NULL, NULL);
	assert_int_equal(image_remove(support_store(), b, &removed, NULL), 0);
	assert_int_equal(strv_len(removed), 1);
	assert_string_equal(removed[0], both[1]);
	assert_int_equal(layer_find(support_store(), base[0], NULL), 1);
	assert_int_equal(blob_find(support_store(), own, NULL, NULL), 0);
	assert_int_equal(blob_find(support_store(), shared, NULL, NULL), 1);
	assert_null(resolved("b.c/x:1"));
	assert_int_equal(image_remove(support_store(), b, NULL, NULL), -ENOENT);
}

static void garbage_goes_but_not_what_is_on_its_way(void **state)
{
	AUTO(strv_free) char **chain = NULL, **held = NULL;
	autofree char *fresh = NULL;
	int fd;

	(void)state;
	add_layer(&chain, "left by a killed pull");
	add_layer(&held, "of a running pull");
	blob_put(support_store(), "fresh", 5, &fresh, NULL);
	fd = layer_hold(support_store(), held[0], NULL);
	assert_int_equal(image_collect_garbage(support_store(), NULL), 0);
	assert_int_equal(layer_find(support_store(), chain[0], NULL), 0);
	assert_int_equal(layer_find(support_store(), held[0], NULL), 1);
	assert_int_equal(blob_find(support_store(), fresh, NULL, NULL), 1);
	close(fd);
}

static void vanished_layer_is_told(void **state)
{
	AUTO(strv_free) char **chain = NULL;
	struct error err = {0};

	(void)state;
	add_layer(&chain, "x");
	layer_remove(support_store(), chain[0], NULL);
	assert_int_equal(image_add(support_store(),
				 &(struct image_add_request){.config = "{}",
					 .config_len = 2,
					 .manifest = "{}",
					 .manifest_len = 2,
					 .layers = chain},
				 NULL, NULL, &err),
		-ESTALE);
	assert_false(support_exists("images/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060"
				    "f61caaff8a"));
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, support_store_setup, support_store_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_resolve_as_people_type_them),
		TEST(ids_resolve_by_unambiguous_prefix),
		TEST(image_comes_back_byte_for_byte),
		TEST(list_has_names_and_skips_damage),
		TEST(tags_move_and_go),
		TEST(removal_keeps_what_others_use),
		TEST(garbage_goes_but_not_what_is_on_its_way),
		TEST(vanished_layer_is_told),
	};

	return cmocka_run_group_tests(tests, support_enter_userns, NULL);
}
