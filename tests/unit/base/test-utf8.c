/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/utf8.h"

static void only_characters_decode(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		uint32_t code;
	} cases[] = {
		{"a", 1, 'a'},
		{"\u00e9", 2, 0xe9},
		{"\u20ac", 3, 0x20ac},
		{"\U0001f600", 4, 0x1f600},
		{"\x80", 1, UTF8_INVALID},
		{"\xc3", 1, UTF8_INVALID},             /* cut off */
		{"\xc3(", 1, UTF8_INVALID},            /* not continued */
		{"\xc0\xaf", 1, UTF8_INVALID},         /* overlong */
		{"\xe0\x80\xaf", 1, UTF8_INVALID},     /* overlong */
		{"\xed\xa0\x80", 1, UTF8_INVALID},     /* surrogate */
		{"\xf4\x90\x80\x80", 1, UTF8_INVALID}, /* beyond U+10FFFF */
		{"\xf5\x80\x80\x80", 1, UTF8_INVALID},
		{"\xff", 1, UTF8_INVALID},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t code;

		assert_int_equal(
			utf8_decode(cases[i].text, strlen(cases[i].text), &code), cases[i].size);
		assert_int_equal(code, cases[i].code);
	}
}

static void what_is_encoded_decodes(void **state)
{
	static const uint32_t codes[] = {0, 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x10ffff};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
		uint32_t code;

		utf8_add(&text, codes[i]);
		assert_int_equal(utf8_decode(text.data, text.len, &code), text.len);
		assert_int_equal(code, codes[i]);
	}
}

static void what_is_no_character_is_replaced(void **state)
{
	static const struct {
		const char *text;
		const char *repaired;
	} cases[] = {
		{"", ""},
		{"a\u20acz", "a\u20acz"},
		{"\xff", "\ufffd"},
		{"a\xe2\x82z\xc3", "a\ufffd\ufffdz\ufffd"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *repaired = utf8_repair(cases[i].text);

		assert_string_equal(repaired, cases[i].repaired);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_characters_decode),
		cmocka_unit_test(what_is_encoded_decodes),
		cmocka_unit_test(what_is_no_character_is_replaced),
	};

	return cmocka_run_group_tests_name("base/utf8", tests, NULL, NULL);
}
