/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "events/event-filter.h"

/* @filters: "a=b c=d" */
static bool matches(const char *filters, const char *type, const char *status)
{
	AUTO(strv_free) char **list = strv_split(filters, ' ');
	struct event_record event = {.type = (char *)type,
		.status = (char *)status,
		.id = (char *)"0123abcd",
		.name = (char *)"docker.io/library/web:latest"};
	bool found;

	if (!str_eq(type, "image"))
		event.name = (char *)"web";
	strmap_set(&event.attributes, "role", "db");
	assert_int_equal(event_filter_check(list, NULL), 0);
	found = event_filter_matches(list, &event);
	strmap_release(&event.attributes);
	return found;
}

static void each_key_matches_what_it_names(void **state)
{
	static const struct {
		const char *filters;
		const char *type;
		const char *status;
		bool expected;
	} cases[] = {
		{"container=web", "container", "start", true},
		{"container=0123", "container", "start", true},
		{"container=we", "container", "start", false},
		{"container=web", "volume", "create", false},
		{"volume=web", "volume", "create", true},
		{"volume=web", "container", "create", false},
		{"pod=web", "container", "create", false},
		{"network=web", "network", "create", true},
		{"image=web", "image", "tag", true},
		{"image=web:latest", "image", "tag", true},
		{"image=docker.io/library/web", "image", "tag", true},
		{"image=0123a", "image", "tag", true},
		{"image=eb", "image", "tag", false},
		{"image=web", "container", "create", false},
		{"type=image", "image", "tag", true},
		{"TYPE=image", "image", "tag", true},
		{"type=volume", "image", "tag", false},
		{"event=died", "container", "died", true},
		{"event=die", "container", "died", true},
		{"event=destroy", "container", "remove", true},
		{"event=delete", "image", "remove", true},
		{"event=start", "container", "died", false},
		{"event=nothing", "container", "died", false},
		{"label=role", "container", "died", true},
		{"label=role=db", "container", "died", true},
		{"label=role=d", "container", "died", false},
		{"label=rol", "container", "died", false},
		/* of one key any, of all keys one each */
		{"event=start event=died", "container", "died", true},
		{"event=start event=stop", "container", "died", false},
		{"type=volume type=container event=died", "container", "died", true},
		{"type=volume type=container event=start", "container", "died", false},
		{"label=x label=role event=died container=web", "container", "died", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (matches(cases[i].filters, cases[i].type, cases[i].status) != cases[i].expected)
			fail_msg("%s of %s %s", cases[i].filters, cases[i].type, cases[i].status);
	}
}

static void no_filter_matches_all(void **state)
{
	const struct event_record bare = {.type = (char *)"system", .status = (char *)"x"};

	(void)state;
	assert_true(event_filter_matches(NULL, &bare));
}

static void an_event_without_names_is_never_an_object(void **state)
{
	const struct event_record bare = {.type = (char *)"image", .status = (char *)"pull"};
	char filter[] = "image=x";
	char *const filters[] = {filter, NULL};

	(void)state;
	assert_false(event_filter_matches(filters, &bare));
}

static void unknown_filters_are_named(void **state)
{
	static const char *const wrong[] = {"foo=bar", "foo", "type", "type!=image", "=", ""};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		char *const filters[] = {(char *)wrong[i], NULL};
		autofree char *expected = xasprintf("%s is an invalid filter", wrong[i]);
		struct error err = {0};

		assert_int_equal(event_filter_check(filters, &err), -EINVAL);
		assert_non_null(str_after(error_text(&err), expected));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_matches_what_it_names),
		cmocka_unit_test(no_filter_matches_all),
		cmocka_unit_test(an_event_without_names_is_never_an_object),
		cmocka_unit_test(unknown_filters_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
