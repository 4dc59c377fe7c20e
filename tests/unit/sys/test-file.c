/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/file.h"

static int make_dir(void **state)
{
	char path[] = "/tmp/test-file-XXXXXX";

	*state = xstrdup(mkdtemp(path));
	return *state ? 0 : -1;
}

static int remove_dir(void **state)
{
	int r = dir_remove_all_at(AT_FDCWD, *state, NULL);

	free(*state);
	return r;
}

static void symlinks_never_lead_out_of_a_root(void **state)
{
	autoclose int dir = dir_open_at(AT_FDCWD, *state, NULL);
	autofree char *text = NULL;
	autoclose int fd = -1;

	assert_int_equal(mkdirat(dir, "root", 0755), 0);
	assert_int_equal(file_write_at(dir, "secret", "outside", 7, 0600, 0, NULL), 0);
	assert_int_equal(file_write_at(dir, "root/secret", "inside", 6, 0600, 0, NULL), 0);
	assert_int_equal(symlinkat("../../../../secret", dir, "root/relative"), 0);
	assert_int_equal(symlinkat("/secret", dir, "root/absolute"), 0);
	close_fd(&dir);
	dir = open(*state, O_PATH | O_CLOEXEC);
	fd = openat(dir, "root", O_PATH | O_CLOEXEC);
	for (int i = 0; i < 2; i++) {
		autofree char *content = NULL;
		autoclose int file =
			root_open(fd, i ? "relative" : "absolute", O_RDONLY, 0, NULL);

		assert_true(file >= 0);
		assert_int_equal(fd_read_all(file, 100, &content, NULL, NULL), 0);
		assert_string_equal(content, "inside");
	}
	assert_int_equal(root_open(fd, "none", O_RDONLY, 0, NULL), -ENOENT);
}

static void files_are_replaced_whole(void **state)
{
	autoclose int dir = dir_open_at(AT_FDCWD, *state, NULL);
	AUTO(strv_free) char **names = NULL;
	autofree char *text = NULL;
	size_t len;

	assert_int_equal(file_write_at(dir, "f", "one", 3, 0600, 0, NULL), 0);
	assert_int_equal(file_write_at(dir, "f", "two", 3, 0600, FILE_WRITE_SYNC, NULL), 0);
	assert_int_equal(file_read_at(dir, "f", 3, &text, &len, NULL), 0);
	assert_string_equal(text, "two");
	assert_int_equal(file_read_at(dir, "f", 2, &text, &len, NULL), -EFBIG);
	assert_int_equal(file_write_at(dir, "no/f", "x", 1, 0600, 0, NULL), -ENOENT);
	assert_int_equal(dir_list_at(dir, ".", &names, NULL), 0);
	assert_int_equal(strv_len(names), 1); /* no temporary is left */
}

static void trees_are_removed_without_following_links(void **state)
{
	autoclose int dir = dir_open_at(AT_FDCWD, *state, NULL);
	struct stat st;

	assert_int_equal(file_write_at(dir, "kept", "x", 1, 0600, 0, NULL), 0);
	close(root_make_dirs(dir, "tree/a/b/c", 0700, NULL));
	assert_int_equal(symlinkat("../kept", dir, "tree/link"), 0);
	assert_int_equal(symlinkat("/tmp", dir, "tree/a/tmp"), 0);
	assert_int_equal(fchmodat(dir, "tree/a/b", 0, 0), 0);
	assert_int_equal(dir_remove_all_at(dir, "tree", NULL), 0);
	assert_int_equal(fstatat(dir, "tree", &st, 0), -1);
	assert_int_equal(fstatat(dir, "kept", &st, 0), 0);
	assert_int_equal(dir_remove_all_at(dir, "tree", NULL), 0);
}

static void trees_deeper_than_descriptors_are_removed(void **state)
{
	autoclose int dir = dir_open_at(AT_FDCWD, *state, NULL);
	autoclose int at = -1;
	struct stat st;

	assert_int_equal(mkdirat(dir, "deep", 0700), 0);
	at = dir_open_at(dir, "deep", NULL);
	for (int i = 0; i < 3000; i++) {
		int next;

		assert_int_equal(mkdirat(at, "d", 0700), 0);
		next = dir_open_at(at, "d", NULL);
		assert_true(next >= 0);
		close(at);
		at = next;
	}
	assert_int_equal(dir_remove_all_at(dir, "deep", NULL), 0);
	assert_int_equal(fstatat(dir, "deep", &st, 0), -1);
}

static void what_a_killed_writer_left_is_written_over_or_removed(void **state)
{
	autoclose int dir = dir_open_at(AT_FDCWD, *state, NULL);
	AUTO(strv_free) char **names = NULL;
	autofree char *text = NULL;

	assert_int_equal(file_write_at(dir, ".tmp-name", "left", 4, 0600, 0, NULL), 0);
	assert_int_equal(file_write_at(dir, "name", "new", 3, 0600, FILE_WRITE_LOCKED, NULL), 0);
	assert_int_equal(file_read_at(dir, "name", 64, &text, NULL, NULL), 0);
	assert_string_equal(text, "new");
	assert_int_equal(file_write_at(dir, ".tmp-name", "left", 4, 0600, 0, NULL), 0);
	assert_int_equal(file_remove_at(dir, "name", NULL), 0);
	assert_int_equal(file_remove_at(dir, "name", NULL), 0);
	assert_int_equal(dir_list_at(dir, ".", &names, NULL), 0);
	assert_int_equal(strv_len(names), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			symlinks_never_lead_out_of_a_root, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(files_are_replaced_whole, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			what_a_killed_writer_left_is_written_over_or_removed, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			trees_are_removed_without_following_links, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			trees_deeper_than_descriptors_are_removed, make_dir, remove_dir),
	};

	return cmocka_run_group_tests_name("sys/file", tests, NULL, NULL);
}
