/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "registry/tls.h"
#include "sys/file.h"

static char dir[] = "/tmp/test-tls-XXXXXX";

static void write_file(const char *name, const char *text)
{
	autofree char *path = xasprintf("%s/%s", dir, name);
	autofree char *parent = xstrndup(path, (size_t)(strrchr(path, '/') - path));

	assert_int_equal(dir_make_all(parent, 0700, NULL), 0);
	assert_int_equal(file_write_at(AT_FDCWD, path, text, strlen(text), 0600, 0, NULL), 0);
}

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	setenv("XDG_CONFIG_HOME", dir, 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return dir_remove_all_at(AT_FDCWD, dir, NULL);
}

static void hosts_without_directory_use_the_system(void **state)
{
	struct tls_files files;

	(void)state;
	assert_int_equal(tls_files_load(NULL, "no.such.host:1", &files, NULL), 0);
	assert_null(files.authorities);
	assert_null(files.certificate);
}

static void files_of_the_host_are_used(void **state)
{
	struct tls_files files;

	(void)state;
	write_file("containers/certs.d/q.io:5000/ca.crt", "OUR AUTHORITY");
	write_file("containers/certs.d/q.io:5000/client.cert", "x");
	write_file("containers/certs.d/q.io:5000/client.key", "x");
	assert_int_equal(tls_files_load(NULL, "q.io:5000", &files, NULL), 0);
	assert_non_null(strstr(files.authorities, "OUR AUTHORITY"));
	assert_int_equal(files.authorities_len, strlen(files.authorities));
	assert_true(str_has_suffix(files.certificate, "/client.cert"));
	assert_true(str_has_suffix(files.key, "/client.key"));
	tls_files_release(&files);
}

static void certificate_needs_its_key(void **state)
{
	autofree char *path = xasprintf("%s/pair", dir);
	struct tls_files files;
	struct error err = {0};

	(void)state;
	write_file("pair/client.cert", "x");
	assert_int_equal(tls_files_load(path, "q.io", &files, &err), -EINVAL);
	assert_non_null(strstr(err.text, "client.key"));
}

static void missing_directory_that_was_named_is_an_error(void **state)
{
	struct tls_files files;

	(void)state;
	assert_int_equal(tls_files_load("/does/not/exist", "q.io", &files, NULL), -ENOENT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_without_directory_use_the_system),
		cmocka_unit_test(files_of_the_host_are_used),
		cmocka_unit_test(certificate_needs_its_key),
		cmocka_unit_test(missing_directory_that_was_named_is_an_error),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
