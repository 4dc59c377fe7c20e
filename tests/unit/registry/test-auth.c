/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/str.h"
#include "registry/auth.h"
#include "sys/file.h"

/* base64 of "u:p", "v:q", "<token>:t" */
#define UP "{\"auth\":\"dTpw\"}"
#define VQ "{\"auth\":\"djpx\"}"
#define TOKEN "{\"auth\":\"PHRva2VuPjp0\"}"

static char dir[] = "/tmp/test-auth-XXXXXX";
static char file[64];

static int setup(void **state)
{
	autofree char *path = NULL;

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(file, sizeof(file), "%s/sub/auth.json", dir);
	path = xasprintf("%s:%s", dir, getenv("PATH"));
	setenv("PATH", path, 1);
	setenv("HOME", dir, 1);
	setenv("XDG_RUNTIME_DIR", dir, 1);
	setenv("XDG_CONFIG_HOME", dir, 1);
	unsetenv("REGISTRY_AUTH_FILE");
	unsetenv("DOCKER_CONFIG");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return dir_remove_all_at(AT_FDCWD, dir, NULL);
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	autofree char *path = xasprintf("%s/%s", dir, name);
	autofree char *parent = xstrndup(path, (size_t)(strrchr(path, '/') - path));

	assert_int_equal(dir_make_all(parent, 0700, NULL), 0);
	assert_int_equal(file_write_at(AT_FDCWD, path, text, strlen(text), mode, 0, NULL), 0);
}

static void most_specific_key_wins(void **state)
{
	static const struct {
		const char *auths, *key, *user;
	} cases[] = {
		{"\"q.io\":" UP, "q.io/a/b", "u"},
		{"\"q.io\":" UP ",\"q.io/a\":" VQ, "q.io/a/b", "v"},
		{"\"q.io\":" UP ",\"q.io/a/b\":" VQ, "q.io/a", "u"},
		{"\"q.io\":" UP, "q.io:5000/a", NULL},
		{"\"https://index.docker.io/v1/\":" UP, "docker.io/library/x", "u"},
		{"\"index.docker.io\":" UP, "docker.io", "u"},
		{"\"https://q.io/v2/\":" UP, "q.io/a", "u"},
		{"\"q.io\":{}", "q.io/a", NULL},
		{"\"q.io\":{\"username\":\"w\",\"password\":\"x\"}", "q.io", "w"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(auth_release) struct auth auth = {0};
		autofree char *text = xasprintf("{\"auths\":{%s}}", cases[i].auths);
		int r = auth_parse(text, strlen(text), cases[i].key, false, &auth, NULL);

		assert_int_equal(r, cases[i].user ? 1 : 0);
		assert_true(str_eq(auth.username, cases[i].user));
	}
}

static void identity_tokens_are_recognized(void **state)
{
	static const char *const texts[] = {"{\"auths\":{\"q.io\":" TOKEN "}}",
		"{\"auths\":{\"q.io\":{\"auth\":\"dTpw\",\"identitytoken\":\"t\"}}}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO(auth_release) struct auth auth = {0};

		assert_int_equal(
			auth_parse(texts[i], strlen(texts[i]), "q.io", false, &auth, NULL), 1);
		assert_string_equal(auth.identity_token, "t");
	}
}

static void malformed_files_are_refused(void **state)
{
	static const char *const bad[] = {"", "[]", "{\"auths\":{\"q.io\":{\"auth\":\"!\"}}}",
		"{\"auths\":{\"q.io\":{\"auth\":\"dXA=\"}}}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO(auth_release) struct auth auth = {0};
		struct error err = {0};

		assert_int_equal(
			auth_parse(bad[i], strlen(bad[i]), "q.io", false, &auth, &err), -EBADMSG);
		assert_true(err.text[0]);
	}
}

static void stored_credentials_are_found_and_erased(void **state)
{
	struct auth given = {(char *)"u", (char *)"p:w", NULL};
	AUTO(auth_release) struct auth found = {0};
	AUTO(auth_release) struct auth none = {0};
	autofree char *text = NULL;
	struct stat st;

	(void)state;
	write_file("sub/auth.json", "{\"auths\":{\"other.io\":" VQ "},\"keep\":[1]}", 0644);
	assert_int_equal(auth_store(file, "q.io", &given, NULL), 0);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(auth_lookup(file, "q.io/x", &found, NULL), 1);
	assert_string_equal(found.username, "u");
	assert_string_equal(found.password, "p:w");
	assert_int_equal(auth_erase(file, "q.io", NULL), 1);
	assert_int_equal(auth_erase(file, "q.io", NULL), 0);
	assert_int_equal(auth_lookup(file, "q.io/x", &none, NULL), 0);
	assert_int_equal(file_read_at(AT_FDCWD, file, 4096, &text, NULL, NULL), 0);
	assert_non_null(strstr(text, "other.io"));
	assert_non_null(strstr(text, "keep"));
	assert_int_equal(auth_erase(file, NULL, NULL), 1);
	assert_int_equal(auth_erase("/does/not/exist", "q.io", NULL), 0);
}

static void files_are_read_in_order(void **state)
{
	AUTO(auth_release) struct auth first = {0};
	AUTO(auth_release) struct auth second = {0};
	AUTO(auth_release) struct auth third = {0};

	(void)state;
	write_file(".dockercfg", "{\"old.io\":" UP "}", 0600);
	assert_int_equal(auth_lookup(NULL, "old.io/x", &first, NULL), 1);
	write_file(".docker/config.json", "{\"auths\":{\"q.io\":" UP "}}", 0600);
	assert_int_equal(auth_lookup(NULL, "q.io/x", &second, NULL), 1);
	assert_string_equal(second.username, "u");
	write_file("containers/auth.json", "{\"auths\":{\"q.io\":" VQ "}}", 0600);
	assert_int_equal(auth_lookup(NULL, "q.io/x", &third, NULL), 1);
	assert_string_equal(third.username, "v");
}

static const char helper[] =
	"#!/bin/sh\nread -r in\necho \"$1 $in\" >>\"$0.log\"\n"
	"case $1,$in in\n"
	"get,h.io) echo '{\"ServerURL\":\"h.io\",\"Username\":\"hu\",\"Secret\":\"hs\"}';;\n"
	"get,bad.io) echo 'locked\033[31m' >&2; exit 1;;\n"
	"get,*) echo 'credentials not found in native keychain'; exit 1;;\nesac\n";

static void helpers_are_asked(void **state)
{
	struct auth given = {(char *)"a", (char *)"b", NULL};
	AUTO(auth_release) struct auth found = {0};
	AUTO(auth_release) struct auth none = {0};
	autofree char *log = NULL;
	autofree char *log_path = xasprintf("%s/docker-credential-tst.log", dir);
	struct error err = {0};

	(void)state;
	write_file("docker-credential-tst", helper, 0700);
	write_file("sub/auth.json",
		"{\"credHelpers\":{\"h.io\":\"tst\",\"none.io\":\"tst\",\"bad.io\":\"tst\","
		"\"evil.io\":\"../x\",\"gone.io\":\"gone\"}}",
		0600);
	assert_int_equal(auth_lookup(file, "h.io/x", &found, NULL), 1);
	assert_string_equal(found.password, "hs");
	assert_int_equal(auth_lookup(file, "none.io/x", &none, NULL), 0);
	assert_int_equal(auth_lookup(file, "bad.io/x", &none, &err), -EIO);
	assert_non_null(strstr(err.text, "locked"));
	assert_null(strchr(err.text, '\033'));
	assert_int_equal(auth_lookup(file, "evil.io/x", &none, NULL), -EBADMSG);
	assert_int_equal(auth_lookup(file, "gone.io/x", &none, NULL), -ENOENT);
	assert_int_equal(auth_store(file, "h.io", &given, NULL), 0);
	assert_int_equal(auth_erase(file, "h.io", NULL), 1);
	assert_int_equal(file_read_at(AT_FDCWD, log_path, 4096, &log, NULL, NULL), 0);
	assert_non_null(
		strstr(log, "store {\"ServerURL\":\"h.io\",\"Username\":\"a\",\"Secret\":\"b\"}"));
	assert_non_null(strstr(log, "erase h.io"));
}

static void places_follow_the_environment(void **state)
{
	autofree char *given = auth_file_path("/x");
	autofree char *run = auth_file_path(NULL);
	autofree char *wanted = xasprintf("%s/containers/auth.json", dir);

	(void)state;
	assert_string_equal(given, "/x");
	assert_string_equal(run, wanted);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(most_specific_key_wins),
		cmocka_unit_test(identity_tokens_are_recognized),
		cmocka_unit_test(malformed_files_are_refused),
		cmocka_unit_test(stored_credentials_are_found_and_erased),
		cmocka_unit_test(files_are_read_in_order),
		cmocka_unit_test(helpers_are_asked),
		cmocka_unit_test(places_follow_the_environment),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
