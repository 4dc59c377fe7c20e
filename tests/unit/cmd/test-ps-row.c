/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ps-row.h"

#define SECOND 1000000000LL
#define NOW (1700000000LL * SECOND)

static char *const command[] = {(char *)"sh", (char *)"-c", (char *)"echo\nmany words", NULL};

static void status_is_what_people_read(void **state)
{
	const struct {
		struct engine_ps_row row;
		const char *text;
	} cases[] = {
		{{.state = (char *)"created"}, "Created"},
		{{.state = (char *)"running", .started_ns = NOW - 180 * SECOND}, "Up 3 minutes"},
		{{.state = (char *)"exited", .exit_code = 137, .finished_ns = NOW - 5 * SECOND},
			"Exited (137) 5 seconds ago"},
		{{.error = (char *)"record.json: malformed"}, "Damaged"},
		{{.state = NULL}, "Unknown"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *text = ps_row_status(&cases[i].row, NOW);

		assert_string_equal(text, cases[i].text);
	}
}

static void neighbouring_ports_are_one_range(void **state)
{
	char tcp[] = "tcp", udp[] = "udp", all[] = "", local[] = "127.0.0.1", v6[] = "::1";
	struct engine_port ports[] = {
		{all, 8080, 80, tcp},
		{all, 8081, 81, tcp},
		{local, 53, 53, udp},
		{v6, 8082, 82, tcp},
	};
	struct engine_ps_row row = {.ports = ports, .port_count = ARRAY_SIZE(ports)};
	autofree char *text = ps_row_ports(&row);

	(void)state;
	assert_string_equal(text, "0.0.0.0:8080-8081->80-81/tcp, 127.0.0.1:53->53/udp, "
				  "[::1]:8082->82/tcp");
}

static void a_long_command_is_cut(void **state)
{
	struct engine_ps_row row = {.command = (char **)command};
	autofree char *cut = ps_row_command(&row, false);
	autofree char *full = ps_row_command(&row, true);

	(void)state;
	assert_string_equal(cut, "sh -c echo many w...");
	assert_string_equal(full, "sh -c echo many words");
}

static void templates_see_podmans_fields(void **state)
{
	static const char *const cases[][2] = {
		{PS_ROW_TABLE,
			"CONTAINER ID  IMAGE       COMMAND               CREATED     STATUS      "
			"PORTS                 NAMES\n"
			"134c31b0af65  box:1       sh -c echo many w...  2 days ago  Damaged     "
			"0.0.0.0:8080->80/tcp  web\n"},
		{"{{.ID}} {{.Label \"a\"}} {{.Labels}} {{.Mounts}} {{.Networks}} {{.LocalVolumes}}",
			"134c31b0af65 1 map[a:1] [/mnt /srv] one,two \n"},
		{"{{.CreatedAt}} {{.Created.Unix}} {{.RunningFor}} {{.StartedAt}}",
			"2023-11-12 22:13:20 +0000 UTC 1699827200 2 days ago -62135596800\n"},
		{"{{.State}} {{.Pid}} {{.AutoRemove}} {{.Exited}} {{.Pod}}|{{.Namespaces.PIDNS}}|",
			"unknown 0 false false ||\n"},
	};
	char tcp[] = "tcp", all[] = "";
	struct engine_port port = {all, 8080, 80, tcp};
	struct strmap_item labels[] = {{(char *)"a", (char *)"1"}};
	char *mounts[] = {(char *)"/mnt", (char *)"/srv", NULL};
	char *networks[] = {(char *)"one", (char *)"two", NULL};
	const struct engine_ps_row row = {
		.id = (char *)"134c31b0af651f6a",
		.name = (char *)"web",
		.image = (char *)"box:1",
		.command = (char **)command,
		.created_ns = NOW - 2 * 86400 * SECOND,
		.labels = {labels, 1},
		.ports = &port,
		.port_count = 1,
		.mounts = mounts,
		.networks = networks,
		.error = (char *)"record.json: malformed",
	};
	const struct ps_row_context context = {.now_ns = NOW};
	const void *items[] = {&row};
	const struct format_rows rows = {.verb = "ps",
		.type = &ps_row_type,
		.items = items,
		.count = 1,
		.context = &context};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
		struct error err = {0};

		if (format_rows_text(cases[i][0], &rows, &text, &err) < 0)
			fail_msg("%s", error_text(&err));
		assert_string_equal(strbuf_get(&text), cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_is_what_people_read),
		cmocka_unit_test(neighbouring_ports_are_one_range),
		cmocka_unit_test(a_long_command_is_cut),
		cmocka_unit_test(templates_see_podmans_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
