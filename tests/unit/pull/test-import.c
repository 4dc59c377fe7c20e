/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/import.h"

#include <errno.h>

#include "../storage/support.h"
#include "base/digest.h"
#include "image/config.h"
#include "image/manifest.h"
#include "storage/image-store.h"
#include "storage/layer.h"

/* An archive of one file. */
static struct strbuf make_tar(void)
{
	return support_tar((const struct support_entry[]){{.name = "a", .data = "content"}, {0}});
}

static int import(
	int fd, const char *reference, char *const *changes, char **ret_id, struct error *err)
{
	struct import_request request = {
		.store = support_store(),
		.fd = fd,
		.reference = reference,
		.changes = changes,
	};

	return import_image(&request, ret_id, err);
}

static void tar_becomes_an_image_with_a_local_name(void **state)
{
	AUTO(image_record_free) struct image_record *image = NULL;
	AUTO(image_config_release) struct image_config config = {0};
	AUTO(manifest_release) struct manifest manifest = {0};
	char *changes[] = {"CMD [\"sh\",\"-c\"]", "ENV A=b", NULL};
	AUTO(strbuf_release) struct strbuf tar = make_tar();
	autofree char *digest = digest_of(tar.data, tar.len);
	autofree char *id = NULL;
	autoclose int fd = support_input(tar.data, tar.len);
	struct error err = {0};

	(void)state;
	if (import(fd, "new", changes, &id, &err) < 0)
		fail_msg("%s", error_text(&err));
	assert_int_equal(image_resolve(support_store(), "localhost/new:latest", &image, NULL), 0);
	assert_string_equal(image->id, id);
	assert_int_equal(image_config_parse(image->config, image->config_len, &config, NULL), 0);
	assert_string_equal(config.config.cmd[0], "sh");
	assert_string_equal(config.config.env[0], "A=b");
	assert_string_equal(config.rootfs.diff_ids[0], digest);
	assert_string_equal(config.history[0].comment, "imported from tarball");
	assert_int_equal(
		manifest_parse(image->manifest, image->manifest_len, NULL, &manifest, NULL), 0);
	assert_string_equal(manifest.layers[0].digest, digest);
	assert_string_equal(manifest.layers[0].media_type, MEDIA_OCI_LAYER);
	assert_int_equal(manifest.layers[0].size, tar.len);
	assert_int_equal(layer_find(support_store(), digest, NULL), 1);
}

static void empty_and_malformed_input_leave_nothing(void **state)
{
	char junk[5000];
	struct error err = {0};
	autofree char *id = NULL;

	(void)state;
	memset(junk, 'j', sizeof(junk));
	for (size_t len = 0; len <= sizeof(junk); len += sizeof(junk)) {
		autoclose int fd = support_input(junk, len);

		assert_int_equal(import(fd, "new", NULL, &id, &err), -EBADMSG);
		assert_null(id);
		assert_int_equal(support_count("images"), 0);
		assert_int_equal(support_count("layers"), 0);
		assert_int_equal(support_count("staging"), 0);
		assert_int_equal(support_count("blobs/sha256"), 0);
	}
}

static void bad_request_fails_before_the_tar_is_read(void **state)
{
	char *changes[] = {"FROM x", NULL};
	AUTO(strbuf_release) struct strbuf tar = make_tar();
	autofree char *id = NULL;
	autofree char *by_digest = NULL;
	autofree char *digest = digest_of("x", 1);
	autoclose int fd = support_input(tar.data, tar.len);

	(void)state;
	by_digest = xasprintf("new@%s", digest);
	assert_int_equal(import(fd, "Bad Name", NULL, &id, NULL), -EINVAL);
	assert_int_equal(import(fd, by_digest, NULL, &id, NULL), -EINVAL);
	assert_int_equal(import(fd, "new", changes, &id, NULL), -EINVAL);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
}

int main(void)
{
#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, support_store_setup, support_store_teardown)
	const struct CMUnitTest tests[] = {
		CASE(tar_becomes_an_image_with_a_local_name),
		CASE(empty_and_malformed_input_leave_nothing),
		CASE(bad_request_fails_before_the_tar_is_read),
	};

	return cmocka_run_group_tests(tests, support_enter_userns, NULL);
}
