/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "events/event.h"

/* 2026-01-02T03:04:05.6Z */
#define TIME_NS INT64_C(1767323045600000000)

static void line_is_what_podman_writes(void **state)
{
	AUTO(strmap_release) struct strmap labels = {0};
	AUTO(strbuf_release) struct strbuf line = STRBUF_INIT;
	const struct event died = {.time_ns = TIME_NS,
		.status = EVENT_DIED,
		.exit_code = 3,
		.id = "abc",
		.name = "web",
		.image = "localhost/i:latest",
		.attributes = &labels};
	const struct event volume = {
		.time_ns = TIME_NS, .type = EVENT_VOLUME, .status = EVENT_CREATE, .name = "v"};

	(void)state;
	strmap_set(&labels, "a", "b");
	strmap_set(&labels, "c", "");
	event_add_line(&died, &line);
	event_add_line(&volume, &line);
	assert_string_equal(strbuf_get(&line),
		"{\"ContainerExitCode\":3,\"ID\":\"abc\",\"Image\":\"localhost/i:latest\","
		"\"Name\":\"web\",\"Status\":\"died\",\"Time\":\"2026-01-02T03:04:05.6Z\","
		"\"Type\":\"container\",\"Attributes\":{\"a\":\"b\",\"c\":\"\"}}\n"
		"{\"Name\":\"v\",\"Status\":\"create\",\"Time\":\"2026-01-02T03:04:05.6Z\","
		"\"Type\":\"volume\",\"Attributes\":null}\n");
}

static void every_type_and_status_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < EVENT_STATUS_COUNT; i++) {
		assert_non_null(event_status_name((enum event_status)i));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(event_status_name((enum event_status)i),
				event_status_name((enum event_status)j));
	}
	for (int i = 0; i < EVENT_TYPE_COUNT; i++)
		assert_non_null(event_type_name((enum event_type)i));
}

/* Writes an event with one label, and reads it back. */
static void round_trip(const char *key, const char *value, struct event_record *ret)
{
	AUTO(strmap_release) struct strmap labels = {0};
	AUTO(strbuf_release) struct strbuf line = STRBUF_INIT;
	const struct event event = {
		.status = EVENT_START, .name = value, .attributes = &labels, .time_ns = TIME_NS};

	strmap_set(&labels, key, value);
	event_add_line(&event, &line);
	assert_true(line.len <= EVENT_MAX_LINE);
	assert_ptr_equal(strchr(line.data, '\n'), line.data + line.len - 1);
	assert_int_equal(event_parse(line.data, line.len - 1, ret, NULL), 0);
}

static void any_text_survives(void **state)
{
	static const char *const texts[] = {"plain", "q\"uo\\te", "new\nline\r\ttab",
		"\x1b[31m\x7f", "\xc3\xa4\xe2\x82\xac", "</script>&", "{\"Generation\":4}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO(event_record_release) struct event_record record = {0};

		round_trip(texts[i], texts[i], &record);
		assert_string_equal(record.name, texts[i]);
		assert_string_equal(strmap_get(&record.attributes, texts[i]), texts[i]);
		assert_true(record.time_ns == TIME_NS);
	}
}

static void bytes_that_are_no_utf8_are_replaced(void **state)
{
	AUTO(event_record_release) struct event_record record = {0};

	(void)state;
	round_trip("k", "a\xff\xc3z", &record);
	assert_string_equal(strmap_get(&record.attributes, "k"), "a\xef\xbf\xbd\xef\xbf\xbdz");
}

static void attributes_that_do_not_fit_are_left_out(void **state)
{
	AUTO(strmap_release) struct strmap labels = {0};
	AUTO(strbuf_release) struct strbuf line = STRBUF_INIT;
	AUTO(event_record_release) struct event_record record = {0};
	struct event event = {.id = "x", .attributes = &labels};
	char *value = xcalloc(1, 40001);

	(void)state;
	memset(value, 1, 40000); /* six bytes each */
	event.name = event.image = event.health_status = value;
	strmap_set(&labels, "first", "1");
	for (char key[2] = "a"; *key < 'f'; ++*key)
		strmap_set(&labels, key, value);
	event_add_line(&event, &line);
	free(value);
	assert_true(line.len <= EVENT_MAX_LINE);
	assert_int_equal(event_parse(line.data, line.len - 1, &record, NULL), 0);
	assert_string_equal(strmap_get(&record.attributes, "first"), "1");
	assert_null(strmap_get(&record.attributes, "e"));
	assert_int_equal(strlen(record.name), EVENT_MAX_TEXT);
}

static void attributes_tell_none_from_empty(void **state)
{
	static const struct {
		const char *line;
		bool has;
	} cases[] = {
		{"{\"Status\":\"s\",\"Type\":\"t\",\"Time\":\"2026-01-02T03:04:05Z\"}", false},
		{"{\"Status\":\"s\",\"Type\":\"t\",\"Time\":\"2026-01-02T03:04:05+01:00\","
		 "\"Attributes\":null}",
			false},
		{"{\"Status\":\"s\",\"Type\":\"t\",\"Time\":\"2026-01-02T03:04:05Z\","
		 "\"Attributes\":{}}",
			true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(event_record_release) struct event_record record = {0};

		assert_int_equal(
			event_parse(cases[i].line, strlen(cases[i].line), &record, NULL), 0);
		assert_int_equal(record.has_attributes, cases[i].has);
		assert_int_equal(record.attributes.count, 0);
	}
}

static void what_is_no_event_is_refused(void **state)
{
	static const char *const lines[] = {"", "x", "{}", "[]", "null", "{\"Status\":\"s\"}",
		"{\"Status\":\"s\",\"Type\":\"t\",\"Time\":\"yesterday\"}",
		"{\"Status\":1,\"Type\":\"t\",\"Time\":\"2026-01-02T03:04:05Z\"}",
		"{\"Status\":\"s\",\"Type\":\"t\",\"Time\":\"2026-01-02T03:04:05Z\","
		"\"Attributes\":[1]}",
		"{\"Status\":\"s\",\"Type\":\"t\",\"Time\":\"2026-01-02T03:04:05Z\"}{",
		"{\"Status\":\"s\",\"Type\":\"t\",\"Time\":\"2026-01-02T03:0{\"Status\":\"s\"}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct event_record record = {0};
		struct error err = {0};

		assert_int_equal(event_parse(lines[i], strlen(lines[i]), &record, &err), -EBADMSG);
		assert_null(record.status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_is_what_podman_writes),
		cmocka_unit_test(every_type_and_status_has_a_name_of_its_own),
		cmocka_unit_test(any_text_survives),
		cmocka_unit_test(bytes_that_are_no_utf8_are_replaced),
		cmocka_unit_test(attributes_that_do_not_fit_are_left_out),
		cmocka_unit_test(attributes_tell_none_from_empty),
		cmocka_unit_test(what_is_no_event_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
