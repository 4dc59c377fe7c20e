/* SPDX-License-Identifier: Apache-2.0 */
#include "support-mount.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "storage/pack.h"
#include "sys/file.h"

static int add_bytes(void *data, const void *bytes, size_t len, struct error *err)
{
	(void)err;
	strbuf_add(data, bytes, len);
	return 0;
}

static int make_tree(void)
{
	autofree char *path = support_path("tree");

	mkdir(path, 0755);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void write_file(int dirfd, const char *name, const char *text)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void set_attribute(int dirfd, const char *name, const char *attribute, const char *value)
{
	autofree char *path = xasprintf("/proc/self/fd/%d/%s", dirfd, name);

	assert_int_equal(setxattr(path, attribute, value, strlen(value), 0), 0);
}

static int pack_tree(int dirfd, struct pack_request *request, struct strbuf *ret,
	struct pack_result *result, struct error *err)
{
	AUTO(diff_free) struct diff *diff = NULL;

	if (!request->blob.write)
		request->blob = (struct pack_sink){.write = add_bytes, .data = ret};
	assert_int_equal(diff_open_dir(dirfd, NULL, NULL, &diff, err), 0);
	return pack(diff, request, result, err);
}

static void add_xattrs(struct archive_entry *entry, struct strbuf *ret)
{
	const char *name;
	const void *value;
	size_t size;

	archive_entry_xattr_reset(entry);
	while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK)
		strbuf_addf(ret, " %s=%.*s", name, (int)size, (const char *)value);
}

/* "name type uid:gid size [time] [xattrs]" of each entry, and no root. */
static char *list(const struct strbuf *tar, bool with_time)
{
	struct strbuf text = STRBUF_INIT;
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;

	archive_read_support_format_tar(archive);
	archive_read_support_filter_all(archive);
	assert_int_equal(archive_read_open_memory(archive, tar->data, tar->len), ARCHIVE_OK);
	while (archive_read_next_header(archive, &entry) == ARCHIVE_OK) {
		if (str_eq(archive_entry_pathname(entry), "./"))
			continue;
		strbuf_addf(&text, "%s %o %d:%d %d", archive_entry_pathname(entry),
			archive_entry_mode(entry), (int)archive_entry_uid(entry),
			(int)archive_entry_gid(entry), (int)archive_entry_size(entry));
		if (with_time)
			strbuf_addf(&text, " %lld", (long long)archive_entry_mtime(entry));
		add_xattrs(entry, &text);
		strbuf_addc(&text, '\n');
	}
	archive_read_free(archive);
	return strbuf_take(&text);
}

static void expect_list(int dirfd, struct pack_request *request, const char *expected)
{
	AUTO(strbuf_release) struct strbuf tar = STRBUF_INIT;
	struct pack_result result;
	struct error err = {0};
	autofree char *text = NULL;

	if (pack_tree(dirfd, request, &tar, &result, &err) < 0)
		fail_msg("%s", err.text);
	text = list(&tar, request->has_time);
	assert_string_equal(text, expected);
}

static void attributes_of_overlayfs_stay(void **state)
{
	autoclose int dirfd = make_tree();

	(void)state;
	write_file(dirfd, "f", "x");
	set_attribute(dirfd, "f", "user.mine", "yes");
	set_attribute(dirfd, "f", "user.overlay.origin", "no");
	set_attribute(dirfd, "f", "user.fuseoverlayfs.origin", "no");
	expect_list(dirfd, &(struct pack_request){0}, "f 100644 0:0 1 user.mine=yes\n");
}

/* Else anybody could make himself a file of anybody. */
static void recorded_owners_count_where_the_id_is_not_to_be_had(void **state)
{
	autoclose int dirfd = make_tree();

	(void)state;
	support_need_ids();
	write_file(dirfd, "a", "");
	write_file(dirfd, "b", "");
	write_file(dirfd, "c", "");
	write_file(dirfd, "d", "");
	set_attribute(dirfd, "a", "user.containers.override_stat", "3000000000:0:644");
	set_attribute(dirfd, "b", "user.containers.override_stat", "5:6:4755");
	set_attribute(dirfd, "c", "user.containers.override_stat", "3000000000:7:644");
	assert_int_equal(fchownat(dirfd, "c", 8, 9, 0), 0);
	set_attribute(dirfd, "d", "user.containers.override_stat", "junk");
	expect_list(dirfd, &(struct pack_request){0},
		"a 100644 -1294967296:0 0\nb 100644 0:0 0\nc 100644 8:9 0\nd 100644 0:0 0\n");
}

static void sockets_and_names_of_whiteouts_are_left_out(void **state)
{
	autoclose int dirfd = make_tree();
	autoclose int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)state;
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/sock", dirfd);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	mkdirat(dirfd, ".wh.dir", 0755);
	write_file(dirfd, ".wh.dir/inside", "");
	write_file(dirfd, ".wh.x", "");
	write_file(dirfd, "kept", "");
	expect_list(dirfd, &(struct pack_request){.as_layer = true}, "kept 100644 0:0 0\n");
	expect_list(dirfd, &(struct pack_request){0},
		".wh.dir/ 40755 0:0 0\n.wh.dir/inside 100644 0:0 0\n.wh.x 100644 0:0 0\n"
		"kept 100644 0:0 0\n");
}

static void requests_change_names_owners_and_times(void **state)
{
	autoclose int dirfd = make_tree();
	struct timespec old[2] = {{.tv_sec = 50}, {.tv_sec = 50}};
	struct pack_request request = {.prefix = "p/",
		.has_time = true,
		.time_s = 100,
		.has_owner = true,
		.uid = 3,
		.gid = 4};

	(void)state;
	write_file(dirfd, "new", "x");
	write_file(dirfd, "old", "x");
	utimensat(dirfd, "old", old, 0);
	expect_list(dirfd, &request,
		"p/ 40755 3:4 0 100\np/new 100644 3:4 1 100\np/old 100644 3:4 1 50\n");
}

static void unnamed_root_is_left_out_if_asked(void **state)
{
	AUTO(strbuf_release) struct strbuf with = STRBUF_INIT, without = STRBUF_INIT;
	autoclose int dirfd = make_tree();
	struct pack_result result;

	(void)state;
	assert_int_equal(pack_tree(dirfd, &(struct pack_request){0}, &with, &result, NULL), 0);
	assert_int_equal(result.entries, 1);
	assert_int_equal(
		pack_tree(dirfd, &(struct pack_request){.no_root = true}, &without, &result, NULL),
		0);
	assert_int_equal(result.entries, 0);
}

static void write_much(int dirfd)
{
	int fd = openat(dirfd, "much", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	uint32_t block[16384], chance = 1;

	for (int i = 0; i < 150; i++) {
		for (size_t j = 0; j < ARRAY_SIZE(block); j++) {
			chance = chance * 1664525 + 1013904223;
			block[j] = chance >> (i % 32);
		}
		assert_int_equal(write(fd, block, sizeof(block)), (ssize_t)sizeof(block));
	}
	close(fd);
}

static void use_one_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)sched_getcpu(), &set);
	assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
}

static void compress(int dirfd, enum pack_compression compression, struct pack_result *ret)
{
	AUTO(strbuf_release) struct strbuf blob = STRBUF_INIT;
	autofree char *names = NULL;
	struct error err = {0};

	if (pack_tree(dirfd, &(struct pack_request){.compression = compression}, &blob, ret, &err) <
		0)
		fail_msg("%s", err.text);
	assert_int_equal(blob.len, ret->size);
	names = list(&blob, false);
	assert_string_equal(names, "much 100644 0:0 9830400\n");
}

static void result_does_not_depend_on_the_number_of_processes(void **state)
{
	autoclose int dirfd = make_tree();
	struct pack_result many[3], one;
	cpu_set_t all;

	(void)state;
	write_much(dirfd);
	for (int i = 0; i < 3; i++)
		compress(dirfd, (enum pack_compression)i, &many[i]);
	assert_string_equal(many[0].digest, many[0].diff_id);
	assert_string_not_equal(many[1].digest, many[0].digest);
	sched_getaffinity(0, sizeof(all), &all);
	use_one_cpu();
	for (int i = 0; i < 3; i++) {
		compress(dirfd, (enum pack_compression)i, &one);
		assert_string_equal(one.digest, many[i].digest);
		assert_string_equal(one.diff_id, many[0].diff_id);
	}
	sched_setaffinity(0, sizeof(all), &all);
}

static int refuse(void *data, const void *bytes, size_t len, struct error *err)
{
	size_t *room = data;

	(void)bytes;
	if (len > *room)
		return error_set(err, ENOSPC, "full");
	*room -= len;
	return 0;
}

static void failure_of_a_sink_is_the_result(void **state)
{
	autoclose int dirfd = make_tree();
	struct pack_result result;

	(void)state;
	write_much(dirfd);
	for (int i = 0; i < 3; i++) {
		for (size_t size = 0; size < 3000000; size = size * 5 + 100) {
			size_t room = size;
			struct error err = {0};
			struct pack_request request = {.compression = (enum pack_compression)i,
				.blob = {.write = refuse, .data = &room}};

			assert_int_equal(pack_tree(dirfd, &request, NULL, &result, &err), -ENOSPC);
			assert_string_equal(err.text, "full");
		}
	}
}

int main(void)
{
#define STORE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, support_store_setup, support_store_teardown)
	const struct CMUnitTest tests[] = {
		STORE_TEST(attributes_of_overlayfs_stay),
		STORE_TEST(recorded_owners_count_where_the_id_is_not_to_be_had),
		STORE_TEST(sockets_and_names_of_whiteouts_are_left_out),
		STORE_TEST(requests_change_names_owners_and_times),
		STORE_TEST(unnamed_root_is_left_out_if_asked),
		STORE_TEST(result_does_not_depend_on_the_number_of_processes),
		STORE_TEST(failure_of_a_sink_is_the_result),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("pack-tar", tests, support_enter_userns, NULL);
}
