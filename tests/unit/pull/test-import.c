/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/import.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/str.h"
#include "fake-registry.h"
#include "image/config.h"
#include "image/manifest.h"
#include "storage/image-store.h"
#include "storage/layer.h"
#include "sys/file.h"

struct fixture {
	struct store *store;
	char dir[64];
};

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		abort();
	close(fd);
}

static int enter_namespace(void **state)
{
	char map[64];
	uid_t uid = getuid();
	gid_t gid = getgid();

	(void)state;
	if (unshare(CLONE_NEWUSER) < 0)
		return -1;
	write_text("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	write_text("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", gid);
	write_text("/proc/self/gid_map", map);
	return 0;
}

static int set_up(void **state)
{
	struct fixture *fixture = xnew(struct fixture);
	autofree char *root = NULL;
	autofree char *run = NULL;
	struct store_options options;

	snprintf(fixture->dir, sizeof(fixture->dir), "/tmp/test-import-XXXXXX");
	assert_non_null(mkdtemp(fixture->dir));
	root = xasprintf("%s/root", fixture->dir);
	run = xasprintf("%s/run", fixture->dir);
	options = (struct store_options){.root = root, .runroot = run};
	assert_int_equal(store_open(&options, &fixture->store, NULL), 0);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	store_close(fixture->store);
	dir_remove_all_at(AT_FDCWD, fixture->dir, NULL);
	free(fixture);
	return 0;
}

static int file_of(const void *data, size_t len)
{
	int fd = memfd_create("tar", MFD_CLOEXEC);

	assert_int_equal(fd_write_all(fd, data, len), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static size_t count_files(struct fixture *fixture, const char *dir)
{
	AUTO(strv_free) char **names = NULL;

	if (dir_list_at(fixture->store->rootfd, dir, &names, NULL) < 0)
		return 0;
	return strv_len(names);
}

static int import(struct fixture *fixture, int fd, const char *reference, char *const *changes,
	char **ret_id, struct error *err)
{
	struct import_request request = {
		.store = fixture->store,
		.fd = fd,
		.reference = reference,
		.changes = changes,
	};

	return import_image(&request, ret_id, err);
}

static void tar_becomes_an_image_with_a_local_name(void **state)
{
	struct fixture *fixture = *state;
	AUTO(image_record_free) struct image_record *image = NULL;
	AUTO(image_config_release) struct image_config config = {0};
	AUTO(manifest_release) struct manifest manifest = {0};
	char *changes[] = {"CMD [\"sh\",\"-c\"]", "ENV A=b", NULL};
	size_t len;
	autofree char *tar = fake_tar("a", "content", &len);
	autofree char *digest = digest_of(tar, len);
	autofree char *id = NULL;
	autoclose int fd = file_of(tar, len);
	struct error err = {0};

	if (import(fixture, fd, "new", changes, &id, &err) < 0)
		fail_msg("%s", error_text(&err));
	assert_int_equal(image_resolve(fixture->store, "localhost/new:latest", &image, NULL), 0);
	assert_string_equal(image->id, id);
	assert_int_equal(image_config_parse(image->config, image->config_len, &config, NULL), 0);
	assert_string_equal(config.config.cmd[0], "sh");
	assert_string_equal(config.config.env[0], "A=b");
	assert_string_equal(config.rootfs.diff_ids[0], digest);
	assert_string_equal(config.history[0].comment, "imported from tarball");
	assert_int_equal(manifest_parse(image->manifest, image->manifest_len, NULL, &manifest,
				 NULL), 0);
	assert_string_equal(manifest.layers[0].digest, digest);
	assert_string_equal(manifest.layers[0].media_type, MEDIA_OCI_LAYER);
	assert_int_equal(manifest.layers[0].size, len);
	assert_int_equal(layer_find(fixture->store, digest, NULL), 1);
}

static void empty_and_malformed_input_leave_nothing(void **state)
{
	struct fixture *fixture = *state;
	char junk[5000];
	struct error err = {0};
	autofree char *id = NULL;

	memset(junk, 'j', sizeof(junk));
	for (size_t len = 0; len <= sizeof(junk); len += sizeof(junk)) {
		autoclose int fd = file_of(junk, len);

		assert_int_equal(import(fixture, fd, "new", NULL, &id, &err), -EBADMSG);
		assert_null(id);
		assert_int_equal(count_files(fixture, "images"), 0);
		assert_int_equal(count_files(fixture, "layers"), 0);
		assert_int_equal(count_files(fixture, "staging"), 0);
		assert_int_equal(count_files(fixture, "blobs/sha256"), 0);
	}
}

static void bad_request_fails_before_the_tar_is_read(void **state)
{
	struct fixture *fixture = *state;
	char *changes[] = {"FROM x", NULL};
	size_t len;
	autofree char *tar = fake_tar("a", "content", &len);
	autofree char *id = NULL;
	autofree char *by_digest = NULL;
	autofree char *digest = digest_of("x", 1);
	autoclose int fd = file_of(tar, len);

	by_digest = xasprintf("new@%s", digest);
	assert_int_equal(import(fixture, fd, "Bad Name", NULL, &id, NULL), -EINVAL);
	assert_int_equal(import(fixture, fd, by_digest, NULL, &id, NULL), -EINVAL);
	assert_int_equal(import(fixture, fd, "new", changes, &id, NULL), -EINVAL);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(tar_becomes_an_image_with_a_local_name),
		CASE(empty_and_malformed_input_leave_nothing),
		CASE(bad_request_fails_before_the_tar_is_read),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, enter_namespace, NULL);
}
