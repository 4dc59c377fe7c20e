/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "engine/top-column.h"

#define SECOND INT64_C(1000000000)

static char *cell(const char *descriptor, const struct top_process *process)
{
	static struct idrange inner = {0, 1, 1000}, outer[] = {{0, 1001, 1}, {1, 100000, 65536}};
	static const struct idmap ids = {&inner, 1}, host = {outer, 2};
	AUTO(id_names_release) struct id_names users = {0};
	AUTO(id_names_release) struct id_names groups = {0};
	const struct top_context context = {
		.uids = &ids,
		.gids = &ids,
		.host_uids = &host,
		.host_gids = &host,
		.users = &users,
		.groups = &groups,
		.now_ns = 1767323045 * SECOND + 999,
		.uptime_ns = 1000 * SECOND,
		.ticks_per_second = 100,
		.page_bytes = 4096,
	};

	id_names_parse("root:x:0:0::/:/\nbob:x:33:33\n", &users);
	id_names_parse("root:x:0:\nstaff:x:33:\n", &groups);
	return top_column_text(top_column_find(descriptor), &context, process);
}

static void cells_are_podmans(void **state)
{
	uint32_t supplementary[] = {1, 34, 40};
	const struct top_process process = {
		.hpid = 3234,
		.pid = 12,
		.ppid = 1,
		.state = 'S',
		.nice = -5,
		.tty = 0x8803,
		.cpu_ticks = 250,
		.start_ticks = 99000,
		.vsz_bytes = 2322432,
		.rss_pages = 345,
		.ruid = 1,
		.euid = 34,
		.rgid = 41,
		.egid = 5000,
		.groups = supplementary,
		.group_count = 3,
		.cap_effective = 0x23,
		.cap_bounding = UINT64_MAX,
		.seccomp = 2,
		.comm = "sleep",
		.args = "",
		.label = "",
	};
	static const char *const cases[][2] = {
		{"pid", "12"},
		{"%P", "1"},
		{"hpid", "3234"},
		{"state", "S"},
		{"nice", "-5"},
		{"tty", "pts/3"},
		{"%x", "2.5s"},
		{"etime", "10s"},
		{"pcpu", "25.000"},
		{"stime", "2026-01-02 03:03:55 +0000 UTC"},
		{"vsz", "2268"},
		{"rss", "1380"},
		{"ruser", "root"},
		{"user", "bob"},
		{"rgroup", "40"},
		{"group", "65534"},
		{"groups", "root,staff,39"},
		{"huser", "100033"},
		{"hgroup", "104999"},
		{"hgroups", "100000,100033,100039"},
		{"capeff", "CHOWN,DAC_OVERRIDE,KILL"},
		{"capbnd", "full"},
		{"capamb", "none"},
		{"seccomp", "filter"},
		{"label", "?"},
		{"comm", "sleep"},
		{"args", "[sleep]"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *text = cell(cases[i][0], &process);

		assert_string_equal(text, cases[i][1]);
	}
}

static void terminals_have_names(void **state)
{
	static const struct {
		uint64_t tty;
		const char *name;
	} cases[] = {{0, "?"}, {0x401, "tty1"}, {0x440, "ttyS0"}, {0x501, "console"},
		{0x8900, "pts/256"}, {0x100805, "?"}, {0xffffffff, "?"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct top_process process = {.tty = cases[i].tty};
		autofree char *text = cell("tty", &process);

		assert_string_equal(text, cases[i].name);
	}
}

static void other_words_are_no_descriptors(void **state)
{
	(void)state;
	assert_null(top_column_find(""));
	assert_null(top_column_find("PID"));
	assert_null(top_column_find("%Z"));
	assert_null(top_column_find("-o"));
}

static void names_of_ids_come_from_the_first_entry(void **state)
{
	AUTO(id_names_release) struct id_names names = {0};
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;

	(void)state;
	strbuf_adds(&text,
		"# a comment:x:1:\n::2:\nno colons\na:x\nb:x:\nc:x:-3:\nd:x:4294967295:\n"
		"e:x:5\n\n\r\ne2:x:5:\n");
	for (int i = 0; i < ID_NAME_MAX + 1; i++)
		strbuf_adds(&text, "l");
	strbuf_adds(&text, ":x:6:6\nlast:x:7");
	id_names_parse(strbuf_get(&text), &names);
	assert_null(id_names_find(&names, 1));
	assert_null(id_names_find(&names, 2));
	assert_null(id_names_find(&names, 3));
	assert_null(id_names_find(&names, UINT32_MAX));
	assert_string_equal(id_names_find(&names, 5), "e");
	assert_null(id_names_find(&names, 6));
	assert_string_equal(id_names_find(&names, 7), "last");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_are_podmans),
		cmocka_unit_test(terminals_have_names),
		cmocka_unit_test(other_words_are_no_descriptors),
		cmocka_unit_test(names_of_ids_come_from_the_first_entry),
	};

	return cmocka_run_group_tests_name("engine/top-column", tests, NULL, NULL);
}
