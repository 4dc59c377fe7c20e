/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/file.h"

static void store_makes_private_directories(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(fstat(support_store()->rootfd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(fstat(support_store()->runfd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_true(support_exists("blobs/sha256"));
	assert_true(support_exists("staging"));
}

static void store_refuses_a_newer_format(void **state)
{
	struct store_options options = {
		.root = support_store()->root, .runroot = support_store()->run};
	struct store *store = NULL;
	struct error err = {0};

	(void)state;
	file_write_at(support_store()->rootfd, "format", "2\n", 2, 0600, 0, NULL);
	assert_int_equal(store_open(&options, &store, &err), -EPROTONOSUPPORT);
	assert_non_null(strstr(err.text, "newer coracle"));
	file_write_at(support_store()->rootfd, "format", "x\n", 2, 0600, 0, NULL);
	assert_int_equal(store_open(&options, &store, &err), -EPROTONOSUPPORT);
	/* Empty is what a power cut leaves. */
	file_write_at(support_store()->rootfd, "format", "", 0, 0600, 0, NULL);
	assert_int_equal(store_open(&options, &store, &err), 0);
	store_close(store);
}

static void unknown_driver_names_the_known_ones(void **state)
{
	struct store_options options = {
		.root = support_store()->root, .runroot = support_store()->run, .driver = "btrfs"};
	struct store *store = NULL;
	struct error err = {0};

	(void)state;
	assert_int_equal(store_open(&options, &store, &err), -EINVAL);
	assert_non_null(strstr(err.text, "fuse-overlayfs"));
	options.driver = "vfs";
	assert_int_equal(store_open(&options, &store, &err), 0);
	assert_string_equal(store->driver, "copy");
	store_close(store);
}

static void garbage_of_a_dead_process_is_removed(void **state)
{
	autofree char *mine = NULL;
	autoclose int fd = store_staging_new(support_store(), &mine, NULL);
	AUTO(strv_free) char **left = NULL;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		char *path;
		int dirfd = store_staging_new(support_store(), &path, NULL);

		_exit(dirfd < 0 || mkdirat(dirfd, "deep", 0) < 0);
	}
	waitpid(pid, NULL, 0);
	mkdirat(support_store()->rootfd, "staging/nobody knows", 0700);
	dir_list_at(support_store()->rootfd, "staging", &left, NULL);
	assert_int_equal(strv_len(left), 3);
	store_collect_garbage(support_store());
	strv_free(take_ptr(left));
	dir_list_at(support_store()->rootfd, "staging", &left, NULL);
	assert_int_equal(strv_len(left), 1);
	assert_true(support_exists(mine));
	assert_true(fd >= 0);
}

/* As if its owner were in another pid namespace: nobody to be seen, but the lock is held. */
static void locked_staging_is_no_garbage(void **state)
{
	AUTO(strv_free) char **names = NULL;
	autofree char *path = NULL;
	autoclose int lock = -1;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(store_staging_new(support_store(), &path, NULL) < 0);
	waitpid(pid, NULL, 0);
	dir_list_at(support_store()->rootfd, "staging", &names, NULL);
	path = xasprintf("staging/%s", names[0]);
	lock = dir_open_at(support_store()->rootfd, path, NULL);
	assert_int_equal(flock(lock, LOCK_SH), 0);
	store_collect_garbage(support_store());
	assert_int_equal(support_count("staging"), 1);
	close_fd(&lock);
	store_collect_garbage(support_store());
	assert_int_equal(support_count("staging"), 0);
}

static void old_partial_blobs_are_removed(void **state)
{
	int rootfd = support_store()->rootfd;
	struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

	(void)state;
	file_write_at(rootfd, "partial/aa", "x", 1, 0600, 0, NULL);
	file_write_at(rootfd, "partial/aa.owner", "", 0, 0600, 0, NULL);
	file_write_at(rootfd, "partial/bb", "x", 1, 0600, 0, NULL);
	utimensat(rootfd, "partial/aa", old, 0);
	store_collect_garbage(support_store());
	assert_false(support_exists("partial/aa"));
	assert_false(support_exists("partial/aa.owner"));
	assert_true(support_exists("partial/bb"));
}

static void reset_leaves_an_empty_store(void **state)
{
	(void)state;
	mkdirat(support_store()->rootfd, "images/x", 0700);
	assert_int_equal(store_reset(support_store(), NULL), 0);
	assert_false(support_exists("images/x"));
	assert_true(support_exists("images"));
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, support_store_setup, support_store_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(store_makes_private_directories),
		TEST(store_refuses_a_newer_format),
		TEST(unknown_driver_names_the_known_ones),
		TEST(garbage_of_a_dead_process_is_removed),
		TEST(locked_staging_is_no_garbage),
		TEST(old_partial_blobs_are_removed),
		TEST(reset_leaves_an_empty_store),
	};

	return cmocka_run_group_tests(tests, support_enter_userns, NULL);
}
