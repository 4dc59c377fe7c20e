/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "userns/subid.h"

static void write_file(char *path, const char *text)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void all_ranges_of_a_user_are_taken_by_name_and_number(void **state)
{
	char path[] = "/tmp/test-subid-XXXXXX";
	struct idmap map = { 0 };
	autofree char *text = NULL;

	(void)state;
	write_file(path, "me:100000:65536\nyou:200000:65536\nme:x:1\nme:5\n1000:300000:10\n"
			 "me:4294967295:2\nme:400000:0\n");
	assert_int_equal(subid_read(path, "me", 1000, &map, NULL), 0);
	text = idmap_text(&map);
	assert_string_equal(text, "1 100000 65536\n65537 300000 10\n");
	assert_int_equal(subid_find_free(path, 65536), 524288);
	idmap_release(&map);
	unlink(path);
}

static void a_missing_file_has_no_ranges(void **state)
{
	struct idmap map = { 0 };

	(void)state;
	assert_int_equal(subid_read("/nonexistent/subuid", "me", 1000, &map, NULL), 0);
	assert_int_equal(map.count, 0);
}

static void free_ranges_lie_above_all_others(void **state)
{
	char path[] = "/tmp/test-subid-XXXXXX";

	(void)state;
	write_file(path, "a:600000:65536\nb:700000:100\n");
	assert_int_equal(subid_find_free(path, 65536), 700100);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_ranges_of_a_user_are_taken_by_name_and_number),
		cmocka_unit_test(a_missing_file_has_no_ranges),
		cmocka_unit_test(free_ranges_lie_above_all_others),
	};

	return cmocka_run_group_tests_name("userns/subid", tests, NULL, NULL);
}
