/* SPDX-License-Identifier: Apache-2.0 */
#include "support-mount.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "storage/diff.h"
#include "sys/file.h"

#define UPPER "containers/c1/upper"

static void make_image(char ***chain)
{
	static const struct support_entry base[] = {{.name = "./", .type = '5', .mode = 0755},
		{.name = "etc", .type = '5', .mode = 0755}, {.name = "etc/passwd", .data = "root"},
		{.name = "etc/group", .data = "root"}, {.name = "usr", .type = '5', .mode = 0755},
		{.name = "usr/lib", .type = '5', .mode = 0755}, {.name = "usr/lib/x", .data = "x"},
		{.name = "usr/y", .data = "y"}, {.name = "file", .data = "f"},
		{.name = "data", .type = '5', .mode = 0700},
		{.name = "var", .type = '2', .link = "/usr/../vol"},
		{.name = "loop", .type = '2', .link = "loop"}, {0}};
	static const struct support_entry upper[] = {{.name = "etc/.wh.group"},
		{.name = "etc/shadow", .data = "new"}, {.name = "file", .data = "again"}, {0}};

	assert_int_equal(support_commit(base, chain, NULL), 0);
	assert_int_equal(support_commit(upper, chain, NULL), 0);
}

static struct diff *open_diff(const struct diff_tree *tree, char *const *mount_points)
{
	struct diff *diff = NULL;
	struct error err = {0};

	if (diff_open(support_store(), tree, NULL, mount_points, &diff, &err) < 0)
		fail_msg("%s", err.text);
	return diff;
}

/* "C /etc\nA /etc/x\n…"; owned by the caller. */
static char *report(const struct diff_tree *tree, char *const *mount_points)
{
	AUTO(diff_free) struct diff *diff = open_diff(tree, mount_points);
	AUTO(diff_report_release) struct diff_report list = {0};
	struct strbuf text = STRBUF_INIT;

	assert_int_equal(diff_list(diff, &list, NULL), 0);
	for (size_t i = 0; i < list.count; i++)
		strbuf_addf(&text, "%c %s\n", "CAD"[list.lines[i].kind], list.lines[i].path);
	return strbuf_take(&text);
}

static int tell(void *data, const struct diff_item *item, struct error *err)
{
	(void)err;
	strbuf_addf(data, "%c%s%s %s\n", "CAD"[item->kind], item -> is_implied ? "i" : "",
		item->is_opaque ? "o" : "", item->path);
	return 0;
}

static char *walk(const struct diff_tree *tree)
{
	AUTO(diff_free) struct diff *diff = open_diff(tree, NULL);
	struct strbuf text = STRBUF_INIT;

	assert_int_equal(diff_walk(diff, true, tell, &text, NULL), 0);
	return strbuf_take(&text);
}

static void expect_report(
	const struct diff_tree *tree, char *const *mount_points, const char *expected)
{
	autofree char *text = report(tree, mount_points);

	assert_string_equal(text, expected);
}

static void expect_walk(const struct diff_tree *tree, const char *expected)
{
	autofree char *text = walk(tree);

	assert_string_equal(text, expected);
}

static int change_usual_things(void *data)
{
	int fd = open("etc/passwd", O_WRONLY | O_APPEND | O_CLOEXEC);
	bool failed = fd < 0 || write(fd, "x", 1) != 1;

	(void)data;
	close(fd);
	failed |= unlink("etc/shadow") < 0 || dir_remove_all_at(AT_FDCWD, "usr", NULL) < 0;
	failed |= mkdir("usr", 0755) < 0 || mkdir("usr/lib", 0755) < 0;
	failed |= mkdir("new", 0755) < 0 || mkdir("new/.x", 0755) < 0 || mkfifo("new-", 0600) < 0;
	failed |= mkdir("gone", 0755) < 0 || rmdir("gone") < 0;
	failed |= chmod("data", 0711) < 0 || chmod("file", 0600) < 0;
	return failed;
}

static const char usual_things[] = "C /data\nC /etc\nC /etc/passwd\nD /etc/shadow\nC /file\n"
				   "A /new\nA /new/.x\nA /new-\nC /usr\nC /usr/lib\n"
				   "D /usr/lib/x\nD /usr/y\n";

static void run_driver(const char *driver)
{
	AUTO(strv_free) char **chain = NULL;
	struct diff_tree tree = {
		.container = "containers/c1", .by_fuse = str_eq(driver, "fuse-overlayfs")};

	support_use_driver(driver);
	make_image(&chain);
	tree.layers = chain;
	expect_report(&tree, NULL, "");
	support_in_container("c1", chain, change_usual_things, NULL);
	expect_report(&tree, NULL, usual_things);
}

static void overlay_tells_what_was_changed(void **state)
{
	(void)state;
	run_driver("overlay");
}

static void fuse_overlayfs_tells_what_was_changed(void **state)
{
	(void)state;
	run_driver("fuse-overlayfs");
}

static void copy_tells_what_was_changed(void **state)
{
	(void)state;
	run_driver("copy");
}

static void layer_is_compared_with_those_below(void **state)
{
	AUTO(strv_free) char **chain = NULL;
	char *base[2] = {0};

	(void)state;
	make_image(&chain);
	expect_report(&(struct diff_tree){.layers = chain}, NULL,
		"C /etc\nD /etc/group\nA /etc/shadow\nC /file\n");
	base[0] = chain[0];
	expect_report(&(struct diff_tree){.layers = base}, NULL,
		"A /data\nA /etc\nA /etc/group\nA /etc/passwd\nA /file\nA /loop\nA /usr\n"
		"A /usr/lib\nA /usr/lib/x\nA /usr/y\nA /var\n");
}

static void images_are_compared_by_content(void **state)
{
	AUTO(strv_free) char **chain = NULL, **other = NULL;
	AUTO(diff_free) struct diff *diff = NULL;
	AUTO(diff_report_release) struct diff_report list = {0};
	static const struct support_entry entries[] = {{.name = "./", .type = '5', .mode = 0755},
		{.name = "file", .data = "again"}, {.name = "more", .data = "1"}, {0}};

	(void)state;
	make_image(&chain);
	assert_int_equal(support_commit(entries, &other, NULL), 0);
	assert_int_equal(diff_open(support_store(), &(struct diff_tree){.layers = other},
				 &(struct diff_tree){.layers = chain}, NULL, &diff, NULL),
		0);
	assert_int_equal(diff_list(diff, &list, NULL), 0);
	assert_int_equal(list.count, 6);
	assert_string_equal(list.lines[0].path, "/data");
	assert_int_equal(list.lines[0].kind, DIFF_DELETED);
	assert_string_equal(list.lines[3].path, "/more");
	assert_int_equal(list.lines[3].kind, DIFF_ADDED);
}

/* An upper directory as the kernel leaves it, made by hand. */
static void make_upper(char *const *chain)
{
	int root = support_store()->rootfd;
	autofree char *lower = NULL;

	(void)chain;
	mkdirat(root, "containers", 0700);
	mkdirat(root, "containers/c1", 0700);
	assert_int_equal(mkdirat(root, UPPER, 0755), 0);
}

static int work_nothing(void *data)
{
	(void)data;
	return 0;
}

static void make_directory(const char *path)
{
	autofree char *below = xasprintf(UPPER "/%s", path);

	assert_int_equal(mkdirat(support_store()->rootfd, below, 0755), 0);
}

static void make_file(const char *path, const char *text)
{
	autofree char *below = xasprintf(UPPER "/%s", path);
	int fd = openat(support_store()->rootfd, below, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void what_was_made_to_mount_on_is_no_change(void **state)
{
	AUTO(strv_free) char **chain = NULL;
	struct diff_tree tree = {.container = "containers/c1"};
	char *points[] = {
		"/proc", "/var/deep/er", "/etc/hosts", "etc/hostname", "data/db", "/loop/x", NULL};

	(void)state;
	support_use_driver("overlay");
	make_image(&chain);
	tree.layers = chain;
	support_in_container("c1", chain, work_nothing, NULL);
	make_directory("proc");
	make_directory("vol");
	make_directory("vol/deep");
	make_directory("vol/deep/er");
	make_directory("etc");
	make_file("etc/hosts", "");
	expect_report(&tree, points, "");
	/* What is not empty was not made for that. */
	make_file("etc/hostname", "box\n");
	expect_report(&tree, points, "C /etc\nA /etc/hostname\n");
	make_file("vol/deep/other", "x");
	expect_report(
		&tree, points, "C /etc\nA /etc/hostname\nA /vol\nA /vol/deep\nA /vol/deep/other\n");
	expect_report(&tree, NULL,
		"C /etc\nA /etc/hostname\nA /etc/hosts\nA /proc\nA /vol\nA /vol/deep\n"
		"A /vol/deep/er\nA /vol/deep/other\n");
}

static void walk_puts_parents_and_whiteouts_first(void **state)
{
	AUTO(strv_free) char **chain = NULL;
	struct diff_tree tree = {.container = "containers/c1"};

	(void)state;
	support_use_driver("overlay");
	make_image(&chain);
	tree.layers = chain;
	support_in_container("c1", chain, change_usual_things, NULL);
	expect_walk(&tree, "C \nC data\nC etc\nD etc/shadow\nC etc/passwd\nC file\nA new\n"
			   "A new/.x\nA new-\nCo usr\nA usr/lib\n");
}

/* Only its content: overlayfs keeps the time of the directory that it had to make. */
static int change_one_file(void *data)
{
	int fd = open("usr/lib/x", O_WRONLY | O_APPEND | O_CLOEXEC);
	ssize_t done = write(fd, "x", 1);

	(void)data;
	close(fd);
	return done != 1;
}

static void unchanged_directories_are_told_for_what_is_in_them(void **state)
{
	AUTO(strv_free) char **chain = NULL;
	struct diff_tree tree = {.container = "containers/c1"};

	(void)state;
	support_use_driver("overlay");
	make_image(&chain);
	tree.layers = chain;
	support_in_container("c1", chain, change_one_file, NULL);
	expect_walk(&tree, "Ci \nCi usr\nCi usr/lib\nC usr/lib/x\n");
	expect_report(&tree, NULL, "C /usr/lib/x\n");
}

/* A whiteout of what only the mount points have, or nobody, deletes nothing of the image. */
static void whiteout_of_nothing_is_no_change(void **state)
{
	AUTO(strv_free) char **chain = NULL;
	struct diff_tree tree = {.container = "containers/c1"};

	(void)state;
	support_use_driver("overlay");
	make_image(&chain);
	tree.layers = chain;
	make_upper(chain);
	assert_int_equal(mknodat(support_store()->rootfd, UPPER "/nothing", S_IFCHR, 0), 0);
	expect_report(&tree, NULL, "");
}

/* To the kernel's overlayfs it is a file like any; to the others it deletes. */
static void whiteout_files_count_where_they_are_known(void **state)
{
	AUTO(strv_free) char **chain = NULL;
	struct diff_tree tree = {.container = "containers/c1"};

	(void)state;
	support_use_driver("overlay");
	make_image(&chain);
	tree.layers = chain;
	make_upper(chain);
	make_file(".wh.file", "");
	make_file(".wh..", "");
	make_file(".wh...", "");
	expect_report(&tree, NULL, "A /.wh..\nA /.wh...\nA /.wh.file\n");
	tree.by_fuse = true;
	expect_report(&tree, NULL, "D /file\n");
}

static void attributes_alone_are_a_change(void **state)
{
	AUTO(strv_free) char **chain = NULL;
	struct diff_tree tree = {.container = "containers/c1"};
	autofree char *path = NULL;
	struct timespec times[2] = {{.tv_sec = 1700000000}, {.tv_sec = 1700000000}};

	(void)state;
	support_use_driver("overlay");
	make_image(&chain);
	tree.layers = chain;
	make_upper(chain);
	make_directory("usr");
	path = xasprintf("%s/" UPPER "/usr", support_store()->root);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	expect_report(&tree, NULL, "");
	assert_int_equal(setxattr(path, "user.overlay.origin", "x", 1, 0), 0);
	expect_report(&tree, NULL, "");
	assert_int_equal(setxattr(path, "user.mine", "x", 1, 0), 0);
	expect_report(&tree, NULL, "C /usr\n");
}

int main(void)
{
#define STORE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, support_store_setup, support_store_teardown)
	const struct CMUnitTest tests[] = {
		STORE_TEST(overlay_tells_what_was_changed),
		STORE_TEST(fuse_overlayfs_tells_what_was_changed),
		STORE_TEST(copy_tells_what_was_changed),
		STORE_TEST(layer_is_compared_with_those_below),
		STORE_TEST(images_are_compared_by_content),
		STORE_TEST(what_was_made_to_mount_on_is_no_change),
		STORE_TEST(walk_puts_parents_and_whiteouts_first),
		STORE_TEST(unchanged_directories_are_told_for_what_is_in_them),
		STORE_TEST(whiteout_of_nothing_is_no_change),
		STORE_TEST(whiteout_files_count_where_they_are_known),
		STORE_TEST(attributes_alone_are_a_change),
	};

	return cmocka_run_group_tests_name("diff", tests, support_enter_userns, NULL);
}
