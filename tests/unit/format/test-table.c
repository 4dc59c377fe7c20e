/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/json.h"
#include "format/align.h"
#include "rows.h"

/* What podman 4.3.1 made of the same texts: columns of 12 at least, two blanks between. */
static void columns_line_up_as_podmans(void **state)
{
	static const struct {
		const char *text;
		const char *aligned;
	} cases[] = {
		{"NAMES\tSTATUS\nweb\tCreated\naveryveryverylongname\tCreated\n",
			"NAMES                  STATUS\n"
			"web                    Created\n"
			"averyveryverylongname  Created\n"},
		/* A cell that a tab ends is padded, be it empty or the last that one sees. */
		{"NAMES\tPODNAME\tPOD ID\nweb\t\t\n", "NAMES       PODNAME     POD ID\n"
						      "web                     \n"},
		{"\tNAMES\n\tweb\n", "            NAMES\n            web\n"},
		/* A line without the tab ends a column. */
		{"ID\nNAMES\tIMAGE\n134c\nverylongname\tbox\n",
			"ID\nNAMES       IMAGE\n134c\nverylongname  box\n"},
		{"one", "one\n"},
		{"a\t", "a           \n"},
		{"", ""},
		{"\n\n", "\n\n"},
		/* What a terminal shows counts: wide characters, marks over others. */
		{"\u4f60\u597d\u4e16\u754c\u4f60\u597d\tx\nabcdefghijkl\ty\n",
			"\u4f60\u597d\u4e16\u754c\u4f60\u597d  x\nabcdefghijkl  y\n"},
		{"he\u0301\tx\n\U0001f600\ty\n", "he\u0301          x\n\U0001f600          y\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;

		assert_int_equal(
			align_add(&text, cases[i].text, strlen(cases[i].text), 4096, NULL), 0);
		assert_string_equal(strbuf_get(&text), cases[i].aligned);
	}
}

static void a_table_is_bounded(void **state)
{
	AUTO(strbuf_release) struct strbuf tabs = STRBUF_INIT;
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	struct error err = {0};

	(void)state;
	for (size_t i = 0; i < ALIGN_MAX_CELLS; i++)
		strbuf_addc(&tabs, '\t');
	assert_int_equal(align_add(&text, tabs.data, tabs.len, SIZE_MAX, &err), -E2BIG);
	/* Every tab is a column of its own here. */
	assert_int_equal(align_add(&text, tabs.data, 1000, 11999, &err), -E2BIG);
	strbuf_release(&text);
	assert_int_equal(align_add(&text, tabs.data, 1000, 12002, &err), 0);
	assert_int_equal(text.len, 12001);
}

/* Half of the cells in one line, a line for each of the other half. */
static void many_columns_and_lines_take_no_time(void **state)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	AUTO(strbuf_release) struct strbuf aligned = STRBUF_INIT;

	(void)state;
	for (size_t i = 0; i < ALIGN_MAX_CELLS / 2 - 2; i++)
		strbuf_adds(&text, "\n");
	for (size_t i = 0; i < ALIGN_MAX_CELLS / 2 - 2; i++)
		strbuf_adds(&text, "\t");
	assert_int_equal(align_add(&aligned, text.data, text.len, SIZE_MAX, NULL), 0);
}

static void check_table(const char *format, const char *want)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	struct error err = {0};

	if (run_template(format, 1, &text, &err) < 0)
		fail_msg("%s: %s", format, error_text(&err));
	if (strcmp(strbuf_get(&text), want) != 0)
		fail_msg("%s\n got: %s\nwant: %s", format, strbuf_get(&text), want);
}

static void headers_are_words_in_capitals(void **state)
{
	static const struct {
		const char *format;
		const char *text;
	} cases[] = {
		{"table {{.ID}}\\t{{.Name}}", "CONTAINER ID  NAME\n134c31b0af65  web\n"},
		/* As podman has it, blanks are tabs in a table. */
		{"table {{.Name}} {{.State.Status}}", "NAME        STATUS\nweb         created\n"},
		{"table {{.State.ExitCode}}\\t{{.State.StartedAt}}",
			"EXIT CODE   STARTED AT\n0           0001-01-01 00:00:00 +0000 UTC\n"},
		{"table {{.Name}}{{\"\\t\"}}{{.Config.Image}}",
			"NAME        IMAGE\nweb         localhost/box:1\n"},
		{"table {{printf \"%s\\t%s\" .Name .State.Status}}",
			"NAME        STATUS\nweb         created\n"},
		/* Functions for values leave headers alone. */
		{"table {{upper .Name}}\\t{{json .Config.Labels.k}}\\t{{len .Mounts}}",
			"NAME        K           MOUNTS\nWEB         \"v\"         1\n"},
		{"table {{.Label \"maintainer\"}}\\t{{.Label \"k\" | upper}}",
			"maintainer  k\n            V\n"},
		{"table {{.Name}}\\t{{if .State.Running}}up{{else}}down{{end}}",
			"NAME        up\nweb         down\n"},
		{"table {{if eq .Name \"x\"}}{{.Id}}{{else}}{{.Name}}{{end}}", "ID\nweb\n"},
		{"table {{range .Mounts}}{{.Source}}\\t{{end}}{{.Name}}",
			"SOURCE      NAME\n/tmp        web\n"},
		{"table {{with .Config}}{{.Image}}{{end}}\\t{{$x := .Name}}{{$x}}",
			"IMAGE            NAME\nlocalhost/box:1  web\n"},
		{"table {{index .Config.Labels \"k\"}}", "LABELS\nv\n"},
		{"table {{and .Name .Id}}", "ID\n134c31b0af651f6a\n"},
		{"table {{range .}}{{.Name}}\\n{{end}}", "NAME\nweb\n"},
		{"table {{\"constant\"}}", "constant\nconstant\n"},
		{"tableau {{.Name}}", "tableau web\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_table(cases[i].format, cases[i].text);
}

static void a_wrong_field_is_found_without_rows(void **state)
{
	static const struct format_field fields[] = {
		{.name = "ImageID"}, {.name = "IPAddress"}, {.name = NULL}};
	static const struct format_type type = {
		.kind = FORMAT_STRUCT, .name = "thing", .fields = fields};
	const struct format_rows rows = {.verb = "things", .type = &type};
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	struct error err = {0};

	(void)state;
	assert_int_equal(
		format_rows_text("table {{.ImageID}} {{.IPAddress}}", &rows, &text, &err), 0);
	assert_string_equal(strbuf_get(&text), "IMAGE ID    IP ADDRESS\n");
	assert_int_equal(format_rows_text("table {{.Id}}", &rows, &text, &err), -EINVAL);
	assert_string_equal(error_text(&err), "template: things:1:8: executing \"things\" at "
					      "<.Id>: can't evaluate field Id in type thing");
}

static void hostile_values_stay_in_their_cell(void **state)
{
	(void)state;
	check_table("table {{.Evil}}\\t{{.Name}}",
		"EVIL                                      NAME\n"
		"map[k\\x1b:a\\tb\\x1b[31m\\nx\\u009by\\u202ez]  web\n");
	check_table("table {{range $k, $v := .Evil}}{{$k}}\\t{{upper $v}}{{end}}",
		"EVIL        EVIL\nk\\x1b       A\\TB\\X1B[31M\\NX\\U009BY\\U202EZ\n");
	check_table("table {{range .Evil}}{{printf \"%s|%.5s\" . .}}{{end}}",
		"EVIL|EVIL\na\\tb\\x1b[31m\\nx\\u009by\\u202ez|a\\tb\\\n");
	check_table("table {{json .Evil}}",
		"EVIL\n{\"k\\u001b\":\"a\\tb\\u001b[31m\\nx\\u009by\\u202ez\"}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_line_up_as_podmans),
		cmocka_unit_test(a_table_is_bounded),
		cmocka_unit_test(many_columns_and_lines_take_no_time),
		cmocka_unit_test(headers_are_words_in_capitals),
		cmocka_unit_test(a_wrong_field_is_found_without_rows),
		cmocka_unit_test(hostile_values_stay_in_their_cell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
