/* SPDX-License-Identifier: Apache-2.0 */
#include "format/json-text.h"

#include "format/format.h"
#include "format/number.h"
#include "format/utf8.h"
#include "format/value.h"

struct writer {
	struct strbuf *ret;
	bool is_indented;
	int depth;
};

static void add_value(
	struct writer *writer, struct json_object *obj, const struct format_type *type);

static void add_unsafe(struct strbuf *ret, uint32_t code)
{
	if (code == UTF8_INVALID)
		strbuf_adds(ret, "\\ufffd");
	else if (code == '\n')
		strbuf_adds(ret, "\\n");
	else if (code == '\r')
		strbuf_adds(ret, "\\r");
	else if (code == '\t')
		strbuf_adds(ret, "\\t");
	else if (code < 0x10000)
		strbuf_addf(ret, "\\u%04x", code);
	else
		strbuf_addf(ret, "\\u%04x\\u%04x", 0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff));
}

/* Bytes that stand for themselves, which nearly all do. */
static size_t count_plain(const char *text, size_t len)
{
	size_t count = 0;

	while (count < len && text[count] >= ' ' && text[count] <= '~' && text[count] != '"' &&
		text[count] != '\\')
		count++;
	return count;
}

static void add_string(struct strbuf *ret, const char *text, size_t len)
{
	size_t size;
	uint32_t code;

	strbuf_addc(ret, '"');
	for (size_t at = 0; at < len; at += size) {
		size = count_plain(text + at, len - at);
		if (size > 0) {
			strbuf_add(ret, text + at, size);
			continue;
		}
		size = utf8_decode(text + at, len - at, &code);
		if (code == '"' || code == '\\')
			strbuf_addc(ret, '\\');
		if (utf8_is_unsafe(code))
			add_unsafe(ret, code);
		else
			strbuf_add(ret, text + at, size);
	}
	strbuf_addc(ret, '"');
}

static void add_newline(const struct writer *writer)
{
	if (!writer->is_indented)
		return;
	strbuf_addc(writer->ret, '\n');
	for (int i = 0; i < writer->depth; i++)
		strbuf_add(writer->ret, "    ", JSON_TEXT_INDENT);
}

static void add_members(
	struct writer *writer, struct json_object *obj, const struct format_type *type)
{
	bool is_map = type && type->kind == FORMAT_MAP;
	const struct value value = {
		.kind = is_map ? VALUE_MAP : VALUE_STRUCT, .type = type, .obj = obj};
	autofree const char **keys = value_keys(&value);

	writer->depth++;
	for (size_t i = 0; keys[i]; i++) {
		struct json_object *member = NULL;

		json_object_object_get_ex(obj, keys[i], &member);
		if (i > 0)
			strbuf_addc(writer->ret, ',');
		add_newline(writer);
		add_string(writer->ret, keys[i], strlen(keys[i]));
		strbuf_adds(writer->ret, writer->is_indented ? ": " : ":");
		add_value(writer, member, value_member_type(type, keys[i]));
	}
	writer->depth--;
	if (keys[0])
		add_newline(writer);
}

static void add_items(
	struct writer *writer, struct json_object *obj, const struct format_type *type)
{
	size_t count = json_object_array_length(obj);

	writer->depth++;
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			strbuf_addc(writer->ret, ',');
		add_newline(writer);
		add_value(writer, json_object_array_get_idx(obj, i), type ? type->items : NULL);
	}
	writer->depth--;
	if (count > 0)
		add_newline(writer);
}

static void add_value(
	struct writer *writer, struct json_object *obj, const struct format_type *type)
{
	switch (json_object_get_type(obj)) {
	case json_type_object:
		strbuf_addc(writer->ret, '{');
		add_members(writer, obj, type);
		strbuf_addc(writer->ret, '}');
		return;
	case json_type_array:
		strbuf_addc(writer->ret, '[');
		add_items(writer, obj, type);
		strbuf_addc(writer->ret, ']');
		return;
	case json_type_string:
		add_string(writer->ret, json_object_get_string(obj),
			(size_t)json_object_get_string_len(obj));
		return;
	case json_type_double:
		number_add_json(writer->ret, json_object_get_double(obj));
		return;
	default:
		strbuf_adds(
			writer->ret, json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PLAIN));
	}
}

void json_text_add(struct strbuf *ret, struct json_object *obj, const struct format_type *type,
	enum json_text_form form)
{
	struct writer writer = {
		.ret = ret,
		.is_indented = form != JSON_TEXT_COMPACT,
		.depth = form == JSON_TEXT_LISTED,
	};

	add_value(&writer, obj, type);
}
