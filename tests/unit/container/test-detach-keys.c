/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/str.h"
#include "container/attach.h"

static void grammar_of_keys(void **state)
{
	const struct {
		const char *text;
		int result;
		size_t count;
		unsigned char first;
	} cases[] = {
		{"ctrl-p,ctrl-q", 0, 2, 16},
		{"", 0, 0, 0},
		{"a", 0, 1, 'a'},
		{"ctrl-@", 0, 1, 0},
		{"ctrl-[,x", 0, 2, 27},
		{"ctrl-_", 0, 1, 31},
		{"ctrl-P", 0, 1, 16},
		{"ab", -EINVAL, 0, 0},
		{"ctrl-", -EINVAL, 0, 0},
		{"ctrl-1", -EINVAL, 0, 0},
		{"a,,b", -EINVAL, 0, 0},
		{"a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a", -EINVAL, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct detach_keys keys = {0};
		struct error err = {0};

		assert_int_equal(detach_keys_parse(cases[i].text, &keys, &err), cases[i].result);
		assert_int_equal(keys.count, cases[i].count);
		assert_int_equal(keys.keys[0], cases[i].first);
	}
}

/* Feeds @pieces one after the other; what is passed on is appended to @out. */
static bool feed(const char *text, const char *const *pieces, struct strbuf *out)
{
	struct detach_keys keys = {0};

	assert_int_equal(detach_keys_parse(text, &keys, NULL), 0);
	for (; *pieces; pieces++) {
		char room[256];
		size_t len = 0;
		bool detach = detach_keys_feed(&keys, *pieces, strlen(*pieces), room, &len);

		strbuf_add(out, room, len);
		if (detach)
			return true;
	}
	return false;
}

static void the_sequence_detaches_and_is_not_sent(void **state)
{
	const struct {
		const char *keys;
		const char *pieces[5];
		const char *sent;
		bool detaches;
	} cases[] = {
		{"ctrl-p,ctrl-q", {"abc\x10\x11rest", NULL}, "abc", true},
		{"ctrl-p,ctrl-q", {"abc\x10", "\x11", NULL}, "abc", true},
		{"ctrl-p,ctrl-q", {"\x10", "x", NULL}, "\x10x", false},
		{"ctrl-p,ctrl-q", {"\x10\x10\x11", NULL}, "\x10", true},
		{"ctrl-p,ctrl-q", {"\x11\x10", NULL}, "\x11", false},
		{"a,a,b", {"aa", "ab", NULL}, "a", true},
		{"a,b,a,c", {"abab", "ac", NULL}, "ab", true},
		{"a,b,c", {"ab", "ab", "x", NULL}, "ababx", false},
		{"", {"a\x10\x11", NULL}, "a\x10\x11", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strbuf_release) struct strbuf out = STRBUF_INIT;

		assert_int_equal(feed(cases[i].keys, cases[i].pieces, &out), cases[i].detaches);
		assert_string_equal(strbuf_get(&out), cases[i].sent);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grammar_of_keys),
		cmocka_unit_test(the_sequence_detaches_and_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
