/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "container/log-options.h"
#include "container/log-record.h"

static void records_are_read_as_they_were_written(void **state)
{
	static const struct log_record records[] = {
		{1767322996000000042, LOG_STREAM_STDOUT, true, "plain", 5, NULL},
		{1767322996123456789, LOG_STREAM_STDERR, false, "a piece ", 8, NULL},
		{1767322996100000000, LOG_STREAM_STDOUT, true, "", 0, NULL},
		{1767322996100000000, LOG_STREAM_STDERR, true, "  \"q\" \\ \t\x01\x7f\r F ", 16,
			NULL},
		{1767322996100000000, LOG_STREAM_STDOUT, false,
			"gr\xc3\xbc\xc3\x9f"
			"e",
			8, NULL},
		{1767322996100000000, LOG_STREAM_STDOUT, true, "latin \xe9\xff", 8, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(records) * 2; i++) {
		enum log_format format = i % 2 ? LOG_FORMAT_JSON : LOG_FORMAT_K8S;
		const struct log_record *wanted = &records[i / 2];
		AUTO(strbuf_release) struct strbuf line = STRBUF_INIT;
		struct log_record got = {0};
		char time[LOG_TIME_SIZE];

		log_record_time(format, wanted->time_ns, time);
		log_record_format(&line, format, wanted, time);
		assert_int_equal(line.data[line.len - 1], '\n');
		assert_ptr_equal(memchr(line.data, '\n', line.len), line.data + line.len - 1);
		assert_int_equal(log_record_parse(line.data, line.len - 1, &got), 0);
		assert_int_equal(got.time_ns, wanted->time_ns);
		assert_int_equal(got.stream, wanted->stream);
		assert_int_equal(got.is_full, wanted->is_full);
		assert_int_equal(got.len, wanted->len);
		assert_memory_equal(got.text, wanted->text, wanted->len);
		log_record_release(&got);
	}
}

static void torn_and_foreign_lines_are_refused(void **state)
{
	static const char *const lines[] = {
		"",
		" ",
		"2026-01-02T03:04:05.000000000+00:00",
		"2026-01-02T03:04:05.000000000+00:00 stdout",
		"2026-01-02T03:04:05.000000000+00:00 stdout F",
		"2026-01-02T03:04:05.000000000+00:00 stdout X text",
		"2026-01-02T03:04:05.000000000+00:00 stdout FF text",
		"2026-01-02T03:04:05.000000000+00:00 stdin F text",
		"2026-01-02T03:04:05.000000000+00:00 stdoutx F text",
		"yesterday stdout F text",
		"2026-01-02T03:04:05.00000000000000000000000000000000000+00:00 stdout F text",
		"{\"log\":\"a\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-0",
		"{\"log\":\"a\\n\",\"stream\":\"stdout\"}",
		"{\"log\":5,\"stream\":\"stdout\",\"time\":\"2026-01-02T03:04:05Z\"}",
		"{\"log\":\"a\",\"stream\":\"tty\",\"time\":\"2026-01-02T03:04:05Z\"}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct log_record record = {0};

		assert_int_equal(log_record_parse(lines[i], strlen(lines[i]), &record), -EBADMSG);
		assert_null(record.text);
	}
}

static void options_of_logs(void **state)
{
	static const struct {
		const char *key, *value;
		int result;
		uint64_t size;
	} cases[] = {
		{"max-size", "10m", 0, 10 << 20},
		{"max-size", "-1", 0, 0},
		{"max-size", "0", 0, 0},
		{"max-size", "ten", -EINVAL, 0},
		{"path", "/var/log/x", 0, 0},
		{"path", "x", -EINVAL, 0},
		{"path", "/var/log/", -EINVAL, 0},
		{"tag", "", 0, 0},
		{"max-file", "3", 0, 0},
		{"maxsize", "3", -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strmap_release) struct strmap given = {0};
		struct log_options options = {0};

		strmap_set(&given, cases[i].key, cases[i].value);
		assert_int_equal(log_options_parse(&given, &options, NULL), cases[i].result);
		assert_int_equal(options.max_size_bytes, cases[i].size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read_as_they_were_written),
		cmocka_unit_test(torn_and_foreign_lines_are_refused),
		cmocka_unit_test(options_of_logs),
	};

	return cmocka_run_group_tests_name("container/log-record", tests, NULL, NULL);
}
