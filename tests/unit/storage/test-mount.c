/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "storage/mount-drivers.h"
#include "storage/mount.h"
#include "sys/process.h"

#define CONTAINER "containers/c1"

static void commit(const struct support_entry *entries, char ***chain)
{
	assert_int_equal(support_commit(entries, chain, NULL), 0);
}

static void make_image(char ***chain)
{
	commit((const struct support_entry[]){{.name = "./", .type = '5', .mode = 0751},
		       {.name = "keep", .data = "base", .mode = 0640, .uid = 0},
		       {.name = "gone", .data = "x"}, {.name = "dir", .type = '5', .mode = 01777},
		       {.name = "dir/low", .data = "x"}, {.name = "op", .type = '5'},
		       {.name = "op/low", .data = "x"}, {.name = "again", .type = '5'},
		       {.name = "again/low", .data = "x"}, {0}},
		chain);
	commit((const struct support_entry[]){{.name = ".wh.gone"},
		       {.name = "dir/high", .data = "x"}, {.name = "op/.wh..wh..opq"},
		       {.name = "op/high", .data = "x"}, {.name = ".wh.again"},
		       {.name = "again/high", .data = "x"}, {0}},
		chain);
}

/* In a mount namespace of its own: 0, or the line of the first thing that is not as it should. */
static int look(const struct mount_plan *plan, const char *target)
{
	struct stat st;
	int fd;

#define EXPECT(condition) \
	do { \
		if (!(condition)) \
			return __LINE__ & 0xff ? __LINE__ & 0xff : 1; \
	} while (0)
	struct error err = {0};
	EXPECT(unshare(CLONE_NEWNS) == 0);
	EXPECT(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	if (storage_mount(plan, target, &err) < 0) {
		fprintf(stderr, "# %s\n", err.text);
		return 1;
	}
	EXPECT(chdir(target) == 0);
	EXPECT(stat(".", &st) == 0 && (st.st_mode & 07777) == 0751);
	EXPECT(access("keep", F_OK) == 0 && access("gone", F_OK) < 0);
	EXPECT(access("dir/low", F_OK) == 0 && access("dir/high", F_OK) == 0);
	EXPECT(stat("dir", &st) == 0 && (st.st_mode & 07777) == 01777);
	EXPECT(access("op/low", F_OK) < 0 && access("op/high", F_OK) == 0);
	EXPECT(access("again/low", F_OK) < 0 && access("again/high", F_OK) == 0);
	EXPECT(access("op/.wh..wh..opq", F_OK) < 0);
	fd = open("keep", O_WRONLY | O_APPEND | O_CLOEXEC);
	EXPECT(fd >= 0 && write(fd, "+", 1) == 1);
	close(fd);
	EXPECT(unlink("dir/low") == 0 && rmdir("dir") < 0 && rename("keep", "dir/kept") == 0);
	EXPECT(stat("dir/kept", &st) == 0 && st.st_size == 5 && (st.st_mode & 0777) == 0640);
	return 0;
}

static void run_driver(const char *driver)
{
	AUTO(strv_free) char **chain = NULL;
	AUTO(mount_plan_free) struct mount_plan *plan = NULL;
	autofree char *target = support_path("target");
	autofree char *low = NULL;
	struct storage_driver_info info;
	struct error err = {0};
	int status;
	pid_t pid;

	support_store()->driver = xstrdup(driver);
	if (storage_probe_driver(support_store(), &info, &err) < 0) {
		print_message("# skipped: %s\n", err.text);
		skip();
	}
	make_image(&chain);
	mkdirat(support_store()->rootfd, "containers", 0700);
	mkdirat(support_store()->rootfd, CONTAINER, 0700);
	mkdir(target, 0755);
	assert_int_equal(storage_mount_plan(support_store(),
				 &(struct mount_request){.layers = chain, .container = CONTAINER},
				 &plan, &err),
		0);
	assert_string_equal(storage_driver_name(plan->driver), driver);
	pid = fork();
	if (pid == 0)
		_exit(look(plan, target));
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	/* Nothing of it can be seen here, and the layers are as they were. */
	assert_int_equal(rmdir(target), 0);
	low = xasprintf("layers/%s/diff/dir/low", digest_hex(chain[0]));
	assert_true(support_exists(low));
	if (plan->fuse_pid > 0) {
		autoclose int pidfd = pidfd_open_pid(plan->fuse_pid);

		/* The server has ended with the mount namespace. */
		assert_true(pidfd < 0 || pidfd_wait_end(pidfd, 10000) == 1);
	}
}

static void overlay_shows_the_merged_tree(void **state)
{
	(void)state;
	run_driver("overlay");
}

static void fuse_overlayfs_shows_the_merged_tree(void **state)
{
	(void)state;
	run_driver("fuse-overlayfs");
}

static void copy_shows_the_merged_tree(void **state)
{
	(void)state;
	run_driver("copy");
}

/* image-spec, layer.md, "Opaque Whiteout", in the root directory. */
static void opaque_root_ends_the_pile(void **state)
{
	AUTO(strv_free) char **chain = NULL;
	AUTO(mount_plan_free) struct mount_plan *plan = NULL;
	autofree char *top = NULL, *middle = NULL;

	(void)state;
	support_store()->driver = xstrdup("copy");
	make_image(&chain);
	commit((const struct support_entry[]){{.name = ".wh..wh..opq"}, {.name = ".wh.keep"},
		       {.name = "only", .data = "x"}, {0}},
		&chain);
	commit((const struct support_entry[]){{.name = "top", .data = "x"}, {.name = ".wh.dir"},
		       {0}},
		&chain);
	mkdirat(support_store()->rootfd, "containers", 0700);
	mkdirat(support_store()->rootfd, CONTAINER, 0700);
	assert_int_equal(storage_mount_plan(support_store(),
				 &(struct mount_request){.layers = chain, .container = CONTAINER},
				 &plan, NULL),
		0);
	assert_int_equal(strv_len(plan->layers), 2);
	assert_true(support_exists(CONTAINER "/rootfs/only"));
	assert_true(support_exists(CONTAINER "/rootfs/top"));
	assert_false(support_exists(CONTAINER "/rootfs/dir"));
	/* Whiteouts of what the opaque root hides. */
	middle = xasprintf("%s/keep", plan->layers[1]);
	top = xasprintf("%s/dir", plan->layers[0]);
	assert_false(support_exists(middle));
	assert_false(support_exists(top));
}

static void fuse_server_that_is_not_needed_ends(void **state)
{
	struct mount_plan plan = {.driver = STORAGE_FUSE,
		.store = support_store(),
		.container = (char[]){"staging"},
		.fuse_socket = -1};
	struct mount_request request = {.container = "staging"};
	struct error err = {0};
	autoclose int pidfd = -1;

	(void)state;
	if (fuse_prepare(&plan, &request, &err) < 0) {
		print_message("# skipped: %s\n", err.text);
		skip();
	}
	pidfd = pidfd_open_pid(plan.fuse_pid);
	mount_plan_release_fds(&plan);
	assert_int_equal(pidfd_wait_end(pidfd, 10000), 1);
	waitpid(plan.fuse_pid, NULL, 0);
}

static void fuse_options_carry_layers_and_maps(void **state)
{
	struct idrange ranges[] = {{0, 1, 1000}, {1000, 0, 1}};
	struct idmap map = {.ranges = ranges, .count = 2};
	char *layers[] = {(char[]){"layers/b/diff"}, (char[]){"layers/a/diff"}, NULL};
	struct mount_plan plan = {
		.container = (char[]){"containers/x"}, .layers = layers, .no_sync = true};
	struct mount_request request = {.uids = &map, .gids = &map};
	autofree char *text = fuse_options(&plan, &request);

	(void)state;
	assert_string_equal(text,
		"lowerdir=layers/b/diff:layers/a/diff,upperdir=containers/x/upper,"
		"workdir=containers/x/work,uidmapping=0:1:1000:1000:0:1,"
		"gidmapping=0:1:1000:1000:0:1,volatile");
}

static void missing_layer_is_named(void **state)
{
	char *layers[] = {(char[]){"sha256:00000000000000000000000000000000000000000000000000000"
				   "00000000000"},
		NULL};
	struct mount_plan *plan = NULL;
	struct error err = {0};

	(void)state;
	assert_int_equal(storage_mount_plan(support_store(),
				 &(struct mount_request){.layers = layers, .container = "staging"},
				 &plan, &err),
		-ENOENT);
	assert_non_null(strstr(err.text, "is missing: pull the image again"));
}

static void driver_names_are_podmans(void **state)
{
	enum storage_driver driver;

	(void)state;
	assert_int_equal(storage_driver_parse("vfs", &driver), 0);
	assert_int_equal(driver, STORAGE_COPY);
	assert_int_equal(storage_driver_parse("overlay", &driver), 0);
	assert_int_equal(driver, STORAGE_OVERLAY);
	assert_int_equal(storage_driver_parse("zfs", &driver), -EINVAL);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, support_store_setup, support_store_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(overlay_shows_the_merged_tree),
		TEST(fuse_overlayfs_shows_the_merged_tree),
		TEST(copy_shows_the_merged_tree),
		TEST(opaque_root_ends_the_pile),
		TEST(fuse_server_that_is_not_needed_ends),
		TEST(fuse_options_carry_layers_and_maps),
		TEST(missing_layer_is_named),
		TEST(driver_names_are_podmans),
	};

	return cmocka_run_group_tests(tests, support_enter_userns, NULL);
}
