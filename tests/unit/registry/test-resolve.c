/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "registry/config.h"

#define DIGEST "@sha256:1111111111111111111111111111111111111111111111111111111111111111"

static const char conf[] = "unqualified-search-registries=['one.io','docker.io']\n"
			   "[aliases]\nfedora='reg.example/fedora'\ngone=''\n"
			   "[[registry]]\nlocation='plain.io'\ninsecure=true\n"
			   "[[registry]]\nlocation='bad.io'\nblocked=true\n"
			   "[[registry]]\nprefix='ex.io/foo'\nlocation='in.io/bar'\n"
			   "[[registry.mirror]]\nlocation='m1.io/foo'\ninsecure=true\n"
			   "[[registry.mirror]]\nlocation='m2.io'\npull-from-mirror='digest-only'\n"
			   "[[registry]]\nprefix='ex.io/foo/deep'\nlocation='deep.io'\n"
			   "[[registry]]\nprefix='*.wild.io'\nlocation='w.io/w'\n"
			   "[[registry]]\nprefix='*.keep.io'\ninsecure=true\n"
			   "[[registry]]\nprefix='docker.io'\nlocation='docker.io'\n"
			   "[[registry.mirror]]\nlocation='hub.local:5000'\n";

/* "host/repository!" per candidate; "!" for insecure, "~" for a mirror. */
static char *resolved(const struct registries_config *config, const char *text)
{
	AUTO(registry_candidates_release) struct registry_candidates list = {0};
	AUTO(reference_release) struct reference ref = {0};
	AUTO(strbuf_release) struct strbuf buf = STRBUF_INIT;
	struct error err = {0};
	int r;

	assert_int_equal(reference_parse(text, &ref, NULL), 0);
	r = registry_resolve(config, &ref, &list, &err);
	if (r < 0)
		return xasprintf("%d", r);
	for (size_t i = 0; i < list.count; i++)
		strbuf_addf(&buf, "%s%s/%s%s%s", i ? " " : "", list.items[i].host,
			list.items[i].repository, list.items[i].insecure ? "!" : "",
			list.items[i].is_mirror ? "~" : "");
	return strbuf_take(&buf);
}

static void names_lead_to_places(void **state)
{
	static const struct {
		const char *text, *places;
	} cases[] = {
		{"plain.io/x", "plain.io/x!"},
		{"plain.io.evil/x", "plain.io.evil/x"},
		{"bad.io/x", "-1"},
		{"ex.io/foo", "m1.io/foo!~ in.io/bar"},
		{"ex.io/foo/x:1", "m1.io/foo/x!~ in.io/bar/x"},
		{"ex.io/foo/x" DIGEST, "m1.io/foo/x!~ m2.io/x~ in.io/bar/x"},
		{"ex.io/foobar", "ex.io/foobar"},
		{"ex.io/foo/deep/y", "deep.io/y"},
		{"a.wild.io/x", "w.io/w/x"},
		{"wild.io/x", "wild.io/x"},
		{"a.b.keep.io/x", "a.b.keep.io/x!"},
		{"docker.io/debian",
			"hub.local:5000/library/debian~ registry-1.docker.io/library/debian"},
		{"fedora:1", "reg.example/fedora"},
		{"gone", "one.io/gone hub.local:5000/library/gone~ "
			 "registry-1.docker.io/library/gone"},
	};
	AUTO(registries_config_release) struct registries_config config = {0};

	(void)state;
	assert_int_equal(registries_config_merge(&config, conf, strlen(conf), "f", NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *places = resolved(&config, cases[i].text);

		assert_string_equal(places, cases[i].places);
	}
}

static void enforcing_mode_asks_for_full_names(void **state)
{
	static const char text[] =
		"unqualified-search-registries=['a.io','b.io']\nshort-name-mode='enforcing'";
	AUTO(registries_config_release) struct registries_config config = {0};
	AUTO(reference_release) struct reference ref = {0};
	struct registry_candidates list = {0};
	struct error err = {0};

	(void)state;
	assert_int_equal(registries_config_merge(&config, text, strlen(text), "f", NULL), 0);
	assert_int_equal(reference_parse("x", &ref, NULL), 0);
	assert_int_equal(registry_resolve(&config, &ref, &list, &err), -EINVAL);
	assert_non_null(strstr(err.text, "a.io/x"));
}

static void without_configuration_short_names_are_dockers(void **state)
{
	AUTO(registry_candidates_release) struct registry_candidates list = {0};
	AUTO(reference_release) struct reference ref = {0};
	struct registries_config config = {0};
	autofree char *full = NULL;

	(void)state;
	assert_int_equal(reference_parse("debian", &ref, NULL), 0);
	assert_int_equal(registry_resolve(&config, &ref, &list, NULL), 0);
	assert_int_equal(list.count, 1);
	full = reference_format(&list.items[0].ref);
	assert_string_equal(full, "docker.io/library/debian:latest");
	assert_string_equal(list.items[0].auth_key, "docker.io/library/debian");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_lead_to_places),
		cmocka_unit_test(enforcing_mode_asks_for_full_names),
		cmocka_unit_test(without_configuration_short_names_are_dockers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
