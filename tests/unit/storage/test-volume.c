/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/volume.h"
#include "sys/file.h"

static int create(const char *name, struct volume **ret, struct error *err)
{
	return volume_create(
		support_store(), &(struct volume_create_request){.name = name}, ret, err);
}

static void volume_is_made_once(void **state)
{
	AUTO(volume_free) struct volume *volume = NULL, *opened = NULL, *second = NULL;
	struct error err = {0};
	struct strmap labels = {0};

	(void)state;
	strmap_set(&labels, "k", "v");
	assert_int_equal(volume_create(support_store(),
				 &(struct volume_create_request){.name = "data", .labels = &labels},
				 &volume, NULL),
		0);
	strmap_release(&labels);
	assert_int_equal(create("data", &second, &err), -EEXIST);
	assert_string_equal(
		err.text, "volume with name data already exists: volume already exists");
	assert_int_equal(volume_open(support_store(), "data", &opened, NULL), 0);
	assert_string_equal(strmap_get(&opened->labels, "k"), "v");
	assert_int_equal(opened->created_ns, volume->created_ns);
	assert_true(str_has_suffix(opened->mountpoint, "/root/volumes/data/_data"));
	assert_false(opened->anonymous);
	assert_int_equal(volume_ensure(support_store(),
				 &(struct volume_create_request){.name = "data"}, &second, NULL),
		0);
}

static void missing_volume_names_itself(void **state)
{
	struct volume *volume = NULL;
	struct error err = {0};

	(void)state;
	assert_int_equal(volume_open(support_store(), "data", &volume, &err), -ENOENT);
	assert_string_equal(err.text, "no volume with name \"data\" found: no such volume");
	assert_int_equal(volume_remove(support_store(), "data", NULL), -ENOENT);
}

static void names_that_are_paths_are_refused(void **state)
{
	static const char *const bad[] = {"", ".", "..", "a/b", "-a", ".a", "a b", "a\n", NULL};
	struct volume *volume = NULL;

	(void)state;
	for (size_t i = 0; bad[i]; i++) {
		assert_int_equal(create(bad[i], &volume, NULL), -EINVAL);
		assert_int_equal(volume_open(support_store(), bad[i], &volume, NULL), -EINVAL);
		assert_int_equal(volume_remove(support_store(), bad[i], NULL), -EINVAL);
	}
	assert_int_equal(volume_check_name("a_b.c-9", NULL), 0);
}

static void prefixes_resolve_when_they_are_unambiguous(void **state)
{
	AUTO(volume_free) struct volume *a = NULL, *b = NULL;
	autofree char *name = NULL;

	(void)state;
	create("ab", &a, NULL);
	create("abc", &b, NULL);
	assert_int_equal(volume_resolve(support_store(), "a", &name, NULL), -EMLINK);
	assert_int_equal(volume_resolve(support_store(), "x", &name, NULL), -ENOENT);
	assert_int_equal(volume_resolve(support_store(), "ab", &name, NULL), 0);
	assert_string_equal(name, "ab");
	free(take_ptr(name));
	assert_int_equal(volume_resolve(support_store(), "abc", &name, NULL), 0);
}

static void prune_spares_what_is_used(void **state)
{
	AUTO(volume_list_release) struct volume_list list = {0};
	AUTO(volume_free) struct volume *a = NULL, *b = NULL;
	AUTO(strv_free) char **removed = NULL;
	char *used[] = {(char[]){"a"}, NULL};
	uint64_t bytes = 0;

	(void)state;
	create("a", &a, NULL);
	create("b", &b, NULL);
	file_write_at(b->datafd, "f", "12345", 5, 0600, 0, NULL);
	assert_int_equal(volume_prune(support_store(), used, &removed, &bytes, NULL), 0);
	assert_int_equal(strv_len(removed), 1);
	assert_string_equal(removed[0], "b");
	assert_int_equal(bytes, 5);
	assert_int_equal(volume_list(support_store(), &list, NULL), 0);
	assert_int_equal(list.count, 1);
}

static void anonymous_volume_has_a_long_name(void **state)
{
	AUTO(volume_free) struct volume *volume = NULL;

	(void)state;
	assert_int_equal(create(NULL, &volume, NULL), 0);
	assert_int_equal(strlen(volume->name), 64);
	assert_true(volume->anonymous);
}

/* The directory of an image that a volume is mounted on. */
static int image_dir(mode_t mode)
{
	autofree char *path = support_path("image");

	mkdir(path, 0755);
	chmod(path, mode);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void first_use_brings_the_images_content(void **state)
{
	AUTO(volume_free) struct volume *volume = NULL;
	autoclose int source = image_dir(02750);
	struct stat st;

	(void)state;
	create("v", &volume, NULL);
	file_write_at(source, "f", "x", 1, 0640, 0, NULL);
	assert_int_equal(volume_copy_up(volume->datafd, source, NULL), 0);
	assert_int_equal(fstat(volume->datafd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 02750);
	assert_int_equal(fstatat(volume->datafd, "f", &st, 0), 0);
	/* It has content now: nothing is brought a second time. */
	file_write_at(source, "g", "x", 1, 0640, 0, NULL);
	assert_int_equal(volume_copy_up(volume->datafd, source, NULL), 0);
	assert_true(fstatat(volume->datafd, "g", &st, 0) < 0);
}

/* As a container that is killed in the midst of it leaves the volume. */
static void killed_copy_is_completed(void **state)
{
	AUTO(volume_free) struct volume *volume = NULL;
	autoclose int source = image_dir(0755);
	struct stat st;

	(void)state;
	create("v", &volume, NULL);
	file_write_at(source, "f", "whole", 5, 0640, 0, NULL);
	file_write_at(source, "g", "x", 1, 0640, 0, NULL);
	file_write_at(support_store()->rootfd, "volumes/v/copying", "", 0, 0600, 0, NULL);
	file_write_at(volume->datafd, "f", "wh", 2, 0600, 0, NULL);
	file_write_at(volume->datafd, "somebody's", "x", 1, 0600, 0, NULL);
	assert_int_equal(volume_copy_up(volume->datafd, source, NULL), 0);
	assert_true(fstatat(volume->datafd, "f", &st, 0) == 0 && st.st_size == 5);
	assert_int_equal(fstatat(volume->datafd, "g", &st, 0), 0);
	assert_int_equal(fstatat(volume->datafd, "somebody's", &st, 0), 0);
	assert_false(support_exists("volumes/v/copying"));
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, support_store_setup, support_store_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(volume_is_made_once),
		TEST(missing_volume_names_itself),
		TEST(names_that_are_paths_are_refused),
		TEST(prefixes_resolve_when_they_are_unambiguous),
		TEST(prune_spares_what_is_used),
		TEST(anonymous_volume_has_a_long_name),
		TEST(first_use_brings_the_images_content),
		TEST(killed_copy_is_completed),
	};

	return cmocka_run_group_tests(tests, support_enter_userns, NULL);
}
