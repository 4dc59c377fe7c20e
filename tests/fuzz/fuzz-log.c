/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a container's log, which whoever can write the file has made; and --log-opt. */
#include <assert.h>
#include <stdint.h>

#include "container/log-options.h"
#include "container/log-record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is written of a record is read back the same. */
static void write_and_read(const struct log_record *record, enum log_format format)
{
	AUTO(strbuf_release) struct strbuf line = STRBUF_INIT;
	struct log_record again = {0};
	char time[LOG_TIME_SIZE];

	log_record_time(format, record->time_ns, time);
	log_record_format(&line, format, record, time);
	assert(line.len > 0 && line.data[line.len - 1] == '\n');
	assert(!memchr(line.data, '\n', line.len - 1));
	if (record->len <= LOG_RECORD_MAX_TEXT)
		assert(line.len <= LOG_RECORD_MAX_BYTES);
	assert(log_record_parse(line.data, line.len - 1, &again) == 0);
	assert(again.time_ns == record->time_ns && again.stream == record->stream);
	assert(again.is_full == record->is_full);
	assert(again.len == record->len && !memcmp(again.text, record->text, again.len));
	log_record_release(&again);
}

static void parse_options(const char *data, size_t size)
{
	autofree char *text = xstrndup(data, size);
	AUTO(strv_free) char **lines = strv_split(text, '\n');
	struct strmap given = {0};
	struct log_options options;

	for (char **line = lines; line && *line; line++) {
		char *equals = strchr(*line, '=');

		if (equals)
			*equals = '\0';
		strmap_set(&given, *line, equals ? equals + 1 : "");
	}
	(void)log_options_parse(&given, &options, NULL);
	strmap_release(&given);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const uint8_t *newline = memchr(data, '\n', size);
	size_t len = newline ? (size_t)(newline - data) : size;
	struct log_record record = {0};

	parse_options(text, size);
	if (log_record_parse(text, len, &record) == 0) {
		assert(record.len <= len);
		/* Text of JSON may have newlines; ours never has. */
		if (!memchr(record.text, '\n', record.len))
			write_and_read(&record, LOG_FORMAT_K8S);
		write_and_read(&record, LOG_FORMAT_JSON);
	}
	log_record_release(&record);
	return 0;
}
