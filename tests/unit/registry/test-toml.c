/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "registry/toml.h"

static void documents_become_trees(void **state)
{
	static const struct {
		const char *toml, *json;
	} cases[] = {
		{"", "{}"},
		{"# only a comment", "{}"},
		{"a = 1 # x\nb=-2\r\nc = true\nd=false\n",
			"{\"a\":1,\"b\":-2,\"c\":true,\"d\":false}"},
		{"a = \"x\\n\\u00e9\\\"\"\nb = 'c:\\d'", "{\"a\":\"x\\né\\\"\",\"b\":\"c:\\\\d\"}"},
		{"a = [\n  'x', # one\n  'y',\n]", "{\"a\":[\"x\",\"y\"]}"},
		{"a = [[1],[]]", "{\"a\":[[1],[]]}"},
		{"[t]\na=1\n[t.u]\nb=2", "{\"t\":{\"a\":1,\"u\":{\"b\":2}}}"},
		{"[t.u]\nb=2\n[t]\na=1", "{\"t\":{\"u\":{\"b\":2},\"a\":1}}"},
		{"[[r]]\na=1\n[[r.m]]\nb=1\n[[r.m]]\nb=2\n[[r]]\na=2",
			"{\"r\":[{\"a\":1,\"m\":[{\"b\":1},{\"b\":2}]},{\"a\":2}]}"},
		{"a.b.\"c d\" = 1", "{\"a\":{\"b\":{\"c d\":1}}}"},
		{"\"q.io/x\" = 'y'", "{\"q.io/x\":\"y\"}"},
		{"a = { b = 1, c = 'x' }", "{\"a\":{\"b\":1,\"c\":\"x\"}}"},
		{"[ \"a\" . b ]\nc=1", "{\"a\":{\"b\":{\"c\":1}}}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(json_free) struct json_object *doc = NULL;
		struct error err = {0};

		if (toml_parse(cases[i].toml, strlen(cases[i].toml), "f", &doc, &err) < 0)
			fail_msg("case %zu: %s", i, err.text);
		assert_string_equal(
			json_object_to_json_string_ext(
				doc, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
			cases[i].json);
	}
}

static void faults_name_their_line(void **state)
{
	static const struct {
		const char *toml, *words;
	} cases[] = {
		{"a", "f:1: expected = after the key"},
		{"\n\na =", "f:3: expected a value"},
		{"a = 1 b", "f:1: unexpected text after the value"},
		{"a = 1\na = 2", "f:2: key is defined twice"},
		{"[t]\n[t]", "f:2: table is defined twice"},
		{"a = 1\n[a]", "f:2: header names something that is no table"},
		{"a = 1\n[[a]]", "f:2: header names something that is no list of tables"},
		{"[t\na=1", "f:1: header is not closed"},
		{"a = \"x", "f:1: string is not closed"},
		{"a = \"x\ny\"", "f:1: string is not closed"},
		{"a = \"\\q\"", "f:1: unknown escape in string"},
		{"a = \"\\uD800\"", "f:1: invalid escape"},
		{"a = \"\\u12\"\nb = 1", "f:1: invalid escape"},
		{"a = \"\"\"x\"\"\"", "f:1: strings over several lines are not supported"},
		{"a = 1.5", "f:1: unsupported value"},
		{"a = 0x10", "f:1: unsupported value"},
		{"a = 01", "f:1: unsupported value"},
		{"a = 2026-01-02", "f:1: unsupported value"},
		{"a = yes", "f:1: unsupported value"},
		{"a = [1 2]", "f:1: expected , or ] in array"},
		{"a = [1,\n", "f:2: expected a value"},
		{"a = {b=1,}", "f:1: comma before }"},
		{"a = [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]", "f:1: nested too deeply"},
		{"= 1", "f:1: expected a key"},
		{"a..b = 1", "f:1: expected a key"},
		{"a = 1\x01", "f:1: unsupported value"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct json_object *doc = NULL;
		struct error err = {0};

		assert_int_equal(toml_parse(cases[i].toml, strlen(cases[i].toml), "f", &doc, &err),
			-EBADMSG);
		if (!str_after(err.text, cases[i].words))
			fail_msg("case %zu: %s", i, err.text);
		assert_null(doc);
	}
}

static void nul_is_refused(void **state)
{
	struct json_object *doc = NULL;

	(void)state;
	assert_int_equal(toml_parse("a=1\n\0b=2", 8, "f", &doc, NULL), -EBADMSG);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_become_trees),
		cmocka_unit_test(faults_name_their_line),
		cmocka_unit_test(nul_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
