/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/progress.h"

#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void bar_fits_any_width(void **state)
{
	(void)state;
	for (size_t width = 0; width < 200; width++) {
		autofree char *line =
			progress_format_bar("blob", DIGEST, 5000000, 9000000, 1234567, width);

		assert_true(strlen(line) <= width);
	}
}

static void bar_shows_short_digest_sizes_and_rate(void **state)
{
	autofree char *line = progress_format_bar("blob", DIGEST, 5000000, 10000000, 2000000, 100);

	(void)state;
	assert_non_null(strstr(line, "Copying blob 0123456789ab [="));
	assert_non_null(strstr(line, "   5 MB / 10 MB |    2 MB/s"));
}

static void bar_keeps_its_width_while_figures_change(void **state)
{
	autofree char *first = progress_format_bar("blob", DIGEST, 0, 63400000, 0, 80);
	autofree char *later = progress_format_bar("blob", DIGEST, 55600000, 63400000, 9620000, 80);

	(void)state;
	assert_int_equal(strchr(first, ']') - first, strchr(later, ']') - later);
}

static void more_than_announced_stays_in_the_brackets(void **state)
{
	autofree char *line = progress_format_bar("blob", DIGEST, 50, 10, 0, 100);

	(void)state;
	assert_null(strchr(line, '-'));
	assert_non_null(strchr(line, ']'));
}

static ssize_t drain(int fd, char *buf, size_t size)
{
	ssize_t got = read(fd, buf, size - 1);

	buf[got > 0 ? got : 0] = '\0';
	return got;
}

static void lines_name_each_blob_once_with_its_result(void **state)
{
	char text[4096];
	int fds[2];
	size_t row;
	struct progress *progress;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	progress = progress_new(fds[1], PROGRESS_LINES);
	progress_note(progress, "Trying to pull %s...", "x");
	row = progress_add(progress, "blob", DIGEST, 10);
	progress_update(progress, row, 5);
	progress_update(progress, row, 10);
	progress_finish(progress, row, "done");
	progress_free(progress);
	assert_true(drain(fds[0], text, sizeof(text)) > 0);
	assert_string_equal(text, "Trying to pull x...\nCopying blob " DIGEST " done\n");
	close(fds[0]);
	close(fds[1]);
}

static void quiet_writes_nothing(void **state)
{
	struct progress *progress = progress_new(-1, PROGRESS_QUIET);
	size_t row = progress_add(progress, "blob", DIGEST, 10);

	(void)state;
	progress_update(progress, row, 5);
	progress_finish(progress, row, "done");
	progress_note(progress, "text");
	progress_free(progress);
}

/* Twenty rows on a terminal of five lines: a frame must never be higher than the screen. */
static void bars_never_move_above_the_screen(void **state)
{
	struct winsize size = {.ws_row = 5, .ws_col = 60};
	char text[65536];
	int master, slave;
	struct progress *progress;

	(void)state;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
	progress = progress_new(slave, PROGRESS_BARS);
	for (size_t i = 0; i < 20; i++) {
		progress_add(progress, "blob", DIGEST, 10);
		assert_true(drain(master, text, sizeof(text)) > 0);
		for (const char *at = strstr(text, "\033["); at; at = strstr(at + 1, "\033[")) {
			if (strchr("JK", at[2]))
				continue;
			assert_true(at[2] >= '1' && at[2] <= '4' && at[3] == 'A');
		}
	}
	for (size_t i = 0; i < 20; i++) {
		progress_finish(progress, i, "done");
		assert_true(drain(master, text, sizeof(text)) > 0);
		assert_non_null(strstr(text, "done"));
	}
	progress_free(progress);
	close(master);
	close(slave);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bar_fits_any_width),
		cmocka_unit_test(bar_shows_short_digest_sizes_and_rate),
		cmocka_unit_test(bar_keeps_its_width_while_figures_change),
		cmocka_unit_test(more_than_announced_stays_in_the_brackets),
		cmocka_unit_test(lines_name_each_blob_once_with_its_result),
		cmocka_unit_test(quiet_writes_nothing),
		cmocka_unit_test(bars_never_move_above_the_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
