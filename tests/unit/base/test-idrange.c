/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/idrange.h"

static void maps_translate_both_ways(void **state)
{
	struct idmap map = { 0 };
	uint32_t id;
	autofree char *text = NULL;

	(void)state;
	assert_int_equal(idmap_parse("         0       1000          1\n 1 100000 65536\n", &map, NULL), 0);
	assert_true(idmap_to_outside(&map, 0, &id));
	assert_int_equal(id, 1000);
	assert_true(idmap_to_outside(&map, 65536, &id));
	assert_int_equal(id, 165535);
	assert_false(idmap_to_outside(&map, 65537, &id));
	assert_true(idmap_to_inside(&map, 100000, &id));
	assert_int_equal(id, 1);
	assert_false(idmap_to_inside(&map, 0, &id));
	assert_int_equal(idmap_size(&map), 65537);
	text = idmap_text(&map);
	assert_string_equal(text, "0 1000 1\n1 100000 65536\n");
	idmap_release(&map);
}

static void malformed_maps_are_refused(void **state)
{
	static const char *const cases[] = { "x", "1 2", "1 2 3 4\n", "0 0 -1x\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct idmap map = { 0 };

		assert_int_equal(idmap_parse(cases[i], &map, NULL), -EBADMSG);
		assert_int_equal(map.count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_translate_both_ways),
		cmocka_unit_test(malformed_maps_are_refused),
	};

	return cmocka_run_group_tests_name("base/idrange", tests, NULL, NULL);
}
