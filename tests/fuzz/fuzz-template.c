/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "format/format.h"
#include "format/human.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * The first line is a template, the rest the JSON object of a row; without a second line there is a
 * small one. Row and template are both hostile here.
 */
static const char small_row[] =
	"{\"Name\":\"web\",\"Created\":\"2026-11-24T08:40:16Z\",\"Labels\":{\"k\":\"v\\u001b\"},"
	"\"List\":[\"a\",1,null,{\"b\":[true,2.5]}],\"State\":{\"Pid\":7}}";

static const struct format_field state_fields[] = {
	{.name = "Error", .type = &format_string}, {.name = NULL}};
static const struct format_type state = {
	.kind = FORMAT_STRUCT, .fields = state_fields, .is_open = true, .is_embedded = true};

static struct json_object *call_label(const struct format_row *row, const char *word)
{
	(void)row;
	return json_object_new_string(word);
}

static const struct format_field fields[] = {
	{.name = "ID", .key = "Name", .type = &format_string, .header = "CONTAINER ID"},
	{.name = "Label", .type = &format_string, .call = call_label},
	{.name = "Created", .type = &format_time},
	{.name = "Labels", .type = &format_string_map},
	{.name = "List", .type = &format_list},
	{.name = "State", .type = &state},
	{.name = NULL},
};
static const struct format_type type = {
	.kind = FORMAT_STRUCT, .fields = fields, .is_open = true, .small_keys = true};

static void run(const char *format, struct json_object *obj, enum format_bytes bytes)
{
	const void *items[] = {obj, obj};
	const struct format_rows rows = {
		.verb = "fuzz", .type = &type, .items = items, .count = 2, .bytes = bytes};
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	struct error err = {0};
	int r = format_rows_text(format, &rows, &text, &err);

	if (r < 0 && (text.len > 0 || !err.text[0]))
		abort();
	if (text.len > FORMAT_MAX_OUTPUT + 2)
		abort();
	/* What a terminal would obey never comes from the row; a template without it has none. */
	for (size_t i = 0; bytes == FORMAT_BYTES_TERMINAL && i < text.len; i++) {
		if (text.data[i] == '\033' && !strchr(format, '\\') && !strchr(format, '\033') &&
			!strstr(format, "%"))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line = memchr(data, '\n', size);
	size_t len = line ? (size_t)(line - data) : size;
	AUTO(json_free) struct json_object *obj = NULL;
	autofree char *format = xstrndup((const char *)data, len);
	autofree char *table = xasprintf("table %s", format);
	autofree char *time = human_time(format);

	if (!line || json_parse((const char *)line + 1, size - len - 1, &obj, NULL) < 0 ||
		!json_object_is_type(obj, json_type_object)) {
		json_object_put(obj);
		obj = NULL;
		if (json_parse(small_row, strlen(small_row), &obj, NULL) < 0)
			abort();
	}
	run(format, obj, FORMAT_BYTES_RAW);
	run(format, obj, FORMAT_BYTES_TERMINAL);
	run(table, obj, FORMAT_BYTES_RAW);
	return 0;
}
