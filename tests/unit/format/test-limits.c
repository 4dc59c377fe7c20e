/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "rows.h"

/* "before" * depth + "after" * depth around "x". */
static char *nested(const char *before, const char *after, size_t depth)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < depth; i++)
		strbuf_adds(&text, before);
	strbuf_adds(&text, "1");
	for (size_t i = 0; i < depth; i++)
		strbuf_adds(&text, after);
	return strbuf_take(&text);
}

static void check_refused(const char *format, const char *says)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	struct error err = {0};

	assert_int_equal(run_template(format, 1, &text, &err), -E2BIG);
	if (!strstr(error_text(&err), says))
		fail_msg("%s: %s", says, error_text(&err));
	assert_int_equal(text.len, 0);
}

static void depth_is_bounded(void **state)
{
	static const char *const forms[][2] = {
		{"{{if true}}", "{{end}}"}, {"{{if false}}{{else}}{{with 1}}", "{{end}}{{end}}"}};
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	autofree char *deep = NULL, *parens = NULL, *chain = NULL, *wrapped = NULL, *fits = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		free(deep);
		deep = nested(forms[i][0], forms[i][1], FORMAT_MAX_DEPTH + 1);
		check_refused(deep, "inside each other");
	}
	parens = nested("(", ")", 4000);
	wrapped = xasprintf("{{%s}}", parens);
	check_refused(wrapped, "inside each other");
	chain = nested("{{if false}}{{else if false}}", "{{end}}", FORMAT_MAX_DEPTH);
	check_refused(chain, "inside each other");
	fits = nested("{{if true}}", "{{end}}", FORMAT_MAX_DEPTH);
	assert_int_equal(run_template(fits, 1, &text, NULL), 0);
	assert_string_equal(strbuf_get(&text), "1\n");
}

static void length_is_bounded(void **state)
{
	autofree char *format = xcalloc(FORMAT_MAX_TEMPLATE + 2, 1);

	(void)state;
	memset(format, 'x', FORMAT_MAX_TEMPLATE + 1);
	check_refused(format, "longer than");
}

/* Doubles a text 40 times; loops over loops; paddings of paddings. */
static void bombs_do_not_go_off(void **state)
{
	AUTO(strbuf_release) struct strbuf doubled = STRBUF_INIT;
	AUTO(strbuf_release) struct strbuf loops = STRBUF_INIT;
	AUTO(strbuf_release) struct strbuf lists = STRBUF_INIT;

	(void)state;
	strbuf_adds(&doubled, "{{$x := \"0123456789abcdef\"}}");
	for (size_t i = 0; i < 40; i++)
		strbuf_adds(&doubled, "{{$x = print $x $x}}");
	check_refused(strbuf_get(&doubled), "values of more than");

	strbuf_adds(&loops, "{{$l := split \"0123456789\" \"\"}}");
	for (size_t i = 0; i < 20; i++)
		strbuf_adds(&loops, "{{range $l}}");
	for (size_t i = 0; i < 20; i++)
		strbuf_adds(&loops, "{{end}}");
	check_refused(strbuf_get(&loops), "steps");

	strbuf_adds(&lists, "{{$l := split \"0123456789\" \"\"}}");
	for (size_t i = 0; i < 8; i++)
		strbuf_adds(&lists, "{{range $l}}");
	strbuf_adds(&lists, "{{printf \"%1000s\" .}}");
	for (size_t i = 0; i < 8; i++)
		strbuf_adds(&lists, "{{end}}");
	check_refused(strbuf_get(&lists), "values of more than");

	check_refused("{{printf \"%2000000d\" 1}}", "width of more than");
	check_refused("{{printf \"%.99999999999999999999f\" 1.0}}", "width of more than");
	check_refused("{{printf \"%*d\" 99999999 1}}", "width of more than");
	check_refused("{{$l := split (printf \"%60000s\" \"\") \"\"}}{{printf \"%900000s\" $l}}",
		"text of more than");
	check_refused("{{split (printf \"%900000s\" \"\") \"\"}}", "text of more than");
}

static void output_is_bounded(void **state)
{
	AUTO(strbuf_release) struct strbuf format = STRBUF_INIT;

	(void)state;
	strbuf_adds(
		&format, "{{$x := printf \"%900000s\" \"\"}}{{$l := split \"0123456789\" \"\"}}");
	strbuf_adds(&format, "{{range $l}}{{range $l}}{{$x}}{{end}}{{end}}");
	check_refused(strbuf_get(&format), "text of more than");

	strbuf_release(&format);
	strbuf_adds(&format, "{{$l := split \"0123456789\" \"\"}}");
	for (size_t i = 0; i < 5; i++)
		strbuf_adds(&format, "{{range $l}}");
	for (size_t i = 0; i < 100; i++)
		strbuf_adds(&format, "0123456789");
	for (size_t i = 0; i < 5; i++)
		strbuf_adds(&format, "{{end}}");
	check_refused(strbuf_get(&format), "output of more than");
}

/* Padding makes more of a table than its template wrote. */
static void tables_are_bounded(void **state)
{
	AUTO(strbuf_release) struct strbuf format = STRBUF_INIT;

	(void)state;
	strbuf_adds(&format, "table {{$x := printf \"%900000s\" \"\"}}{{$l := split \"0123456789\" "
			     "\"\"}}{{$x}}\\t\\n{{range $l}}{{range $l}}\\t\\n{{end}}{{end}}");
	check_refused(strbuf_get(&format), "table of more than");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(length_is_bounded),
		cmocka_unit_test(bombs_do_not_go_off),
		cmocka_unit_test(output_is_bounded),
		cmocka_unit_test(tables_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
