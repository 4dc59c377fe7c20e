/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/json.h"
#include "common/table.h"
#include "common/template.h"

static const char document[] =
	"{\"Id\":\"abc\",\"N\":-3,\"Yes\":true,\"Null\":null,\"List\":[\"a\",\"b\"],"
	"\"Labels\":{\"k\":\"v\"},\"State\":{\"ExitCode\":7,\"Path\":\"/x\"}}";

static int run(const char *format, struct strbuf *ret, struct error *err)
{
	AUTO(json_free) struct json_object *obj = NULL;
	AUTO(template_free) struct template *template = NULL;
	int r = json_parse(document, strlen(document), &obj, err);

	assert_int_equal(r, 0);
	r = template_parse(format, &template, err);
	return r < 0 ? r : template_run(template, obj, ret, err);
}

static void values_print_as_in_go(void **state)
{
	const char *cases[][2] = {
		{"plain", "plain"},
		{"{{.Id}}", "abc"},
		{"{{ .Id }}\\t{{.N}}\\n", "abc\t-3\n"},
		{"{{- .Yes -}}", "true"},
		{"{{.Null}}", "<nil>"},
		{"{{.List}}", "[a b]"},
		{"{{.Labels}}", "map[k:v]"},
		{"{{.Labels.k}}", "v"},
		{"{{.Labels.none}}", "<no value>"},
		{"{{.State.ExitCode}}", "7"},
		{"{{json .List}}", "[\"a\",\"b\"]"},
		{"{{json .State.Path}}", "\"/x\""},
		{"{{\"text\"}}", "text"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
		struct error err = {0};

		assert_int_equal(run(cases[i][0], &text, &err), 0);
		assert_string_equal(strbuf_get(&text), cases[i][1]);
	}
}

static void what_is_not_understood_is_an_error(void **state)
{
	const char *cases[] = {"{{.Id", "{{if .Id}}x{{end}}", "{{.None}}", "{{.Id.X}}", "{{}}",
		"{{.State.None}}", "{{range .List}}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
		struct error err = {0};

		assert_int_equal(run(cases[i], &text, &err), -EINVAL);
		assert_true(err.text[0] != '\0');
	}
}

static void headers_are_words_in_capitals(void **state)
{
	AUTO(template_free) struct template *template = NULL;
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;

	(void)state;
	assert_int_equal(
		template_parse("table {{.ID}}\\t{{.ImageID}}\\t{{.CreatedAt}}", &template, NULL),
		0);
	assert_true(template_is_table(template));
	template_header(template, &text);
	assert_string_equal(strbuf_get(&text), "ID\tIMAGE ID\tCREATED AT");
}

static void columns_are_aligned_by_characters(void **state)
{
	AUTO(table_release) struct table table;
	autofree char *text = NULL;

	(void)state;
	table_init(&table, "A\tB\tC");
	table_add(&table, strv_split("long\t\tx", '\t'));
	table_add(&table, strv_split("é\ty\tz", '\t'));
	text = table_text(&table);
	assert_string_equal(text, "A     B  C\nlong     x\né     y  z\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_print_as_in_go),
		cmocka_unit_test(what_is_not_understood_is_an_error),
		cmocka_unit_test(headers_are_words_in_capitals),
		cmocka_unit_test(columns_are_aligned_by_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
