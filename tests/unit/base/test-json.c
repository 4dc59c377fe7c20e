/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"

struct part {
	char *name;
	uint32_t number;
};
struct whole {
	char *text;
	char **list;
	bool flag;
	int64_t score;
	bool has_score;
	struct part part;
	struct part *parts;
	size_t part_count;
	struct strmap map;
	char **set;
	struct json_object *raw;
};

static const struct json_field part_fields[] = {
	JSON_STRING(struct part, name, "name", JSON_REQUIRED),
	JSON_U32(struct part, number, "number"),
	JSON_END,
};
static const struct json_field whole_fields[] = {
	JSON_STRING(struct whole, text, "text"),
	JSON_STRINGS(struct whole, list, "list"),
	JSON_BOOL(struct whole, flag, "flag"),
	JSON_HAS(I64, struct whole, score, has_score, "score"),
	JSON_OBJECTS(struct whole, parts, part_count, "parts", part_fields),
	JSON_MAP(struct whole, map, "map"),
	JSON_SET(struct whole, set, "set"),
	JSON_RAW(struct whole, raw, "raw"),
	JSON_END,
};

static int read_whole(const char *text, struct whole *ret, struct error *err)
{
	return json_read(text, strlen(text), "doc", whole_fields, ret, err);
}

static void documents_survive_a_round_trip(void **state)
{
	static const char text[] =
		"{\"text\":\"a/b\",\"list\":[\"x\",\"y\"],\"flag\":true,\"score\":0,"
		"\"parts\":[{\"name\":\"p\",\"number\":4294967295}],\"map\":{\"k\":\"v\"},"
		"\"set\":{\"80/tcp\":{}},\"raw\":[1,2]}";
	struct whole whole = { 0 };
	autofree char *written = NULL;

	(void)state;
	assert_int_equal(read_whole(text, &whole, NULL), 0);
	assert_true(whole.has_score);
	assert_string_equal(strmap_get(&whole.map, "k"), "v");
	written = json_write(whole_fields, &whole, false);
	assert_string_equal(written, text);
	json_release(whole_fields, &whole);
}

static void errors_name_the_field(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "{\"parts\":[{\"name\":\"a\"},{}]}", "doc.parts[1].name: missing" },
		{ "{\"text\":1}", "doc.text: not a string" },
		{ "{\"list\":[\"a\",2]}", "doc.list[1]: not a string" },
		{ "{\"parts\":[{\"name\":\"a\",\"number\":4294967296}]}",
			"doc.parts[0].number: out of range" },
		{ "{\"parts\":[{\"name\":\"a\",\"number\":-1}]}", "doc.parts[0].number: out of range" },
		{ "{\"text\":\"a\\u0000b\"}", "doc.text: contains a NUL character" },
		{ "[]", "doc: not an object" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct whole whole = { 0 };
		struct error err = { 0 };

		assert_int_equal(read_whole(cases[i].text, &whole, &err), -EBADMSG);
		assert_string_equal(error_text(&err), cases[i].message);
		json_release(whole_fields, &whole);
	}
}

static void malformed_documents_are_refused(void **state)
{
	static const char *const cases[] = { "", "{", "{}x", "{} {}", "{\"a\":1,}", "nul", "[" };
	AUTO(strbuf_release) struct strbuf deep = STRBUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct json_object *obj = NULL;

		assert_int_equal(json_parse(cases[i], strlen(cases[i]), &obj, NULL), -EBADMSG);
	}
	for (int i = 0; i < 100000; i++)
		strbuf_addc(&deep, '[');
	assert_int_equal(json_parse(deep.data, deep.len, &(struct json_object *){ NULL }, NULL),
		-EBADMSG);
}

static void null_is_absence(void **state)
{
	struct whole whole = { 0 };

	(void)state;
	assert_int_equal(read_whole("{\"list\":null,\"score\":null}\n", &whole, NULL), 0);
	assert_null(whole.list);
	assert_false(whole.has_score);
}

static void only_our_own_documents_may_have_any_bytes(void **state)
{
	static const char text[] = "{\"text\":\"a\xff\x62\"}";
	struct whole whole = { 0 };
	autofree char *again = NULL;

	(void)state;
	assert_int_equal(
		json_read(text, strlen(text), "doc", whole_fields, &whole, NULL), -EBADMSG);
	assert_int_equal(json_read_bytes(text, strlen(text), "doc", whole_fields, &whole, NULL), 0);
	assert_string_equal(whole.text, "a\xff\x62");
	again = json_write(whole_fields, &whole, false);
	assert_string_equal(again, text);
	json_release(whole_fields, &whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_survive_a_round_trip),
		cmocka_unit_test(errors_name_the_field),
		cmocka_unit_test(malformed_documents_are_refused),
		cmocka_unit_test(null_is_absence),
		cmocka_unit_test(only_our_own_documents_may_have_any_bytes),
	};

	return cmocka_run_group_tests_name("base/json", tests, NULL, NULL);
}
