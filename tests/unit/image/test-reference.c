/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "image/reference.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DIGEST "sha256:" HEX64
#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
	const char *text, *domain, *path, *tag, *digest, *full;
} valid[] = {
	{"debian", NULL, "debian", NULL, NULL, "docker.io/library/debian:latest"},
	{"debian:12", NULL, "debian", "12", NULL, "docker.io/library/debian:12"},
	{"a/b", NULL, "a/b", NULL, NULL, "docker.io/a/b:latest"},
	{"docker.io/debian", "docker.io", "debian", NULL, NULL, "docker.io/library/debian:latest"},
	{"index.docker.io/a/b", "index.docker.io", "a/b", NULL, NULL, "docker.io/a/b:latest"},
	{"localhost/x", "localhost", "x", NULL, NULL, "localhost/x:latest"},
	{"localhost:5000/x:y", "localhost:5000", "x", "y", NULL, "localhost:5000/x:y"},
	{"localhost:5000", NULL, "localhost", "5000", NULL, "docker.io/library/localhost:5000"},
	{"quay.io/a/b/c@" DIGEST, "quay.io", "a/b/c", NULL, DIGEST, "quay.io/a/b/c@" DIGEST},
	{"q.io/a:t@" DIGEST, "q.io", "a", "t", DIGEST, "q.io/a:t@" DIGEST},
	{"docker://q.io/a", "q.io", "a", NULL, NULL, "q.io/a:latest"},
	{"[::1]:5000/a", "[::1]:5000", "a", NULL, NULL, "[::1]:5000/a:latest"},
	{"Host/a", "Host", "a", NULL, NULL, "Host/a:latest"},
	{"a.b_c__d---e", NULL, "a.b_c__d---e", NULL, NULL, "docker.io/library/a.b_c__d---e:latest"},
	{"x:A_b.C-d", NULL, "x", "A_b.C-d", NULL, "docker.io/library/x:A_b.C-d"},
	{"0123abcd", NULL, "0123abcd", NULL, NULL, "docker.io/library/0123abcd:latest"},
};

static void valid_names_are_split_and_completed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(valid); i++) {
		AUTO(reference_release) struct reference ref = {0};
		struct error err = {0};
		autofree char *full = NULL;

		if (reference_parse(valid[i].text, &ref, &err) < 0)
			fail_msg("%s: %s", valid[i].text, err.text);
		assert_true(str_eq(ref.domain, valid[i].domain));
		assert_string_equal(ref.path, valid[i].path);
		assert_true(str_eq(ref.tag, valid[i].tag));
		assert_true(str_eq(ref.digest, valid[i].digest));
		assert_int_equal(ref.is_short, !valid[i].domain);
		reference_normalize(&ref);
		full = reference_format(&ref);
		assert_string_equal(full, valid[i].full);
	}
}

static void malformed_names_are_refused(void **state)
{
	static const char *const bad[] = {"", " ", "a b", "a\nb", "\033[31m", "A", "a/B", "/a",
		"a/", "a//b", "a..b", "a___b", "-a", "a-", "_a", "a:", "a:-x", "a:b/c:d:e", ":a",
		"@", "a@", "a@sha256:12", "a@md5:0123456789abcdef", "a@" DIGEST "0", "../a",
		"a/../b", "./a", "localhost:x/a", "localhost:99999/a", "-h.io/a", "h-.io/a",
		"h..io/a", "[::1/a", "[]/a", "[x]/a", "http://q.io/a", HEX64, DIGEST, "a:t@x:y",
		"docker://", X50 X50 X50 X50 X50 X50, "a:" X50 X50 X50};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct reference ref = {0};
		struct error err = {0};

		if (reference_parse(bad[i], &ref, &err) != -EINVAL)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_non_null(strstr(err.text, "invalid reference"));
		assert_null(ref.path);
	}
}

static void capital_letters_get_their_own_words(void **state)
{
	struct reference ref = {0};
	struct error err = {0};

	(void)state;
	assert_int_equal(reference_parse("quay.io/Foo", &ref, &err), -EINVAL);
	assert_non_null(strstr(err.text, "repository name must be lowercase"));
}

static void ids_are_told_from_names(void **state)
{
	(void)state;
	assert_true(reference_is_id(HEX64));
	assert_true(reference_is_id(DIGEST));
	assert_false(reference_is_id("abc"));
	assert_false(reference_is_id(HEX64 "0"));
	assert_true(reference_may_be_id_prefix("abc"));
	assert_false(reference_may_be_id_prefix("ab"));
	assert_false(reference_may_be_id_prefix("abg"));
}

static void copies_are_independent(void **state)
{
	AUTO(reference_release) struct reference ref = {0};
	AUTO(reference_release) struct reference copy = {0};
	autofree char *name = NULL;

	(void)state;
	assert_int_equal(reference_parse_normalized("debian", &ref, NULL), 0);
	reference_copy(&copy, &ref);
	reference_release(&ref);
	name = reference_name(&copy);
	assert_string_equal(name, "docker.io/library/debian");
	assert_true(copy.is_short);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_names_are_split_and_completed),
		cmocka_unit_test(malformed_names_are_refused),
		cmocka_unit_test(capital_letters_get_their_own_words),
		cmocka_unit_test(ids_are_told_from_names),
		cmocka_unit_test(copies_are_independent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
