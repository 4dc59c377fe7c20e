/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "sys/file.h"
#include "sys/tree-size.h"

static int new_dir(char *template)
{
	assert_non_null(mkdtemp(template));
	return open(template, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void add_file(int dirfd, const char *name, size_t size)
{
	autofree char *text = xcalloc(size + 1, 1);

	assert_int_equal(file_write_at(dirfd, name, text, size, 0600, 0, NULL), 0);
}

static void files_count_once_and_links_are_not_followed(void **state)
{
	char template[] = "/tmp/tree-size.XXXXXX";
	autoclose int dirfd = new_dir(template);
	uint64_t bytes = 0;

	(void)state;
	mkdirat(dirfd, "top", 0700);
	mkdirat(dirfd, "top/deep", 0700);
	add_file(dirfd, "outside", 100000);
	add_file(dirfd, "top/a", 1000);
	add_file(dirfd, "top/deep/b", 500);
	linkat(dirfd, "top/a", dirfd, "top/deep/a", 0);
	symlinkat("../outside", dirfd, "top/link"); /* ten bytes itself */
	symlinkat("..", dirfd, "top/deep/up");      /* two */
	mkfifoat(dirfd, "top/fifo", 0600);
	assert_int_equal(tree_size(dirfd, "top", &bytes, NULL), 0);
	assert_int_equal(bytes, 1000 + 500 + 10 + 2);
	assert_int_equal(tree_size(dirfd, "none", &bytes, NULL), -ENOENT);
	symlinkat("top", dirfd, "alias");
	assert_true(tree_size(dirfd, "alias", &bytes, NULL) < 0);
	dir_remove_all_at(AT_FDCWD, template, NULL);
}

static void a_tree_may_be_deeper_than_descriptors_last(void **state)
{
	char template[] = "/tmp/tree-size.XXXXXX";
	autoclose int dirfd = new_dir(template);
	autoclose int at = dup(dirfd);
	uint64_t bytes = 0;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		int next;

		assert_int_equal(mkdirat(at, "d", 0700), 0);
		next = openat(at, "d", O_PATH | O_DIRECTORY | O_CLOEXEC);
		close_fd(&at);
		at = next;
		if (i == 1500)
			add_file(at, "f", 7);
	}
	assert_int_equal(tree_size(dirfd, ".", &bytes, NULL), 0);
	assert_int_equal(bytes, 7);
	dir_remove_all_at(AT_FDCWD, template, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_count_once_and_links_are_not_followed),
		cmocka_unit_test(a_tree_may_be_deeper_than_descriptors_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
