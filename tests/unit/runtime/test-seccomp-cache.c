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

static size_t count_filters(void)
{
	AUTO(strv_free) char **names = NULL;

	return dir_list_at(dirfd_of_folder, "seccomp", &names, NULL) < 0 ? 0 : strv_len(names);
}

/* Its time stamps may be those of the next change as well. */
static void fresh_profile_is_not_trusted(void **state)
{
	autofree char *path = xasprintf("%s/fresh.json", folder);
	size_t runs = count_runs(), filters = count_filters();
	char text[8] = "";

	(void)state;
	assert_int_equal(file_write_at(AT_FDCWD, path, "good", 4, 0644, 0, NULL), 0);
	for (int i = 0; i < 2; i++) {
		autoclose int fd = -1;

		assert_int_equal(seccomp_filter_prepare(dirfd_of_folder, path, NULL, &fd, NULL), 0);
		assert_int_equal(read(fd, text, sizeof(text) - 1), 7);
		assert_string_equal(text, "filter\n");
	}
	assert_int_equal(count_runs(), runs + 2);
	assert_int_equal(count_filters(), filters);
}

static void settled_profile_is_made_once(void **state)
{
	autofree char *path = xasprintf("%s/settled.json", folder);
	autofree char *other = xasprintf("%s/other.json", folder);
	char *caps[] = {"CAP_CHOWN", NULL};
	const struct {
		const char *path;
		char **caps;
		size_t runs;
	} steps[] = {{path, NULL, 1}, {path, NULL, 1}, {path, caps, 2}, {path, NULL, 2},
		{other, NULL, 3}};
	size_t before = count_runs();
	autoclose int write_fd = -1;

	(void)state;
	assert_int_equal(file_write_at(AT_FDCWD, path, "good", 4, 0644, 0, NULL), 0);
	assert_int_equal(file_write_at(AT_FDCWD, other, "good", 4, 0644, 0, NULL), 0);
	sleep(3);
	usleep(100 * 1000);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		autoclose int fd = -1;

		assert_int_equal(seccomp_filter_prepare(
					 dirfd_of_folder, steps[i].path, steps[i].caps, &fd, NULL),
			0);
		assert_int_equal(count_runs(), before + steps[i].runs);
	}
	/* In place, of the same size. */
	write_fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(fd_write_all(write_fd, "GOOD", 4), 0);
	assert_int_equal(
		seccomp_filter_prepare(dirfd_of_folder, path, NULL, &(int){-1}, NULL), -EBADMSG);
}

/* What is compiled is the file that was looked at; its path is for messages. */
static void compiler_gets_the_file_itself(void **state)
{
	static const char look[] = "#!/bin/sh\n"
				   "test \"$3 $4\" = '--profile-fd 4' && cat <&4 >\"$8\"\n";
	autofree char *path = xasprintf("%s/itself.json", folder);
	autoclose int fd = -1;
	char text[8] = "";

	(void)state;
	assert_int_equal(file_write_at(AT_FDCWD, path, "itself", 6, 0644, 0, NULL), 0);
	assert_int_equal(file_write_at(dirfd_of_folder, "coracle-seccomp", look, strlen(look), 0755,
				 0, NULL),
		0);
	assert_int_equal(seccomp_filter_prepare(dirfd_of_folder, path, NULL, &fd, NULL), 0);
	assert_int_equal(read(fd, text, sizeof(text) - 1), 6);
	assert_string_equal(text, "itself");
	assert_int_equal(file_write_at(dirfd_of_folder, "coracle-seccomp", script, strlen(script),
				 0755, 0, NULL),
		0);
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
		cmocka_unit_test(fresh_profile_is_not_trusted),
		cmocka_unit_test(settled_profile_is_made_once),
		cmocka_unit_test(compiler_gets_the_file_itself),
		cmocka_unit_test(faulty_profile_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
