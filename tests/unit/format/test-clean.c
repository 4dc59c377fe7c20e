/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/json.h"
#include "format/clean.h"
#include "format/json-text.h"
#include "format/utf8.h"
#include "rows.h"

static void width_is_that_of_a_terminal(void **state)
{
	static const struct {
		const char *text;
		size_t width;
	} cases[] = {{"", 0}, {"abc", 3}, {"h\u00e9", 2}, {"e\u0301", 1}, {"\u4f60\u597d", 4},
		{"\U0001f600", 2}, {"\uff21", 2}, {"\x80", 1}, {"\u2713", 1}, {"\u2705", 2}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(utf8_width(cases[i].text, strlen(cases[i].text)), cases[i].width);
}

static void what_a_terminal_obeys_is_shown(void **state)
{
	static const struct {
		const char *text;
		const char *cell;
		const char *lines; /* NULL: as @cell */
	} cases[] = {
		{"plain \u00e9 \u4f60 \\", "plain \u00e9 \u4f60 \\", NULL},
		{"\033[31mred", "\\x1b[31mred", NULL},
		{"a\tb\nc\r", "a\\tb\\nc\\r", "a\tb\nc\\r"},
		{"\xc2\x9b"
		 "31m",
			"\\u009b31m", NULL},
		{"\x7f\x80", "\\x7f\\x80", NULL},
		{"a\u202eb\u200bc", "a\\u202eb\\u200bc", NULL},
		{"\u2028\ufeff\U000e0041", "\\u2028\\ufeff\\U000e0041", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strbuf_release) struct strbuf cell = STRBUF_INIT;
		AUTO(strbuf_release) struct strbuf lines = STRBUF_INIT;
		size_t len = strlen(cases[i].text);
		const char *want = cases[i].lines ? cases[i].lines : cases[i].cell;

		clean_add(&cell, cases[i].text, len, CLEAN_CELL);
		clean_add(&lines, cases[i].text, len, CLEAN_LINES);
		assert_string_equal(strbuf_get(&cell), cases[i].cell);
		assert_string_equal(strbuf_get(&lines), want);
		assert_int_equal(clean_is_needed(cases[i].text, len, CLEAN_CELL),
			strcmp(cases[i].text, cases[i].cell) != 0);
		assert_false(clean_is_needed(cases[i].text, len, CLEAN_NOTHING));
	}
}

/* Pipes get the bytes, terminals do not; comparisons see what is shown. */
static void templates_are_raw_unless_for_a_terminal(void **state)
{
	static const struct {
		enum format_bytes bytes;
		const char *text;
	} cases[] = {
		{FORMAT_BYTES_RAW, "a\tb\033[31m\nx\xc2\x9by\u202ez 17\n"},
		{FORMAT_BYTES_TERMINAL, "a\tb\\x1b[31m\nx\\u009by\\u202ez 27\n"},
	};
	AUTO(json_free) struct json_object *obj = NULL;

	(void)state;
	assert_int_equal(json_parse(sample_json, strlen(sample_json), &obj, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
		const void *items[] = {obj};
		const struct format_rows rows = {
			.verb = "inspect",
			.type = &sample_type,
			.items = items,
			.count = 1,
			.bytes = cases[i].bytes,
		};

		assert_int_equal(format_rows_text("{{range .Evil}}{{.}} {{len .}}{{end}}", &rows,
					 &text, NULL),
			0);
		assert_string_equal(strbuf_get(&text), cases[i].text);
	}
}

static void json_is_valid_and_harmless(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *json;
	} cases[] = {
		{"plain/path \u00e9 <&>", 17, "\"plain/path \u00e9 <&>\""},
		{"\"\\\b\f\n\r\t", 7, "\"\\\"\\\\\\u0008\\u000c\\n\\r\\t\""},
		{"a\0b", 3, "\"a\\u0000b\""},
		{"\033\x7f\xc2\x9b\u202e", 7, "\"\\u001b\\u007f\\u009b\\u202e\""},
		{"\xff(\xed\xa0\x80", 5, "\"\\ufffd(\\ufffd\\ufffd\\ufffd\""},
		{"\U000e0041", 4, "\"\\udb40\\udc41\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(json_free)
		struct json_object *obj =
			json_object_new_string_len(cases[i].text, (int)cases[i].len);
		AUTO(json_free) struct json_object *back = NULL;
		AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;

		json_text_add(&text, obj, NULL, JSON_TEXT_COMPACT);
		assert_string_equal(strbuf_get(&text), cases[i].json);
		assert_int_equal(json_parse(text.data, text.len, &back, NULL), 0);
	}
}

static void json_is_indented_by_four(void **state)
{
	static const char compact[] = "{\"b\":{\"z\":1,\"a\":[]},\"a\":[1,{}],\"c\":null}";
	static const struct format_field fields[] = {{.name = "b", .type = &format_map}, {0}};
	static const struct format_type type = {.kind = FORMAT_STRUCT, .fields = fields};
	AUTO(json_free) struct json_object *obj = NULL;
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;

	(void)state;
	assert_int_equal(json_parse(compact, strlen(compact), &obj, NULL), 0);
	json_text_add(&text, obj, NULL, JSON_TEXT_COMPACT);
	assert_string_equal(strbuf_get(&text), compact);
	strbuf_release(&text);
	json_text_add(&text, obj, &type, JSON_TEXT_INDENTED);
	assert_string_equal(strbuf_get(&text), "{\n"
					       "    \"b\": {\n"
					       "        \"a\": [],\n"
					       "        \"z\": 1\n"
					       "    },\n"
					       "    \"a\": [\n"
					       "        1,\n"
					       "        {}\n"
					       "    ],\n"
					       "    \"c\": null\n"
					       "}");
}

static void json_asks_for_the_whole_list(void **state)
{
	AUTO(json_free) struct json_object *list = NULL;
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;

	(void)state;
	assert_true(format_is_json("json"));
	assert_false(format_is_json("{{json .}}"));
	assert_false(format_is_json(NULL));
	assert_int_equal(run_template("json", 2, &text, NULL), 0);
	assert_int_equal(json_parse(text.data, text.len, &list, NULL), 0);
	assert_int_equal(json_object_array_length(list), 2);
	assert_ptr_equal(strstr(text.data, "[\n    {\n        \"Id\": "), text.data);
	assert_true(str_has_suffix(text.data, "    }\n]\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(width_is_that_of_a_terminal),
		cmocka_unit_test(what_a_terminal_obeys_is_shown),
		cmocka_unit_test(templates_are_raw_unless_for_a_terminal),
		cmocka_unit_test(json_is_valid_and_harmless),
		cmocka_unit_test(json_is_indented_by_four),
		cmocka_unit_test(json_asks_for_the_whole_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
