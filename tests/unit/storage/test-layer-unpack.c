/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/digest.h"
#include "storage/layer-unpack.h"
#include "storage/tree.h"
#include "sys/file.h"

static int unpack_bytes(const void *data, size_t len, const struct layer_unpack_request *request,
	struct layer_unpacked **ret, struct error *err)
{
	autoclose int fd = support_input(data, len);

	return layer_unpack_fd(support_store(), fd, request, ret, err);
}

static int unpack(
	const struct support_entry *entries, struct layer_unpacked **ret, struct error *err)
{
	AUTO(strbuf_release) struct strbuf tar = support_tar(entries);

	return unpack_bytes(tar.data, tar.len, NULL, ret, err);
}

static bool stat_in(const struct layer_unpacked *layer, const char *name, struct stat *st)
{
	autofree char *path = xasprintf("diff/%s", name);

	return fstatat(layer->dirfd, path, st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void files_of_all_kinds_are_written(void **state)
{
	AUTO(layer_unpacked_free) struct layer_unpacked *layer = NULL;
	struct stat st, other;
	char target[16] = "";

	(void)state;
	assert_int_equal(
		unpack((const struct support_entry[]){{.name = "./", .type = '5', .mode = 0711},
			       {.name = "./d/", .type = '5', .mode = 01777},
			       {.name = "d/f", .data = "text", .mode = 04755},
			       {.name = "d/l", .type = '2', .link = "/abs"},
			       {.name = "h", .type = '1', .link = "./d/f"},
			       {.name = "p", .type = '6', .mode = 0600},
			       {.name = "dev", .type = '3'}, {0}},
			&layer, NULL),
		0);
	assert_true(stat_in(layer, ".", &st));
	assert_int_equal(st.st_mode & 07777, 0711);
	assert_true(stat_in(layer, "d", &st));
	assert_int_equal(st.st_mode & 07777, 01777);
	assert_int_equal(st.st_mtim.tv_sec, 1700000000);
	assert_true(stat_in(layer, "d/f", &st));
	assert_int_equal(st.st_mode & 07777, 04755);
	assert_true(stat_in(layer, "h", &other));
	assert_int_equal(st.st_ino, other.st_ino);
	assert_int_equal(readlinkat(layer->dirfd, "diff/d/l", target, sizeof(target)), 4);
	assert_true(stat_in(layer, "p", &st) && S_ISFIFO(st.st_mode));
	assert_int_equal(layer->info.entries, 7);
	assert_int_equal(layer->info.size, 4);
	if (!stat_in(layer, "dev", &st))
		assert_int_equal(layer->info.skipped, 1);
}

static void diff_id_is_the_digest_of_the_tar(void **state)
{
	AUTO(layer_unpacked_free) struct layer_unpacked *layer = NULL;
	AUTO(strbuf_release)
	struct strbuf tar =
		support_tar((const struct support_entry[]){{.name = "a", .data = "b"}, {0}});
	autofree char *want = NULL;

	(void)state;
	/* What stands behind the end mark belongs to it too. */
	strbuf_adds(&tar, "trailing bytes");
	want = digest_of(tar.data, tar.len);
	assert_int_equal(unpack_bytes(tar.data, tar.len, NULL, &layer, NULL), 0);
	assert_string_equal(layer->info.diff_id, want);
}

static void owners_are_kept(void **state)
{
	AUTO(layer_unpacked_free) struct layer_unpacked *layer = NULL;
	char value[64] = "";
	struct stat st;

	(void)state;
	support_need_ids();
	assert_int_equal(
		unpack(
			(const struct support_entry[]){
				{.name = "d", .type = '5', .uid = 5, .gid = 6, .mode = 02755},
				{.name = "d/f", .uid = 33, .gid = 33, .data = "x"},
				{.name = "d/l", .type = '2', .link = "f", .uid = 7},
				{.name = "far", .uid = 200000, .gid = 1, .data = "x", .mode = 0640},
				{0}},
			&layer, NULL),
		0);
	assert_true(stat_in(layer, "d", &st));
	assert_true(st.st_uid == 5 && st.st_gid == 6 && (st.st_mode & S_ISGID));
	assert_true(stat_in(layer, "d/f", &st));
	assert_true(st.st_uid == 33 && st.st_gid == 33);
	assert_true(stat_in(layer, "d/l", &st));
	assert_true(st.st_uid == 7 && st.st_gid == 0);
	if (getuid() == 0 && layer->info.remapped == 1) {
		autoclose int fd = openat(layer->dirfd, "diff/far", O_RDONLY | O_CLOEXEC);

		assert_true(fgetxattr(fd, "user.containers.override_stat", value, 63) > 0);
		assert_string_equal(value, "200000:1:640");
	}
}

static void refused_archives_leave_nothing(void **state)
{
	static const struct {
		struct support_entry entry;
		const char *message;
	} cases[] = {
		{{.name = "../x", .data = "x"}, "leads out of the layer"},
		{{.name = "a/../../x", .data = "x"}, "leads out of the layer"},
		{{.name = "..", .type = '5'}, "leads out of the layer"},
		{{.name = "h", .type = '1', .link = "../../etc/passwd"}, "leads out"},
		{{.name = "file/below", .data = "x"}, "not a directory"},
		{{.name = "h", .type = '1', .link = "dir"}, "to a directory"},
		{{.name = ".", .data = "x"}, "not a directory"},
		{{.name = "dir/.wh.", .data = ""}, "not a whiteout"},
		{{.name = ".wh...", .data = ""}, "not a whiteout"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct layer_unpacked *layer = NULL;
		struct error err = {0};
		int r = unpack((const struct support_entry[]){{.name = "file", .data = "x"},
				       {.name = "dir", .type = '5'}, cases[i].entry, {0}},
			&layer, &err);

		if (r != -EBADMSG || !strstr(err.text, cases[i].message))
			print_message("# %s: %d %s\n", cases[i].entry.name, r, err.text);
		assert_int_equal(r, -EBADMSG);
		assert_non_null(strstr(err.text, cases[i].message));
		assert_int_equal(support_count("staging"), 0);
	}
}

static void links_lead_nowhere_else(void **state)
{
	AUTO(layer_unpacked_free) struct layer_unpacked *layer = NULL;
	autofree char *outside = support_path("outside");
	autofree char *up = xasprintf("../../../../../../../../../../../..%s", outside);
	struct error err = {0};
	struct stat st;

	(void)state;
	mkdir(outside, 0755);
	/* Absolute links mean the layer's own root; a ".." in one stops there as well. */
	assert_int_equal(unpack((const struct support_entry[]){{.name = "real", .type = '5'},
					{.name = "abs", .type = '2', .link = "/real"},
					{.name = "abs/in", .data = "x"},
					{.name = "out", .type = '2', .link = "../../../real"},
					{.name = "out/also", .data = "x"}, {0}},
				 &layer, &err),
		0);
	assert_true(stat_in(layer, "real/in", &st));
	assert_true(stat_in(layer, "real/also", &st));
	for (int i = 0; i < 2; i++) {
		struct layer_unpacked *other = NULL;

		assert_int_equal(
			unpack(
				(const struct support_entry[]){
					{.name = "evil", .type = '2', .link = i ? up : outside},
					{.name = "evil/file", .data = "x"}, {0}},
				&other, &err),
			-EBADMSG);
		assert_int_equal(
			unpack(
				(const struct support_entry[]){
					{.name = "evil", .type = '2', .link = i ? up : outside},
					{.name = "evil", .data = "x"}, {0}},
				&other, &err),
			0);
		assert_true(stat_in(other, "evil", &st) && S_ISREG(st.st_mode));
		layer_unpacked_free(other);
	}
	assert_int_equal(rmdir(outside), 0);
}

static void whiteouts_hide_in_either_order(void **state)
{
	AUTO(layer_unpacked_free) struct layer_unpacked *layer = NULL;
	struct stat st;
	autoclose int before = -1, after = -1, opaque = -1;

	(void)state;
	assert_int_equal(
		unpack((const struct support_entry[]){{.name = ".wh.gone"}, {.name = ".wh.before"},
			       {.name = "before/new", .data = "x"}, {.name = "after", .type = '5'},
			       {.name = ".wh.after"}, {.name = "op/sibling", .data = "x"},
			       {.name = "op/.wh..wh..opq"}, {.name = ".wh..wh.plnk"},
			       {.name = ".wh.file"}, {.name = "file", .data = "x"}, {0}},
			&layer, NULL),
		0);
	assert_true(stat_in(layer, "gone", &st) && tree_is_whiteout(&st));
	assert_true(stat_in(layer, "file", &st) && S_ISREG(st.st_mode));
	assert_false(stat_in(layer, ".wh..wh.plnk", &st));
	before = openat(layer->dirfd, "diff/before", O_RDONLY | O_CLOEXEC);
	after = openat(layer->dirfd, "diff/after", O_RDONLY | O_CLOEXEC);
	opaque = openat(layer->dirfd, "diff/op", O_RDONLY | O_CLOEXEC);
	assert_true(tree_is_opaque(before));
	assert_true(tree_is_opaque(after));
	assert_true(tree_is_opaque(opaque));
	assert_true(stat_in(layer, "before/new", &st));
	assert_true(stat_in(layer, "op/sibling", &st));
}

static void later_entries_replace_earlier_ones(void **state)
{
	AUTO(layer_unpacked_free) struct layer_unpacked *layer = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(unpack((const struct support_entry[]){{.name = "a", .data = "long text"},
					{.name = "a", .data = "x"}, {.name = "b/c/d", .data = "x"},
					{.name = "b", .data = "x"}, {.name = "c", .data = "x"},
					{.name = "c", .type = '5'}, {.name = "c/in", .data = "x"},
					{.name = "c", .type = '5', .mode = 0700}, {0}},
				 &layer, NULL),
		0);
	assert_true(stat_in(layer, "a", &st) && st.st_size == 1);
	assert_true(stat_in(layer, "b", &st) && S_ISREG(st.st_mode));
	assert_true(stat_in(layer, "c/in", &st));
	assert_true(stat_in(layer, "c", &st) && (st.st_mode & 0777) == 0700);
}

static void attributes_that_steer_overlay_are_dropped(void **state)
{
	AUTO(layer_unpacked_free) struct layer_unpacked *layer = NULL;
	autoclose int fd = -1;
	char value[8];

	(void)state;
	assert_int_equal(
		unpack(
			(const struct support_entry[]){
				{.name = "d", .type = '5', .xattr = "user.overlay.opaque=y"},
				{.name = "f", .xattr = "user.mine=v", .data = "x"}, {0}},
			&layer, NULL),
		0);
	fd = openat(layer->dirfd, "diff/d", O_RDONLY | O_CLOEXEC);
	assert_true(fgetxattr(fd, "user.overlay.opaque", value, 8) < 0);
	close_fd(&fd);
	fd = openat(layer->dirfd, "diff/f", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fgetxattr(fd, "user.mine", value, 8), 1);
}

static void limits_end_bombs(void **state)
{
	AUTO(strbuf_release)
	struct strbuf tar = support_tar((const struct support_entry[]){
		{.name = "a", .data = "1"}, {.name = "b", .data = "2"}, {0}});
	struct layer_unpacked *layer = NULL;
	struct error err = {0};

	(void)state;
	assert_int_equal(unpack_bytes(tar.data, tar.len,
				 &(struct layer_unpack_request){.max_entries = 1}, &layer, &err),
		-EFBIG);
	assert_non_null(strstr(err.text, "more entries than the limit of 1"));
	assert_int_equal(unpack_bytes(tar.data, tar.len,
				 &(struct layer_unpack_request){.max_size = 600}, &layer, &err),
		-EFBIG);
	assert_non_null(strstr(err.text, "limit of 600 bytes"));
	assert_int_equal(support_count("staging"), 0);
}

static void broken_archives_are_refused(void **state)
{
	static const char gzip_start[] = "\x1f\x8b\x08\0\0\0\0\0\0\x03\xed\xce";
	AUTO(strbuf_release)
	struct strbuf tar =
		support_tar((const struct support_entry[]){{.name = "a", .data = "1"}, {0}});
	struct layer_unpacked *layer = NULL;

	(void)state;
	/* In the middle of the file's data; garbage; the beginning of a gzip stream. */
	assert_int_equal(unpack_bytes(tar.data, 520, NULL, &layer, NULL), -EBADMSG);
	assert_int_equal(unpack_bytes(tar.data, 100, NULL, &layer, NULL), -EBADMSG);
	tar.data[3] = 'x';
	assert_int_equal(unpack_bytes(tar.data, tar.len, NULL, &layer, NULL), -EBADMSG);
	assert_int_equal(
		unpack_bytes(gzip_start, sizeof(gzip_start), NULL, &layer, NULL), -EBADMSG);
	assert_int_equal(support_count("staging"), 0);
}

/* As gzip(1) does, and more of it than a pipe holds: the writer must not be told that it broke. */
static void bytes_behind_a_compressed_stream_are_passed_over(void **state)
{
	static const unsigned char empty_tar_gz[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0x63, 0x60,
		0x18, 5, 0xa3, 0x60, 0x14, 0x8c, 0x54, 0, 0, 0x2e, 0xaf, 0xb5, 0xef, 0, 4, 0, 0};
	AUTO(layer_unpacked_free) struct layer_unpacked *layer = NULL;
	struct layer_unpacker *unpacker = NULL;
	size_t len = 8 << 20;
	autofree char *junk = xcalloc(1, len);

	(void)state;
	memset(junk, 'j', len);
	memcpy(junk, empty_tar_gz, sizeof(empty_tar_gz));
	assert_int_equal(layer_unpack_start(support_store(), NULL, &unpacker, NULL), 0);
	assert_int_equal(layer_unpacker_write(unpacker, junk, len), 0);
	assert_int_equal(layer_unpack_finish(unpacker, &layer, NULL), 0);
	assert_int_equal(layer->info.tar_size, 1024);
}

static void nothing_at_all_is_an_empty_layer(void **state)
{
	AUTO(layer_unpacked_free) struct layer_unpacked *layer = NULL;

	(void)state;
	assert_int_equal(unpack_bytes("", 0, NULL, &layer, NULL), 0);
	assert_int_equal(layer->info.entries, 0);
}

static void several_run_at_once(void **state)
{
	AUTO(strbuf_release)
	struct strbuf tar =
		support_tar((const struct support_entry[]){{.name = "a", .data = "1"}, {0}});
	struct layer_unpacker *unpackers[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(layer_unpack_start(support_store(), NULL, &unpackers[i], NULL), 0);
	for (int i = 0; i < 3; i++) {
		AUTO(layer_unpacked_free) struct layer_unpacked *layer = NULL;

		assert_int_equal(layer_unpacker_write(unpackers[i], tar.data, tar.len), 0);
		assert_int_equal(layer_unpack_finish(unpackers[i], &layer, NULL), 0);
	}
	layer_unpacker_free(unpackers[3]);
	assert_int_equal(support_count("staging"), 0);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, support_store_setup, support_store_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files_of_all_kinds_are_written),
		TEST(diff_id_is_the_digest_of_the_tar),
		TEST(owners_are_kept),
		TEST(refused_archives_leave_nothing),
		TEST(links_lead_nowhere_else),
		TEST(whiteouts_hide_in_either_order),
		TEST(later_entries_replace_earlier_ones),
		TEST(attributes_that_steer_overlay_are_dropped),
		TEST(limits_end_bombs),
		TEST(broken_archives_are_refused),
		TEST(bytes_behind_a_compressed_stream_are_passed_over),
		TEST(nothing_at_all_is_an_empty_layer),
		TEST(several_run_at_once),
	};

	return cmocka_run_group_tests(tests, support_enter_userns, NULL);
}
