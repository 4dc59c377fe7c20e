/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "container/health.h"

#define S(text) ((char *)(text))

static void note(struct health *health, int64_t exit_code, bool is_starting)
{
	static const struct health_check check = {.retries = 3};
	struct health_result result = {.exit_code = exit_code, .output = xstrdup("x")};

	health_note(health, &check, is_starting, &result);
	assert_null(result.output);
}

static void is(const struct health *health, const char *status, int64_t streak)
{
	assert_string_equal(health->status, status);
	assert_int_equal(health->failing_streak, streak);
}

static void failures_in_a_row_make_it_unhealthy(void **state)
{
	AUTO(health_release) struct health health = {0};

	(void)state;
	note(&health, 1, false);
	note(&health, -1, false);
	is(&health, "starting", 2);
	note(&health, 0, false);
	is(&health, "healthy", 0);
	note(&health, 1, false);
	note(&health, 7, false);
	is(&health, "healthy", 2);
	note(&health, 1, false);
	is(&health, "unhealthy", 3);
	note(&health, 1, false);
	is(&health, "unhealthy", 4);
	note(&health, 0, false);
	is(&health, "healthy", 0);
}

static void failures_of_the_start_count_after_a_success_only(void **state)
{
	AUTO(health_release) struct health health = {0};

	(void)state;
	for (int i = 0; i < 4; i++)
		note(&health, 1, true);
	is(&health, "starting", 0);
	note(&health, 0, true);
	for (int i = 0; i < 3; i++)
		note(&health, 1, true);
	is(&health, "unhealthy", 3);
}

static void five_results_are_kept(void **state)
{
	AUTO(health_release) struct health health = {0};

	(void)state;
	for (int i = 0; i < 8; i++) {
		note(&health, i, false);
		assert_int_equal(health.log_count, i < 4 ? i + 1 : 5);
	}
	for (int i = 0; i < 5; i++)
		assert_int_equal(health.log[i].exit_code, i + 3);
}

static void output_is_short_and_valid(void **state)
{
	const struct {
		const char *raw;
		size_t len;
		const char *kept;
	} cases[] = {
		{"", 0, ""},
		{"yes\n", 4, "yes"},
		{"yes\n\n", 5, "yes\n"},
		{"a\0b", 3,
			"a\xef\xbf\xbd"
			"b"},
		{"\xff\xc3\xa4", 3, "\xef\xbf\xbd\xc3\xa4"},
		{"a\xe2\x82", 3, "a\xef\xbf\xbd\xef\xbf\xbd"},
	};
	char *big = xmalloc(3000);
	autofree char *kept = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *text = health_output(cases[i].raw, cases[i].len);

		assert_string_equal(text, cases[i].kept);
	}
	for (int i = 0; i < 1000; i++)
		memcpy(big + (ptrdiff_t)3 * i, "\xe2\x82\xac", 3);
	kept = health_output(big, 3000);
	assert_int_equal(strlen(kept), 3 * HEALTH_OUTPUT_MAX);
	free(big);
}

static void commands_of_checks(void **state)
{
	char *shell[] = {S("CMD-SHELL"), S("a | b"), NULL},
	     *words[] = {S("CMD"), S("a"), S("b"), NULL};
	char *none[] = {S("NONE"), NULL}, *empty[] = {S("CMD"), NULL};
	AUTO(strv_free) char **one = health_check_command(&(struct health_check){.test = shell});
	AUTO(strv_free) char **two = health_check_command(&(struct health_check){.test = words});

	(void)state;
	assert_int_equal(strv_len(one), 3);
	assert_string_equal(one[2], "a | b");
	assert_int_equal(strv_len(two), 2);
	assert_string_equal(two[0], "a");
	assert_null(health_check_command(&(struct health_check){.test = none}));
	assert_null(health_check_command(&(struct health_check){.test = empty}));
	assert_null(health_check_command(&(struct health_check){0}));
}

static int make_directory(char *path)
{
	assert_non_null(mkdtemp(path));
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void results_survive_another_beginning_and_damage(void **state)
{
	char path[] = "/tmp/health-XXXXXX";
	const struct health_check check = {.retries = 1, .start_period_ns = 10};
	autoclose int dirfd = make_directory(path);
	struct health health = {0};
	const char *status = NULL;
	int fd;

	(void)state;
	assert_int_equal(health_read(dirfd, &health, NULL), -ENOENT);
	assert_int_equal(health_begin(dirfd, NULL), 0);
	assert_int_equal(
		health_add(dirfd, &check, 100,
			&(struct health_result){.start_ns = 105, .exit_code = 1}, &status, NULL),
		0);
	assert_string_equal(status, "starting");
	assert_int_equal(
		health_add(dirfd, &check, 100,
			&(struct health_result){.start_ns = 110, .exit_code = 2}, &status, NULL),
		0);
	assert_string_equal(status, "unhealthy");
	assert_int_equal(health_begin(dirfd, NULL), 0);
	assert_int_equal(health_read(dirfd, &health, NULL), 0);
	is(&health, "starting", 0);
	assert_int_equal(health.log_count, 2);
	assert_int_equal(health.log[1].exit_code, 2);
	health_release(&health);
	fd = openat(dirfd, HEALTH_FILE, O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_int_equal(write(fd, "{\"log\":[7", 9), 9);
	close(fd);
	assert_int_equal(health_begin(dirfd, NULL), 0);
	assert_int_equal(health_read(dirfd, &health, NULL), 0);
	assert_int_equal(health.log_count, 0);
	health_release(&health);
	unlinkat(dirfd, HEALTH_FILE, 0);
	rmdir(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_in_a_row_make_it_unhealthy),
		cmocka_unit_test(failures_of_the_start_count_after_a_success_only),
		cmocka_unit_test(five_results_are_kept),
		cmocka_unit_test(output_is_short_and_valid),
		cmocka_unit_test(commands_of_checks),
		cmocka_unit_test(results_survive_another_beginning_and_damage),
	};

	return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
