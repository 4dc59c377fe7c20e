/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "registry/config.h"
#include "sys/file.h"

static int merge(struct registries_config *config, const char *text, struct error *err)
{
	return registries_config_merge(config, text, strlen(text), "f", err);
}

static void later_files_win_piece_by_piece(void **state)
{
	AUTO(registries_config_release) struct registries_config config = {0};

	(void)state;
	assert_int_equal(
		merge(&config,
			"unqualified-search-registries=['a.io']\nshort-name-mode='enforcing'\n"
			"[[registry]]\nlocation='x.io'\n[[registry]]\nlocation='y.io'\n"
			"[aliases]\n'd'='q.io/d'\n'e'='q.io/e'",
			NULL),
		0);
	assert_int_equal(
		merge(&config,
			"unqualified-search-registries=['b.io','c.io']\n"
			"[[registry]]\nprefix='x.io'\nlocation='z.io/'\ninsecure=true\n"
			"[[registry.mirror]]\nlocation='m.io'\npull-from-mirror='digest-only'\n"
			"[aliases]\n'd'=''",
			NULL),
		0);
	assert_int_equal(strv_len(config.search), 2);
	assert_string_equal(config.search[0], "b.io");
	assert_int_equal(config.short_name_mode, SHORT_NAME_ENFORCING);
	assert_int_equal(config.entry_count, 2);
	assert_string_equal(config.entries[0].location, "z.io");
	assert_true(config.entries[0].insecure);
	assert_int_equal(config.entries[0].mirror_count, 1);
	assert_int_equal(config.entries[0].mirrors[0].pull, MIRROR_PULL_DIGEST_ONLY);
	assert_string_equal(strmap_get(&config.aliases, "d"), "");
	assert_string_equal(strmap_get(&config.aliases, "e"), "q.io/e");
}

static void malformed_files_are_refused_by_name(void **state)
{
	static const char *const bad[] = {
		"short-name-mode='x'",
		"unqualified-search-registries='a'",
		"unqualified-search-registries=[1]",
		"registry='x'",
		"[[registry]]\ninsecure=true",
		"[[registry]]\nlocation='https://x.io'",
		"[[registry]]\nlocation='x io'",
		"[[registry]]\nprefix='a*.io'\nlocation='x'",
		"[[registry]]\nprefix='x.io'",
		"[[registry]]\nlocation='x.io'\ninsecure='yes'",
		"[[registry]]\nlocation='x.io'\n[[registry.mirror]]\ninsecure=true",
		"[[registry]]\nlocation='x.io'\n[[registry.mirror]]\nlocation='m'\npull-from-"
		"mirror='x'",
		"[[registry]]\nlocation='x.io'\nmirror-by-digest-only=true\n"
		"[[registry.mirror]]\nlocation='m'\npull-from-mirror='all'",
		"[aliases]\na='b'",
		"[aliases]\na='q.io/b:tag'",
		"[aliases]\na=1",
		"unqualified-search-registries=['a']\n[registries.search]\nregistries=['b']",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO(registries_config_release) struct registries_config config = {0};
		struct error err = {0};

		if (merge(&config, bad[i], &err) != -EBADMSG)
			fail_msg("case %zu was taken", i);
		assert_int_equal(err.text[0], 'f');
	}
}

static void write_file(const char *dir, const char *name, const char *text)
{
	autofree char *path = xasprintf("%s/%s", dir, name);
	autofree char *parent = xstrndup(path, (size_t)(strrchr(path, '/') - path));

	assert_int_equal(dir_make_all(parent, 0700, NULL), 0);
	assert_int_equal(file_write_at(AT_FDCWD, path, text, strlen(text), 0600, 0, NULL), 0);
}

static void files_of_the_user_are_found(void **state)
{
	AUTO(registries_config_release) struct registries_config config = {0};
	AUTO(registries_config_release) struct registries_config other = {0};
	char dir[] = "/tmp/test-config-XXXXXX";
	struct error err = {0};
	autofree char *cache = NULL;

	(void)state;
	assert_non_null(mkdtemp(dir));
	cache = xasprintf("%s/cache", dir);
	setenv("XDG_CONFIG_HOME", dir, 1);
	setenv("XDG_CACHE_HOME", cache, 1);
	unsetenv("CONTAINERS_REGISTRIES_CONF");
	write_file(dir, "containers/registries.conf",
		"unqualified-search-registries=['a.io']\n[aliases]\nx='a.io/x'");
	write_file(dir, "containers/registries.conf.d/2.conf",
		"unqualified-search-registries=['2.io']");
	write_file(dir, "containers/registries.conf.d/1.conf",
		"unqualified-search-registries=['1.io']");
	write_file(dir, "containers/registries.conf.d/3.txt", "garbage");
	write_file(cache, "containers/short-name-aliases.conf", "[aliases]\nx='m.io/x'");
	if (registries_config_load(&config, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(config.search[0], "2.io");
	assert_string_equal(strmap_get(&config.aliases, "x"), "m.io/x");
	setenv("CONTAINERS_REGISTRIES_CONF", "/does/not/exist", 1);
	assert_int_equal(registries_config_load(&other, &err), -ENOENT);
	unsetenv("CONTAINERS_REGISTRIES_CONF");
	assert_int_equal(dir_remove_all_at(AT_FDCWD, dir, NULL), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(later_files_win_piece_by_piece),
		cmocka_unit_test(malformed_files_are_refused_by_name),
		cmocka_unit_test(files_of_the_user_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
