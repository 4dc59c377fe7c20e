/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "image/chain-id.h"
#include "image/config.h"
#include "storage/layer-unpack.h"
#include "storage/tree.h"
#include "sys/file.h"

static bool stat_in(const char *chain_id, const char *name, struct stat *st)
{
	autofree char *path = xasprintf("layers/%s/diff/%s", digest_hex(chain_id), name);

	return fstatat(support_store()->rootfd, path, st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void layer_is_found_by_its_chain_id(void **state)
{
	AUTO(strv_free) char **chain = NULL;
	AUTO(layer_info_free) struct layer_info *info = NULL;
	autofree char *second = NULL;

	(void)state;
	assert_int_equal(
		support_commit((const struct support_entry[]){{.name = "a"}, {0}}, &chain, NULL),
		0);
	assert_int_equal(
		support_commit((const struct support_entry[]){{.name = "b"}, {0}}, &chain, NULL),
		0);
	assert_int_equal(layer_find(support_store(), chain[0], NULL), 1);
	assert_int_equal(layer_read(support_store(), chain[1], &info, NULL), 0);
	assert_string_equal(info->parent, chain[0]);
	second = chain_id(chain[0], info->diff_id);
	assert_string_equal(second, chain[1]);
	assert_int_equal(layer_remove(support_store(), chain[1], NULL), 1);
	assert_int_equal(layer_find(support_store(), chain[1], NULL), 0);
	assert_int_equal(layer_remove(support_store(), chain[1], NULL), 0);
}

static void committing_twice_keeps_the_first(void **state)
{
	AUTO(strv_free) char **first = NULL, **again = NULL;

	(void)state;
	assert_int_equal(
		support_commit((const struct support_entry[]){{.name = "a"}, {0}}, &first, NULL),
		0);
	assert_int_equal(
		support_commit((const struct support_entry[]){{.name = "a"}, {0}}, &again, NULL),
		0);
	assert_string_equal(first[0], again[0]);
	assert_int_equal(support_count("staging"), 0);
}

static void wrong_diff_id_is_refused(void **state)
{
	AUTO(layer_unpacked_free) struct layer_unpacked *layer = NULL;
	autofree char *other = digest_of("other", 5);
	autoclose int fd = support_input("", 0);
	struct error err = {0};

	(void)state;
	assert_int_equal(layer_unpack_fd(support_store(), fd, NULL, &layer, NULL), 0);
	assert_int_equal(layer_commit(layer, NULL, other, NULL, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "the image configuration says"));
}

static void hard_link_to_a_lower_file_brings_it_along(void **state)
{
	AUTO(strv_free) char **chain = NULL;
	struct stat target, link;

	(void)state;
	assert_int_equal(
		support_commit(
			(const struct support_entry[]){{.name = "d", .type = '5', .mode = 0711},
				{.name = "d/f", .data = "text", .mode = 0750}, {0}},
			&chain, NULL),
		0);
	assert_int_equal(support_commit(
				 (const struct support_entry[]){
					 {.name = "link", .type = '1', .link = "d/f"}, {0}},
				 &chain, NULL),
		0);
	assert_true(stat_in(chain[1], "d/f", &target));
	assert_true(stat_in(chain[1], "link", &link));
	assert_int_equal(target.st_ino, link.st_ino);
	assert_int_equal(link.st_mode & 0777, 0750);
	assert_int_equal(link.st_mtim.tv_sec, 1700000000);
	assert_true(stat_in(chain[1], "d", &target));
	assert_int_equal(target.st_mode & 0777, 0711);
	assert_int_equal(target.st_mtim.tv_sec, 1700000000);
}

static void directories_of_a_link_and_its_target_keep_their_times(void **state)
{
	static const char *const dirs[] = {"a", "a/b", "listed", "links"};
	AUTO(strv_free) char **chain = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(
		support_commit((const struct support_entry[]){{.name = "a", .type = '5'},
				       {.name = "a/b", .type = '5'}, {.name = "a/b/f", .data = "x"},
				       {.name = "listed", .type = '5'},
				       {.name = "listed/f", .data = "x"}, {0}},
			&chain, NULL),
		0);
	assert_int_equal(
		support_commit((const struct support_entry[]){{.name = "links", .type = '5'},
				       {.name = "links/1", .type = '1', .link = "a/b/f"},
				       {.name = "listed", .type = '5'},
				       {.name = "links/2", .type = '1', .link = "listed/f"}, {0}},
			&chain, NULL),
		0);
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		assert_true(stat_in(chain[1], dirs[i], &st));
		assert_int_equal(st.st_mtim.tv_sec, 1700000000);
	}
}

static void hard_link_to_nothing_is_refused(void **state)
{
	AUTO(strv_free) char **chain = NULL;
	struct error err = {0};

	(void)state;
	assert_int_equal(
		support_commit((const struct support_entry[]){{.name = "f", .data = "x"}, {0}},
			&chain, NULL),
		0);
	assert_int_equal(support_commit((const struct support_entry[]){{.name = ".wh.f"}, {0}},
				 &chain, NULL),
		0);
	/* The file is two layers down, but hidden. */
	assert_int_equal(support_commit(
				 (const struct support_entry[]){
					 {.name = "l", .type = '1', .link = "f"}, {0}},
				 &chain, &err),
		-EBADMSG);
	assert_non_null(strstr(err.text, "in this layer or below"));
	assert_int_equal(support_count("staging"), 0);
}

/* The layer has something else where the lower one has the directories of a link's target. */
static void parents_of_a_link_target_stay_in_the_layer(void **state)
{
	AUTO(strv_free) char **base = NULL;
	autofree char *outside = support_path("outside");
	const struct support_entry replacements[] = {{.name = "a", .type = '2', .link = outside},
		{.name = "a", .data = "file"}, {.name = ".wh.a"}};

	(void)state;
	mkdir(outside, 0755);
	assert_int_equal(
		support_commit(
			(const struct support_entry[]){{.name = "a/b/c/f", .data = "text"}, {0}},
			&base, NULL),
		0);
	for (size_t i = 0; i < 2 * ARRAY_SIZE(replacements); i++) {
		AUTO(strv_free) char **chain = strv_dup(base);
		struct support_entry link = {.name = "l", .type = '1', .link = "a/b/c/f"};
		struct support_entry other = replacements[i / 2];
		struct stat st;

		assert_int_equal(support_commit((const struct support_entry[]){i % 2 ? link : other,
							i % 2 ? other : link, {0}},
					 &chain, NULL),
			0);
		assert_true(stat_in(chain[1], "l", &st) && st.st_size == 4);
	}
	/* Nothing was made where the symlink leads on the host. */
	assert_int_equal(rmdir(outside), 0);
}

static void unlisted_directories_look_like_those_below(void **state)
{
	AUTO(strv_free) char **chain = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(
		support_commit(
			(const struct support_entry[]){{.name = "./", .type = '5', .mode = 0751},
				{.name = "tmp", .type = '5', .mode = 01777},
				{.name = "listed", .type = '5', .mode = 0700}, {0}},
			&chain, NULL),
		0);
	assert_int_equal(
		support_commit((const struct support_entry[]){{.name = "tmp/x", .data = "x"},
				       {.name = "listed/x", .data = "x"},
				       {.name = "listed", .type = '5', .mode = 0711}, {0}},
			&chain, NULL),
		0);
	assert_true(stat_in(chain[1], "tmp", &st));
	assert_int_equal(st.st_mode & 07777, 01777);
	assert_int_equal(st.st_mtim.tv_sec, 1700000000);
	assert_true(stat_in(chain[1], "listed", &st));
	assert_int_equal(st.st_mode & 07777, 0711);
	assert_true(stat_in(chain[1], ".", &st));
	assert_int_equal(st.st_mode & 07777, 0751);
}

/* What a lower layer has stays hidden; other whiteouts would be names that nobody can open. */
static void whiteouts_that_hide_nothing_are_dropped(void **state)
{
	static const char *const kept[] = {"f", "d/f", "d/sub"};
	static const char *const dropped[] = {
		"none", "d/none", "never/there", "f2/below", "op/f", "op/sub/f", "opposite"};
	AUTO(strv_free) char **chain = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(
		support_commit(
			(const struct support_entry[]){{.name = "f", .data = "x"},
				{.name = "f2", .data = "x"}, {.name = "d/f", .data = "x"},
				{.name = "d/sub/f", .data = "x"}, {.name = "op/f", .data = "x"},
				{.name = "op/sub/f", .data = "x"}, {0}},
			&chain, NULL),
		0);
	assert_int_equal(
		support_commit(
			(const struct support_entry[]){{.name = ".wh.f"}, {.name = ".wh.none"},
				{.name = "d", .type = '5'}, {.name = "d/.wh.f"},
				{.name = "d/.wh.sub"}, {.name = "d/.wh.none"},
				{.name = "never/.wh.there"}, {.name = "f2/.wh.below"},
				{.name = "op/.wh.f"}, {.name = "op/sub/.wh.f"},
				{.name = "op/.wh..wh..opq"}, {.name = ".wh.opposite"},
				{.name = "new/.wh.file"}, {.name = "new/file", .data = "x"}, {0}},
			&chain, NULL),
		0);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		assert_true(stat_in(chain[1], kept[i], &st) && tree_is_whiteout(&st));
	for (size_t i = 0; i < ARRAY_SIZE(dropped); i++)
		assert_false(stat_in(chain[1], dropped[i], &st));
	assert_true(stat_in(chain[1], "new/file", &st) && S_ISREG(st.st_mode));
	assert_true(stat_in(chain[1], "d", &st));
	assert_int_equal(st.st_mtim.tv_sec, 1700000000);
}

/* A name that a middle layer has hidden already. */
static void whiteouts_of_what_is_hidden_are_dropped(void **state)
{
	AUTO(strv_free) char **chain = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(
		support_commit((const struct support_entry[]){{.name = "d/f", .data = "x"}, {0}},
			&chain, NULL),
		0);
	assert_int_equal(support_commit((const struct support_entry[]){{.name = ".wh.d"}, {0}},
				 &chain, NULL),
		0);
	assert_int_equal(support_commit((const struct support_entry[]){{.name = "d/.wh.f"}, {0}},
				 &chain, NULL),
		0);
	assert_false(stat_in(chain[2], "d/f", &st));
	assert_true(stat_in(chain[2], "d", &st) && S_ISDIR(st.st_mode));
}

static void held_layer_is_not_removed(void **state)
{
	AUTO(strv_free) char **chain = NULL;
	int held;

	(void)state;
	assert_int_equal(
		support_commit((const struct support_entry[]){{.name = "a"}, {0}}, &chain, NULL),
		0);
	held = layer_hold(support_store(), chain[0], NULL);
	assert_true(held >= 0);
	assert_int_equal(layer_remove(support_store(), chain[0], NULL), 0);
	assert_int_equal(layer_find(support_store(), chain[0], NULL), 1);
	close(held);
	assert_int_equal(layer_remove(support_store(), chain[0], NULL), 1);
	assert_int_equal(layer_hold(support_store(), chain[0], NULL), -ENOENT);
}

static void committed_layer_is_held(void **state)
{
	AUTO(strbuf_release)
	struct strbuf tar = support_tar((const struct support_entry[]){{.name = "a"}, {0}});
	int held[2];

	(void)state;
	/* The first makes the layer, the second finds it made. */
	for (int i = 0; i < 2; i++) {
		AUTO(layer_unpacked_free) struct layer_unpacked *layer = NULL;
		autoclose int fd = support_input(tar.data, tar.len);

		assert_int_equal(layer_unpack_fd(support_store(), fd, NULL, &layer, NULL), 0);
		held[i] = layer_commit(layer, NULL, NULL, NULL, NULL);
		assert_true(held[i] >= 0);
	}
	for (int i = 0; i < 2; i++) {
		AUTO(strv_free) char **ids = NULL;

		assert_int_equal(layer_list(support_store(), &ids, NULL), 0);
		assert_int_equal(layer_remove(support_store(), ids[0], NULL), 0);
		close(held[i]);
		assert_int_equal(layer_remove(support_store(), ids[0], NULL), i);
	}
}

static void torn_layer_of_another_boot_is_dropped(void **state)
{
	AUTO(strv_free) char **chain = NULL, **again = NULL;
	autofree char *path = NULL, *text = NULL;
	char *boot;

	(void)state;
	assert_int_equal(
		support_commit((const struct support_entry[]){{.name = "a"}, {0}}, &chain, NULL),
		0);
	path = xasprintf("layers/%s/layer.json", digest_hex(chain[0]));
	file_read_at(support_store()->rootfd, path, 4096, &text, NULL, NULL);
	boot = strstr(text, "bootId");
	assert_non_null(boot);
	boot = strchr(boot + 8, '"');
	memcpy(boot + 1, "zzzzzzzz", 8);
	file_write_at(support_store()->rootfd, path, text, strlen(text), 0600, 0, NULL);
	assert_int_equal(layer_find(support_store(), chain[0], NULL), 0);
	assert_int_equal(
		support_commit((const struct support_entry[]){{.name = "a"}, {0}}, &again, NULL),
		0);
	assert_string_equal(again[0], chain[0]);
}

static void ids_that_are_paths_are_refused(void **state)
{
	(void)state;
	assert_int_equal(layer_find(support_store(), "sha256:../..", NULL), -EINVAL);
	assert_int_equal(layer_open_diff(support_store(), "..", NULL), -EINVAL);
	assert_int_equal(layer_remove(support_store(), "", NULL), -EINVAL);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, support_store_setup, support_store_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(layer_is_found_by_its_chain_id),
		TEST(committing_twice_keeps_the_first),
		TEST(wrong_diff_id_is_refused),
		TEST(hard_link_to_a_lower_file_brings_it_along),
		TEST(directories_of_a_link_and_its_target_keep_their_times),
		TEST(hard_link_to_nothing_is_refused),
		TEST(parents_of_a_link_target_stay_in_the_layer),
		TEST(unlisted_directories_look_like_those_below),
		TEST(whiteouts_that_hide_nothing_are_dropped),
		TEST(whiteouts_of_what_is_hidden_are_dropped),
		TEST(held_layer_is_not_removed),
		TEST(committed_layer_is_held),
		TEST(torn_layer_of_another_boot_is_dropped),
		TEST(ids_that_are_paths_are_refused),
	};

	return cmocka_run_group_tests(tests, support_enter_userns, NULL);
}
