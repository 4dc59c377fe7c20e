/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "storage/tree.h"
#include "storage/xattr.h"
#include "sys/file.h"

static int make_dir(const char *name)
{
	autofree char *path = support_path(name);

	mkdir(path, 0755);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void copy_keeps_everything(void **state)
{
	autoclose int from = make_dir("from"), to = make_dir("to"), fd = -1;
	struct timespec times[2] = {{.tv_sec = 5, .tv_nsec = 7}, {.tv_sec = 9, .tv_nsec = 11}};
	struct stat a, b;
	char value[8] = "", link[8] = "";

	(void)state;
	mkdirat(from, "d", 01711);
	fchmodat(from, "d", 01711, 0);
	file_write_at(from, "d/f", "text", 4, 0640, 0, NULL);
	fd = openat(from, "d/f", O_RDONLY | O_CLOEXEC);
	fsetxattr(fd, "user.x", "v", 1, 0);
	fchmodat(from, "d/f", 04750, 0);
	linkat(from, "d/f", from, "hard", 0);
	symlinkat("d/f", from, "soft");
	mkfifoat(from, "fifo", 0600);
	utimensat(from, "d/f", times, 0);
	utimensat(from, "d", times, 0);
	assert_int_equal(tree_copy(from, to, NULL, NULL), 0);
	assert_int_equal(fstatat(to, "d/f", &a, 0), 0);
	assert_int_equal(a.st_mode & 07777, 04750);
	assert_int_equal(a.st_mtim.tv_nsec, 11);
	assert_int_equal(fstatat(to, "hard", &b, 0), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	assert_int_equal(fstatat(to, "d", &a, 0), 0);
	assert_int_equal(a.st_mode & 07777, 01711);
	assert_int_equal(a.st_mtim.tv_sec, 9);
	assert_int_equal(readlinkat(to, "soft", link, sizeof(link)), 3);
	close_fd(&fd);
	fd = openat(to, "d/f", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fgetxattr(fd, "user.x", value, sizeof(value)), 1);
	assert_int_equal(fstatat(to, "fifo", &a, 0), 0);
	assert_true(S_ISFIFO(a.st_mode));
}

/* In different directories, and many of them: an image decides how many there are. */
static void names_of_one_file_stay_together(void **state)
{
	autoclose int from = make_dir("from"), to = make_dir("to");
	struct stat one, other;

	(void)state;
	mkdirat(from, "a", 0755);
	mkdirat(from, "b", 0755);
	for (int i = 0; i < 3000; i++) {
		autofree char *first = xasprintf("a/%d", i), *second = xasprintf("b/%d", i);

		file_write_at(from, first, "x", 1, 0600, 0, NULL);
		assert_int_equal(linkat(from, first, from, second, 0), 0);
	}
	assert_int_equal(tree_copy(from, to, NULL, NULL), 0);
	for (int i = 0; i < 3000; i++) {
		autofree char *first = xasprintf("a/%d", i), *second = xasprintf("b/%d", i);

		assert_int_equal(fstatat(to, first, &one, 0), 0);
		assert_int_equal(fstatat(to, second, &other, 0), 0);
		assert_int_equal(one.st_ino, other.st_ino);
		assert_int_equal(one.st_nlink, 2);
	}
}

static void holes_stay_holes(void **state)
{
	autoclose int from = make_dir("from"), to = make_dir("to");
	autoclose int fd = openat(from, "sparse", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	struct stat st;

	(void)state;
	assert_int_equal(pwrite(fd, "end", 3, 64 << 20), 3);
	assert_int_equal(ftruncate(fd, 128 << 20), 0);
	assert_int_equal(tree_copy(from, to, NULL, NULL), 0);
	assert_int_equal(fstatat(to, "sparse", &st, 0), 0);
	assert_int_equal(st.st_size, 128 << 20);
	assert_true(st.st_blocks * 512 < 4 << 20);
}

static void layers_are_merged(void **state)
{
	autoclose int low = make_dir("low"), high = make_dir("high"), to = make_dir("to");
	struct tree_copy_options options = {.as_layer = true};
	autoclose int opaque = -1;
	char value[2];

	(void)state;
	mkdirat(low, "op", 0755);
	file_write_at(low, "op/x", "x", 1, 0600, 0, NULL);
	file_write_at(low, "a", "x", 1, 0600, 0, NULL);
	file_write_at(low, "b", "x", 1, 0600, 0, NULL);
	mkdirat(high, "op", 0755);
	opaque = openat(high, "op", O_RDONLY | O_CLOEXEC);
	fsetxattr(opaque, XATTR_OPAQUE, "y", 1, 0);
	mknodat(high, "a", S_IFCHR, 0);
	file_write_at(high, ".wh.b", "", 0, 0600, 0, NULL);
	assert_int_equal(tree_copy(low, to, &options, NULL), 0);
	assert_int_equal(tree_copy(high, to, &options, NULL), 0);
	assert_true(faccessat(to, "op/x", F_OK, 0) < 0 && faccessat(to, "op", F_OK, 0) == 0);
	assert_true(faccessat(to, "a", F_OK, 0) < 0);
	assert_true(faccessat(to, "b", F_OK, 0) < 0 && faccessat(to, ".wh.b", F_OK, 0) < 0);
	close_fd(&opaque);
	opaque = openat(to, "op", O_RDONLY | O_CLOEXEC);
	assert_true(fgetxattr(opaque, XATTR_OPAQUE, value, 2) < 0);
}

static void owners_go_through_the_map(void **state)
{
	autoclose int from = make_dir("from"), to = make_dir("to");
	struct idrange ranges[] = {{0, 1, 1}};
	struct idmap map = {.ranges = ranges, .count = 1};
	struct tree_copy_options options = {.uids = &map};
	struct stat st;

	(void)state;
	support_need_ids();
	file_write_at(from, "f", "x", 1, 0600, 0, NULL);
	assert_int_equal(tree_copy(from, to, &options, NULL), 0);
	assert_int_equal(fstatat(to, "f", &st, 0), 0);
	assert_int_equal(st.st_uid, 1);
	assert_int_equal(st.st_gid, 0);
}

static void steering_attributes_are_known(void **state)
{
	(void)state;
	assert_true(xattr_is_internal("user.overlay.opaque"));
	assert_true(xattr_is_internal("trusted.overlay.redirect"));
	assert_true(xattr_is_internal("user.fuseoverlayfs.opaque"));
	assert_true(xattr_is_internal("user.containers.override_stat"));
	assert_false(xattr_is_internal("user.overlayed"));
	assert_false(xattr_is_internal("security.capability"));
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, support_store_setup, support_store_teardown)

static void options_change_owner_and_mode(void **state)
{
	autoclose int from = make_dir("from"), to = make_dir("to");
	const struct tree_copy_options options = {
		.has_owner = true, .uid = 0, .gid = 0, .no_setid = true, .keep_root = true};
	struct stat st;

	(void)state;
	file_write_at(from, "f", "text", 4, 0644, 0, NULL);
	fchmodat(from, "f", 06755, 0);
	fchmod(from, 0700);
	fchmod(to, 0711);
	assert_int_equal(tree_copy(from, to, &options, NULL), 0);
	assert_int_equal(fstatat(to, "f", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(fstat(to, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0711);
}

static void kinds_are_kept_if_asked(void **state)
{
	autoclose int from = make_dir("from"), to = make_dir("to");
	const struct tree_copy_options options = {.keep_kinds = true};

	(void)state;
	mkdirat(from, "d", 0755);
	file_write_at(to, "d", "x", 1, 0644, 0, NULL);
	assert_int_equal(tree_copy(from, to, &options, NULL), -ENOTDIR);
	assert_int_equal(tree_copy(from, to, NULL, NULL), 0);
	unlinkat(from, "d", AT_REMOVEDIR);
	file_write_at(from, "d", "x", 1, 0644, 0, NULL);
	assert_int_equal(tree_copy(from, to, &options, NULL), -EISDIR);
	assert_int_equal(tree_copy(from, to, NULL, NULL), 0);
}

/* A link where a directory is wanted leads out of the tree: it is replaced, not followed. */
static void links_in_the_target_are_not_followed(void **state)
{
	autoclose int from = make_dir("from"), to = make_dir("to"), out = make_dir("out");
	struct stat st;

	(void)state;
	mkdirat(from, "d", 0755);
	file_write_at(from, "d/f", "x", 1, 0644, 0, NULL);
	file_write_at(from, "g", "x", 1, 0644, 0, NULL);
	assert_int_equal(symlinkat("../out", to, "d"), 0);
	assert_int_equal(symlinkat("../out/g", to, "g"), 0);
	assert_int_equal(tree_copy(from, to, NULL, NULL), 0);
	assert_int_equal(fstatat(out, "f", &st, 0), -1);
	assert_int_equal(fstatat(out, "g", &st, 0), -1);
	assert_int_equal(fstatat(to, "d/f", &st, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(copy_keeps_everything),
		TEST(names_of_one_file_stay_together),
		TEST(holes_stay_holes),
		TEST(layers_are_merged),
		TEST(owners_go_through_the_map),
		TEST(steering_attributes_are_known),
		TEST(options_change_owner_and_mode),
		TEST(kinds_are_kept_if_asked),
		TEST(links_in_the_target_are_not_followed),
	};

	return cmocka_run_group_tests(tests, support_enter_userns, NULL);
}
