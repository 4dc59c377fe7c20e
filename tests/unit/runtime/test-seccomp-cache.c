/* SPDX-License-Identifier: Apache-2.0 */
/* coracle-seccomp is stood in for by a shell script that counts its runs. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/str.h"
#include "runtime/seccomp-cache.h"
#include "sys/file.h"

static const char script[] = "#!/bin/sh\n"
			     "for output; do :; done\n"
			     "echo run >>\"${0%/*}/runs\"\n"
			     "test \"$2\" = default || grep -q good \"$2\" ||\n"
			     "  { echo 'seccomp: bad profile' >&2; exit 1; }\n"
			     "echo filter >\"$output\"\n";

static char folder[] = "/tmp/coracle-test-seccomp-XXXXXX";
static int dirfd_of_folder = -1;

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(folder) || setenv("CORACLE_LIBEXEC_DIR", folder, 1) < 0)
		return -1;
	dirfd_of_folder = dir_open_at(AT_FDCWD, folder, NULL);
	return file_write_at(
		dirfd_of_folder, "coracle-seccomp", script, strlen(script), 0755, 0, NULL);
}

static int teardown(void **state)
{
	(void)state;
	close(dirfd_of_folder);
	return dir_remove_all_at(AT_FDCWD, folder, NULL);
}

static size_t count_runs(void)
{
	autofree char *text = NULL;
	size_t len = 0;

	return file_read_at(dirfd_of_folder, "runs", 4096, &text, &len, NULL) < 0 ? 0 : len / 4;
}

static void filter_is_made_once_for_each_set(void **state)
{
	char *caps[] = {"CAP_CHOWN", NULL};
	size_t before = count_runs();
	struct error err = {0};
	autoclose int first = -1;
	autoclose int second = -1;
	autoclose int third = -1;

	(void)state;
	assert_int_equal(seccomp_filter_prepare(dirfd_of_folder, NULL, caps, &first, &err), 0);
	assert_int_equal(seccomp_filter_prepare(dirfd_of_folder, NULL, caps, &second, &err), 0);
	assert_int_equal(count_runs(), before + 1);
	assert_int_equal(seccomp_filter_prepare(dirfd_of_folder, NULL, NULL, &third, &err), 0);
	assert_int_equal(count_runs(), before + 2);
}

static void changed_profile_is_a_new_filter(void **state)
{
	autofree char *path = xasprintf("%s/profile.json", folder);
	size_t before = count_runs();
	autoclose int first = -1;
	autoclose int second = -1;

	(void)state;
	assert_int_equal(file_write_at(AT_FDCWD, path, "good 1", 6, 0644, 0, NULL), 0);
	assert_int_equal(seccomp_filter_prepare(dirfd_of_folder, path, NULL, &first, NULL), 0);
	assert_int_equal(file_write_at(AT_FDCWD, path, "good 2", 6, 0644, 0, NULL), 0);
	assert_int_equal(seccomp_filter_prepare(dirfd_of_folder, path, NULL, &second, NULL), 0);
	assert_int_equal(count_runs(), before + 2);
}

static void faulty_profile_is_told(void **state)
{
	autofree char *path = xasprintf("%s/bad.json", folder);
	struct error err = {0};
	int fd = -1;

	(void)state;
	assert_int_equal(
		seccomp_filter_prepare(dirfd_of_folder, "/no/such", NULL, &fd, &err), -ENOENT);
	assert_int_equal(file_write_at(AT_FDCWD, path, "bad", 3, 0644, 0, NULL), 0);
	assert_int_equal(seccomp_filter_prepare(dirfd_of_folder, path, NULL, &fd, &err), -EBADMSG);
	assert_string_equal(err.text, "seccomp: bad profile");
	assert_int_equal(fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filter_is_made_once_for_each_set),
		cmocka_unit_test(changed_profile_is_a_new_filter),
		cmocka_unit_test(faulty_profile_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
