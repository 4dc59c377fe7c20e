/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "image/platform.h"

static struct platform parse(const char *text)
{
	struct platform platform = {0};

	if (platform_parse(text, &platform, NULL) < 0)
		fail_msg("%s refused", text);
	return platform;
}

static void texts_are_normalized(void **state)
{
	static const struct {
		const char *text, *formatted;
	} cases[] = {
		{"linux/amd64", "linux/amd64"},
		{"linux/x86_64", "linux/amd64"},
		{"linux/aarch64", "linux/arm64"},
		{"linux/arm/7", "linux/arm/v7"},
		{"linux/armhf", "linux/arm/v7"},
		{"linux/arm/v6", "linux/arm/v6"},
		{"arm64", "linux/arm64"},
		{"windows/amd64", "windows/amd64"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(platform_release) struct platform platform = parse(cases[i].text);
		autofree char *text = platform_format(&platform);

		assert_string_equal(text, cases[i].formatted);
	}
}

static void malformed_texts_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "/", "linux/", "a/b/c/d", "linux/am d64", "linux//v7"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct platform platform = {0};

		assert_int_equal(platform_parse(bad[i], &platform, NULL), -EINVAL);
	}
}

static void ranks_follow_variants(void **state)
{
	/* Is the first better than the second, for the one who wants? NULL: the first must not
	 * match. */
	static const struct {
		const char *want, *first, *second;
	} cases[] = {
		{"linux/arm/v7", "linux/arm/v7", "linux/arm/v6"},
		{"linux/arm/v7", "linux/arm/v6", "linux/arm/v5"},
		{"linux/arm/v6", "linux/arm/v7", NULL},
		{"linux/arm64", "linux/arm64/v8", "linux/arm64/v7"},
		{"linux/amd64", "linux/amd64/v2", NULL},
		{"linux/amd64/v3", "linux/amd64/v3", "linux/amd64"},
		{"linux/amd64", "linux/arm64", NULL},
		{"linux/amd64", "windows/amd64", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(platform_release) struct platform want = parse(cases[i].want);
		AUTO(platform_release) struct platform first = parse(cases[i].first);

		if (cases[i].second) {
			AUTO(platform_release) struct platform second = parse(cases[i].second);

			assert_true(platform_rank(&want, &first) > platform_rank(&want, &second));
			assert_true(platform_rank(&want, &second) > 0);
		} else {
			assert_false(platform_matches(&want, &first));
		}
	}
}

static void host_is_linux_and_matches_itself(void **state)
{
	AUTO(platform_release) struct platform host = {0};

	(void)state;
	platform_host(&host);
	assert_string_equal(host.os, "linux");
	assert_true(platform_matches(&host, &host));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_normalized),
		cmocka_unit_test(malformed_texts_are_refused),
		cmocka_unit_test(ranks_follow_variants),
		cmocka_unit_test(host_is_linux_and_matches_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
