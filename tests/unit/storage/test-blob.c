/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/digest.h"
#include "storage/blob.h"
#include "sys/file.h"

#define TEXT "hello blob"
#define LEN (sizeof(TEXT) - 1)

static void blob_comes_back_as_it_was(void **state)
{
	struct store *store = support_store();
	autofree char *digest = NULL, *text = NULL;
	uint64_t size = 0;
	size_t len;

	(void)state;
	assert_int_equal(blob_put(store, TEXT, LEN, &digest, NULL), 0);
	assert_int_equal(blob_find(store, digest, &size, NULL), 1);
	assert_int_equal(size, LEN);
	assert_int_equal(blob_read(store, digest, 100, &text, &len, NULL), 0);
	assert_string_equal(text, TEXT);
	assert_int_equal(blob_put(store, TEXT, LEN, NULL, NULL), 0);
	assert_int_equal(blob_remove(store, digest, NULL), 0);
	assert_int_equal(blob_find(store, digest, NULL, NULL), 0);
	assert_int_equal(blob_remove(store, digest, NULL), 0);
}

static void wrong_content_never_gets_a_name(void **state)
{
	struct store *store = support_store();
	autofree char *digest = digest_of("other", 5);
	autofree char *partial = xasprintf("partial/%s", digest_hex(digest));
	struct blob_writer *writer = NULL;
	struct error err = {0};

	(void)state;
	assert_int_equal(blob_writer_new(store, digest, LEN, &writer, &err), 0);
	assert_int_equal(blob_writer_write(writer, TEXT, LEN, &err), 0);
	assert_int_equal(blob_writer_commit(writer, NULL, &err), -EBADMSG);
	assert_int_equal(blob_find(store, digest, NULL, NULL), 0);
	assert_false(support_exists(partial));
}

static void lying_sizes_are_refused(void **state)
{
	struct store *store = support_store();
	autofree char *digest = digest_of(TEXT, LEN);
	struct blob_writer *writer = NULL;
	struct error err = {0};

	(void)state;
	assert_int_equal(blob_writer_new(store, digest, 4, &writer, &err), 0);
	assert_int_equal(blob_writer_write(writer, TEXT, LEN, &err), -EFBIG);
	blob_writer_free(writer);
	assert_int_equal(blob_writer_new(store, digest, LEN + 1, &writer, &err), 0);
	assert_int_equal(blob_writer_write(writer, TEXT, LEN, &err), 0);
	assert_int_equal(blob_writer_commit(writer, NULL, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "instead of the announced"));
}

static void broken_transfer_goes_on_where_it_stopped(void **state)
{
	struct store *store = support_store();
	autofree char *digest = digest_of(TEXT, LEN);
	struct blob_writer *writer = NULL;

	(void)state;
	assert_int_equal(blob_writer_new(store, digest, LEN, &writer, NULL), 0);
	assert_int_equal(blob_writer_write(writer, TEXT, 4, NULL), 0);
	blob_writer_free(writer);
	assert_int_equal(blob_writer_new(store, digest, LEN, &writer, NULL), 0);
	assert_int_equal(blob_writer_offset(writer), 4);
	assert_int_equal(blob_writer_write(writer, &TEXT[4], LEN - 4, NULL), 0);
	assert_int_equal(blob_writer_commit(writer, NULL, NULL), 0);
	assert_int_equal(blob_find(store, digest, NULL, NULL), 1);
	assert_int_equal(blob_writer_new(store, digest, LEN, &writer, NULL), 0);
	assert_null(writer);
}

static void partial_blob_of_another_boot_starts_anew(void **state)
{
	struct store *store = support_store();
	autofree char *digest = digest_of(TEXT, LEN);
	autofree char *owner = xasprintf("partial/%s.owner", digest_hex(digest));
	autofree char *partial = xasprintf("partial/%s", digest_hex(digest));
	struct blob_writer *writer = NULL;

	(void)state;
	file_write_at(store->rootfd, owner, "00000000", 8, 0600, 0, NULL);
	file_write_at(store->rootfd, partial, "hell", 4, 0600, 0, NULL);
	assert_int_equal(blob_writer_new(store, digest, LEN, &writer, NULL), 0);
	assert_int_equal(blob_writer_offset(writer), 0);
	blob_writer_free(writer);
}

static void unknown_digest_is_found_while_writing(void **state)
{
	struct store *store = support_store();
	autofree char *digest = NULL;
	autofree char *want = digest_of(TEXT, LEN);
	struct blob_writer *writer = NULL;
	AUTO(strv_free) char **left = NULL;

	(void)state;
	assert_int_equal(blob_writer_anonymous(store, &writer, NULL), 0);
	assert_int_equal(blob_writer_write(writer, TEXT, LEN, NULL), 0);
	assert_int_equal(blob_writer_commit(writer, &digest, NULL), 0);
	assert_string_equal(digest, want);
	assert_int_equal(blob_find(store, digest, NULL, NULL), 1);
	dir_list_at(store->rootfd, "staging", &left, NULL);
	assert_int_equal(strv_len(left), 0);
}

static void torn_blob_is_noticed_until_it_is_sealed(void **state)
{
	struct store *store = support_store();
	autofree char *digest = NULL;
	autofree char *path = NULL;

	(void)state;
	blob_put(store, TEXT, LEN, &digest, NULL);
	path = xasprintf("blobs/sha256/%s", digest_hex(digest));
	file_write_at(store->rootfd, path, "\0\0\0", 3, 0600, 0, NULL);
	assert_int_equal(blob_find(store, digest, NULL, NULL), 0);
	assert_false(support_exists(path));
	blob_put(store, TEXT, LEN, NULL, NULL);
	blob_seal(store, digest);
	assert_int_equal(blob_find(store, digest, NULL, NULL), 1);
}

static void digests_that_are_paths_are_refused(void **state)
{
	static const char *const bad[] = {"", "sha256:", "sha256:../../etc/passwd", "md5:00",
		"sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", NULL};

	(void)state;
	for (size_t i = 0; bad[i]; i++) {
		struct blob_writer *writer = NULL;

		assert_int_equal(blob_find(support_store(), bad[i], NULL, NULL), -EINVAL);
		assert_int_equal(blob_open(support_store(), bad[i], NULL), -EINVAL);
		assert_int_equal(
			blob_writer_new(support_store(), bad[i], 1, &writer, NULL), -EINVAL);
	}
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, support_store_setup, support_store_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(blob_comes_back_as_it_was),
		TEST(wrong_content_never_gets_a_name),
		TEST(lying_sizes_are_refused),
		TEST(broken_transfer_goes_on_where_it_stopped),
		TEST(partial_blob_of_another_boot_starts_anew),
		TEST(unknown_digest_is_found_while_writing),
		TEST(torn_blob_is_noticed_until_it_is_sealed),
		TEST(digests_that_are_paths_are_refused),
	};

	return cmocka_run_group_tests(tests, support_enter_userns, NULL);
}
