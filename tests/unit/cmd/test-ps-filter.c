/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "ps-filter.h"

static struct strmap_item web_labels[] = {
	{(char *)"a", (char *)"1"}, {(char *)"org.test/x", (char *)"2"}};
static char *web_mounts[] = {(char *)"/data", (char *)"/etc/app", NULL};
static char *web_sources[] = {(char *)"vol", (char *)"/srv/app", NULL};
static char *web_networks[] = {(char *)"front", NULL};
static char *web_command[] = {(char *)"httpd", (char *)"-f", NULL};
/* The newest first. */
static struct engine_ps_row rows[] = {
	{
		.id = (char *)"abcdef0123",
		.name = (char *)"web",
		.image = (char *)"docker.io/library/busybox:latest",
		.image_id = (char *)"f00dfeed",
		.state = (char *)"exited",
		.exit_code = 3,
		.created_ns = 3000,
		.command = web_command,
		.labels = {web_labels, ARRAY_SIZE(web_labels)},
		.mounts = web_mounts,
		.mount_sources = web_sources,
		.networks = web_networks,
		.health = (char *)"healthy",
		.restart_policy = (char *)"always",
	},
	{
		.id = (char *)"abc0000000",
		.name = (char *)"db",
		.image = (char *)"localhost:5000/db:1",
		.state = (char *)"running",
		.created_ns = 2000,
	},
	{.id = (char *)"0123456789", .state = (char *)"unknown", .error = (char *)"damaged"},
};
static const struct engine_ps list = {.rows = rows, .count = ARRAY_SIZE(rows)};

/* Which of the rows pass, as digits; "!" and the message for an error. */
static char *passing(const char *const *filters)
{
	AUTO(ps_filter_free) struct ps_filter *filter = NULL;
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	struct error err = {0};

	if (ps_filter_new((char *const *)filters, &list, &filter, &err) < 0)
		return xasprintf("!%s", error_text(&err));
	for (size_t i = 0; i < list.count; i++) {
		if (ps_filter_matches(filter, &list.rows[i]))
			strbuf_addf(&text, "%zu", i);
	}
	return xstrdup(strbuf_get(&text));
}

static void values_of_a_key_are_alternatives_but_labels_are_not(void **state)
{
	static const struct {
		const char *filters[4], *passing;
	} cases[] = {
		{{NULL}, "012"},
		{{"name=we"}, "0"},
		{{"name=^eb"}, ""},
		{{"name=^(web|db)$"}, "01"},
		{{"name=web", "name=db"}, "01"},
		{{"status=exited", "name=db"}, ""},
		{{"status=running", "status=exited"}, "01"},
		{{"status=stopped"}, "0"},
		{{"status=unknown"}, "2"},
		{{"exited=3"}, "0"},
		{{"exited=0"}, ""},
		{{"id=abc"}, "01"},
		{{"id=bcd"}, ""},
		{{"id=^[0-9]"}, "2"},
		{{"id=123$"}, "0"},
		{{"command=ttp"}, "0"},
		{{"label=a"}, "0"},
		{{"label=a=1"}, "0"},
		{{"label=a="}, "0"},
		{{"label=a=2"}, ""},
		{{"label=b"}, ""},
		{{"label=org*"}, "0"},
		{{"label=org*=2"}, "0"},
		{{"label=test*=1"}, ""},
		{{"label=a", "label=org.test/x=2"}, "0"},
		{{"label=a", "label=b"}, ""},
		{{"label!=a"}, "12"},
		{{"label!=a=2"}, "012"},
		{{"ancestor=busybox"}, "0"},
		{{"ancestor=box"}, ""},
		{{"ancestor=localhost:5000/db:1"}, "1"},
		{{"ancestor=localhost:5000/db"}, ""},
		{{"ancestor=f00dfe"}, "0"},
		{{"volume=vol"}, "0"},
		{{"volume=/srv/app"}, "0"},
		{{"volume=/etc/app"}, "0"},
		{{"volume=vol:/data"}, "0"},
		{{"volume=vol:/etc/app"}, ""},
		{{"network=front"}, "0"},
		{{"network=fro"}, ""},
		{{"health=healthy"}, "0"},
		{{"health=none"}, "12"},
		{{"restart-policy=always"}, "0"},
		{{"restart-policy=no"}, "12"},
		{{"pod=x"}, ""},
		{{"before=web"}, "12"},
		{{"since=db"}, "0"},
		{{"before=abcd", "since=0123"}, "1"},
		{{"until=2020-01-01"}, "012"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *text = passing(cases[i].filters);

		if (strcmp(text, cases[i].passing) != 0)
			fail_msg("%s: %s instead of %s", cases[i].filters[0], text,
				cases[i].passing);
	}
}

static void wrong_filters_are_named(void **state)
{
	static const struct {
		const char *filters[2], *message;
	} cases[] = {
		{{"color=red"}, "!color is an invalid filter"},
		{{"name"}, "!invalid filter \"name\""},
		{{"name=["}, "!filter name: bad regular expression \"[\""},
		{{"exited=x"}, "!filter exited: \"x\" is not an exit code"},
		{{"status=foo"}, "!unknown container state: foo"},
		{{"restart-policy=foo"}, "!foo invalid restart policy"},
		{{"since=nope"}, "!no container with name or ID \"nope\" found"},
		{{"before=abc"}, "!more than one container"},
		{{"until=bad"}, "!"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *text = passing(cases[i].filters);

		if (!str_after(text, cases[i].message))
			fail_msg("%s: %s", cases[i].filters[0], text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_a_key_are_alternatives_but_labels_are_not),
		cmocka_unit_test(wrong_filters_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
