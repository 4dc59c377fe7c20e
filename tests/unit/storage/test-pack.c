/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container is changed by a random walk of file operations, then packed into a layer. The image
 * with that layer must look as the container did, entry by entry, and the layer must pack to the
 * same bytes again. CORACLE_TEST_SEED and CORACLE_TEST_ROUNDS choose others, and more.
 */
#include "support-mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "storage/pack.h"
#include "sys/file.h"

#define OPERATIONS 60

static uint64_t state_of_chance;

static unsigned chance(unsigned below)
{
	state_of_chance =
		state_of_chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(state_of_chance >> 33) % below;
}

static const char *const names[] = {"a", "b", "c", "dir", "deep", "f\xc3\xa9", "odd\xff\x01 \n",
	"zz-a-name-that-is-longer-than-a-hundred-bytes-so-that-it-does-not-fit-into-the-header-of-"
	"a-"
	"tar-archive-by-itself"};

/* A path that may or may not be there. */
static void some_path(char *ret, size_t size)
{
	size_t at = 0;

	for (unsigned depth = 1 + chance(3); depth > 0; depth--)
		at += (size_t)snprintf(ret + at, size - at, "%s%s", at ? "/" : "",
			names[chance(ARRAY_SIZE(names))]);
}

static void remove_path(const char *path)
{
	(void)dir_remove_all_at(AT_FDCWD, path, NULL);
}

static void write_some(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
	char data[3000];

	if (fd < 0)
		return;
	memset(data, 'A' + (int)chance(26), sizeof(data));
	if (chance(4) == 0) {
		(void)!pwrite(fd, data, sizeof(data), 1 << 20);
		(void)!ftruncate(fd, (1 << 20) + (int)chance(1 << 18));
	} else {
		(void)!pwrite(fd, data, chance(sizeof(data)), chance(2) * 200);
	}
	close(fd);
}

static void make_some(const char *path)
{
	struct stat st;

	switch (chance(6)) {
	case 0:
		(void)!symlink(chance(2) ? "/etc/passwd" : "../a", path);
		break;
	case 1:
		(void)!mkfifo(path, 0640);
		break;
	case 2:
	case 3:
		mkdir(path, 0750);
		break;
	default:
		if (stat(path, &st) < 0 || S_ISREG(st.st_mode))
			write_some(path);
	}
}

static void change_some(const char *path)
{
	struct timespec times[2] = {{.tv_sec = 5},
		{.tv_sec = (time_t)chance(2000000000), .tv_nsec = chance(1000000000)}};
	struct stat st;

	if (lstat(path, &st) < 0)
		return;
	switch (chance(4)) {
	case 0:
		if (!S_ISLNK(st.st_mode))
			(void)!chmod(path, chance(2) ? 04711 : 01775);
		break;
	case 1:
		(void)!lchown(path, chance(3), chance(3));
		break;
	case 2:
		utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
		break;
	default:
		if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
			setxattr(path, "user.some", chance(2) ? "x" : "a\0=\n", 4, 0);
	}
}

static void replace_some(const char *path)
{
	remove_path(path);
	/* A directory in place of another one hides what that had. */
	if (mkdir(path, 0711) == 0 && chance(2)) {
		char inside[600];

		snprintf(inside, sizeof(inside), "%s/%s", path, names[chance(3)]);
		make_some(inside);
	}
}

static int change_randomly(void *data)
{
	(void)data;
	for (int i = 0; i < OPERATIONS; i++) {
		char path[512], other[512];

		some_path(path, sizeof(path));
		some_path(other, sizeof(other));
		switch (chance(8)) {
		case 0:
		case 1:
		case 2:
			make_some(path);
			break;
		case 3:
			change_some(path);
			break;
		case 4:
			remove_path(path);
			break;
		case 5:
			replace_some(path);
			break;
		case 6:
			(void)!linkat(AT_FDCWD, path, AT_FDCWD, other, 0);
			break;
		default:
			(void)!rename(path, other);
		}
	}
	return 0;
}

static int list(void *data)
{
	return support_list_tree(data);
}

static void make_image(char ***chain)
{
	static const struct support_entry base[] = {{.name = "./", .type = '5', .mode = 0755},
		{.name = "a", .data = "file"}, {.name = "b", .type = '5', .mode = 0755},
		{.name = "b/a", .data = "one", .xattr = "user.image=yes"},
		{.name = "b/b", .type = '1', .link = "b/a"},
		{.name = "b/c", .type = '5', .mode = 02755}, {.name = "b/c/a", .data = "low"},
		{.name = "dir", .type = '5', .mode = 0755},
		{.name = "dir/deep", .type = '5', .mode = 0700},
		{.name = "dir/deep/a", .data = "x", .mode = 04755}, {.name = "c", .type = '6'},
		{0}};
	static const struct support_entry upper[] = {{.name = "b/c/.wh.a"},
		{.name = "b/c/b", .data = "new"}, {.name = "deep", .type = '5', .mode = 0755},
		{.name = "deep/dir", .type = '5', .mode = 0755},
		{.name = "deep/dir/c", .data = "1"}, {.name = "dir/a", .type = '2', .link = "../a"},
		{0}};

	assert_int_equal(support_commit(base, chain, NULL), 0);
	assert_int_equal(support_commit(upper, chain, NULL), 0);
}

static char *read_listing(const char *path)
{
	char *text = NULL;

	assert_int_equal(file_read_at(AT_FDCWD, path, 1 << 24, &text, NULL, NULL), 0);
	return text;
}

/* fuse-overlayfs counts those names of a file that it has come across. */
static void drop_links(const char *path)
{
	AUTO(strbuf_release) struct strbuf kept = STRBUF_INIT;
	autofree char *text = read_listing(path);

	for (const char *at = text, *links; *at; at = links) {
		links = strstr(at, " links=");
		if (!links)
			links = at + strlen(at);
		strbuf_add(&kept, at, (size_t)(links - at));
		if (*links)
			links += 1 + strcspn(links + 1, " \n");
	}
	assert_int_equal(file_write_at(AT_FDCWD, path, kept.data, kept.len, 0600, 0, NULL), 0);
}

/* The first line that differs, for the report. */
static void compare_listings(const char *before, const char *after, uint64_t seed)
{
	autofree char *left = read_listing(before), *right = read_listing(after);
	const char *a = left, *b = right;

	while (*a && *b) {
		size_t len = strcspn(a, "\n"), other = strcspn(b, "\n");

		if (len != other || memcmp(a, b, len) != 0)
			fail_msg("seed %llu:\n was %.*s\n now %.*s", (unsigned long long)seed,
				(int)len, a, (int)other, b);
		a += len + (a[len] == '\n');
		b += other + (b[other] == '\n');
	}
	if (*a || *b)
		fail_msg("seed %llu: not in both: %s%s", (unsigned long long)seed, a, b);
}

/* The layer as others would make it of our files. */
static void expect_same_bytes(char *const *chain, const struct packed_layer *layer, uint64_t seed)
{
	AUTO(diff_free) struct diff *diff = NULL;
	struct pack_result again = {0};
	struct error err = {0};

	if (diff_open(support_store(), &(struct diff_tree){.layers = (char **)chain}, NULL, NULL,
		    &diff, &err) < 0 ||
		pack(diff, &(struct pack_request){.as_layer = true}, &again, &err) < 0)
		fail_msg("%s", err.text);
	if (!str_eq(again.diff_id, layer->diff_id))
		fail_msg("seed %llu: packed again it is another layer", (unsigned long long)seed);
}

static void run_round(const char *driver, uint64_t seed)
{
	AUTO(strv_free) char **chain = NULL;
	AUTO(diff_free) struct diff *diff = NULL;
	AUTO(packed_layer_release) struct packed_layer layer = {.holdfd = -1};
	autofree char *before = support_path("before"), *after = support_path("after");
	struct pack_request request = {.as_layer = true, .compression = seed % 3};
	struct diff_tree tree = {
		.container = "containers/c1", .by_fuse = str_eq(driver, "fuse-overlayfs")};
	struct error err = {0};
	int r;

	support_use_driver(driver);
	state_of_chance = seed;
	make_image(&chain);
	support_in_container("c1", chain, change_randomly, NULL);
	/* Mounted again: fuse-overlayfs may write times when it ends. */
	support_in_container("c1", chain, list, before);
	tree.layers = chain;
	r = diff_open(support_store(), &tree, NULL, NULL, &diff, &err);
	if (r == 0)
		r = layer_pack(support_store(), diff, chain, &request, &layer, &err);
	if (r < 0)
		fail_msg("seed %llu: %s", (unsigned long long)seed, err.text);
	strv_add(&chain, layer.chain_id);
	support_in_container("c2", chain, list, after);
	if (tree.by_fuse) {
		drop_links(before);
		drop_links(after);
	}
	compare_listings(before, after, seed);
	expect_same_bytes(chain, &layer, seed);
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	uint64_t value;

	return text && str_to_u64(text, 10, &value) == 0 ? value : otherwise;
}

static void run_rounds(const char *driver)
{
	uint64_t first = setting("CORACLE_TEST_SEED", 1),
		 rounds = setting("CORACLE_TEST_ROUNDS", 12);

	support_need_ids();
	for (uint64_t i = 0; i < rounds; i++) {
		run_round(driver, first + i);
		support_store_teardown(NULL);
		support_store_setup(NULL);
	}
}

static void what_overlay_has_changed_comes_out_as_it_was(void **state)
{
	(void)state;
	run_rounds("overlay");
}

static void what_fuse_overlayfs_has_changed_comes_out_as_it_was(void **state)
{
	(void)state;
	run_rounds("fuse-overlayfs");
}

static void what_was_changed_in_a_copy_comes_out_as_it_was(void **state)
{
	(void)state;
	run_rounds("copy");
}

int main(void)
{
#define STORE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, support_store_setup, support_store_teardown)
	const struct CMUnitTest tests[] = {
		STORE_TEST(what_overlay_has_changed_comes_out_as_it_was),
		STORE_TEST(what_fuse_overlayfs_has_changed_comes_out_as_it_was),
		STORE_TEST(what_was_changed_in_a_copy_comes_out_as_it_was),
	};

	return cmocka_run_group_tests_name("pack", tests, support_enter_userns, NULL);
}
