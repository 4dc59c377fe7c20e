/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"

struct inner {
	int64_t pid;
	char *boot;
};
struct outer {
	char *text;
	char **list;
	bool flag;
	int64_t score;
	bool has_score;
	uint32_t small;
	struct inner inner;
	struct strmap map;
};

static const struct json_field inner_fields[] = {
	JSON_I64(struct inner, pid, "pid", JSON_REQUIRED),
	JSON_STRING(struct inner, boot, "boot"),
	JSON_END,
};
static const struct json_field outer_fields[] = {
	JSON_STRING(struct outer, text, "text", JSON_REQUIRED),
	JSON_STRINGS(struct outer, list, "list"),
	JSON_BOOL(struct outer, flag, "flag"),
	JSON_HAS(I64, struct outer, score, has_score, "score"),
	JSON_U32(struct outer, small, "small"),
	JSON_OBJECT(struct outer, inner, "inner", inner_fields),
	JSON_MAP(struct outer, map, "map"),
	JSON_END,
};

static int read_outer(const char *text, struct outer *ret, struct error *err)
{
	return json_read_members(text, strlen(text), "doc", outer_fields, ret, err);
}

static void what_is_listed_is_read_as_json_read_does(void **state)
{
	static const char *const documents[] = {
		"{\"text\":\"a/"
		"b\",\"skip\":[{\"x\":\"}]\\\"\"},[[]],1.5e3],\"list\":[\"x\",\"\\u00e4\"],"
		"\"flag\":true,\"score\":-9223372036854775807,\"small\":4294967295,"
		"\"inner\":{\"pid\":7,\"boot\":\"b\",\"more\":{\"pid\":8}},\"map\":{\"k\":\"v\"}}",
		" { \"text\" : \"esc\\naped \\ud83d\\ude00\" , \"flag\" : false , \"n\" : null,\n"
		"\t\"inner\" : { \"pid\" : 0 } } \n",
		"{\"text\":\"caf\xc3\xa9\",\"list\":null,\"list2\":[\"no\"],\"score\":0}",
		"{\"text\":\"\xff\",\"list\":[\"\xe9t\xe9\"]}",
		"{\"text\":\"first\",\"text\":\"second\",\"list\":[]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		const char *text = documents[i];
		struct outer quick = {0}, whole = {0};
		autofree char *one = NULL, *two = NULL;
		struct error err = {0};

		assert_int_equal(read_outer(text, &quick, &err), 0);
		assert_int_equal(
			json_read_bytes(text, strlen(text), "doc", outer_fields, &whole, NULL), 0);
		one = json_write(outer_fields, &quick, false);
		two = json_write(outer_fields, &whole, false);
		assert_string_equal(one, two);
		json_release(outer_fields, &quick);
		json_release(outer_fields, &whole);
	}
}

static void what_is_malformed_is_refused(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"", "invalid JSON"},
		{"[]", "invalid JSON at byte 0"},
		{"{", "invalid JSON at byte 1"},
		{"{\"text\":\"a\"", "invalid JSON at byte 11"},
		{"{\"text\":\"a\"}x", "invalid JSON at byte 12"},
		{"{\"text\":\"a\",}", "invalid JSON"},
		{"{\"text\" \"a\"}", "invalid JSON"},
		{"{\"text\":\"a}", "invalid JSON"},
		{"{\"text\":\"a\\", "invalid JSON"},
		{"{\"x\":[{]}", "invalid JSON"},
		{"{text:\"a\"}", "invalid JSON"},
		{"{\"text\":}", "invalid JSON"},
		{"{\"flag\":true}", "doc.text: missing"},
		{"{\"text\":null}", "doc.text: missing"},
		{"{\"text\":1}", "doc.text: not a string"},
		{"{\"text\":\"a\\u0000b\"}", "NUL"},
		{"{\"text\":\"a\",\"flag\":1}", "doc.flag: not true or false"},
		{"{\"text\":\"a\",\"flag\":truer}", "invalid JSON"},
		{"{\"text\":\"a\",\"score\":1x}", "invalid JSON"},
		{"{\"text\":\"a\",\"small\":-1}", "doc.small: out of range"},
		{"{\"text\":\"a\",\"inner\":{}}", "doc.inner.pid: missing"},
		{"{\"text\":\"a\",\"inner\":7}", "doc.inner: invalid JSON"},
		{"{\"text\":\"a\",\"list\":[1]}", "list[0]: not a string"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct outer ret = {0};
		struct error err = {0};

		if (read_outer(cases[i].text, &ret, &err) != -EBADMSG)
			fail_msg("%s was read", cases[i].text);
		if (!strstr(error_text(&err), cases[i].message))
			fail_msg("%s: %s", cases[i].text, error_text(&err));
		json_release(outer_fields, &ret);
	}
}

/* Nor is anything read behind the name in the table. */
static void a_key_with_a_nul_is_another_key(void **state)
{
	static const char text[4096] = "{\"text\":\"a\",\"flag\0";
	autofree char *document = xmemdup(text, sizeof(text));
	struct outer ret = {0};

	(void)state;
	memcpy(document + sizeof(text) - 7, "\":true}", 7);
	assert_int_equal(
		json_read_members(document, sizeof(text), "doc", outer_fields, &ret, NULL), 0);
	assert_false(ret.flag);
	json_release(outer_fields, &ret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_listed_is_read_as_json_read_does),
		cmocka_unit_test(what_is_malformed_is_refused),
		cmocka_unit_test(a_key_with_a_nul_is_another_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
