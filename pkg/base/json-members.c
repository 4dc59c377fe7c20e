/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a few members of a large document. json-c builds an object of every value before anybody
 * can ask for one; here the values that nobody wants are only stepped over, and of the others those
 * that are simple (plain strings, lists of them, numbers, true and false) are taken as they
 * stand. All others go through json-c, so that there is one place that knows what a struct's member
 * is.
 */
#include <errno.h>
#include <string.h>

#include "base/json.h"

/* The bytes from @at to before @end. */
struct span {
	const char *at;
	const char *end;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(struct span *text)
{
	while (text->at < text->end && is_blank(*text->at))
		text->at++;
}

/* What ends a number or a word. */
static bool is_end(char c)
{
	return is_blank(c) || c == ',' || c == ':' || c == '}' || c == ']';
}

static bool take(struct span *text, char wanted)
{
	skip_blanks(text);
	if (text->at >= text->end || *text->at != wanted)
		return false;
	text->at++;
	return true;
}

/* From the opening quote to behind the closing one. */
static bool skip_string(struct span *text)
{
	for (text->at++; text->at < text->end; text->at++) {
		if (*text->at == '\\')
			text->at++;
		else if (*text->at == '"')
			return text->at++, true;
	}
	return false;
}

/* From an opening bracket to behind the one that closes it. */
static bool skip_nested(struct span *text)
{
	size_t depth = 0;

	while (text->at < text->end) {
		char c = *text->at;

		if (c == '"') {
			if (!skip_string(text))
				return false;
			continue;
		}
		text->at++;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			return true;
	}
	return false;
}

/* Any value; *@ret: where it stands. */
static bool take_value(struct span *text, struct span *ret)
{
	bool found = true;

	skip_blanks(text);
	ret->at = text->at;
	if (text->at >= text->end)
		return false;
	if (*text->at == '"') {
		found = skip_string(text);
	} else if (*text->at == '{' || *text->at == '[') {
		found = skip_nested(text);
	} else {
		while (text->at < text->end && !is_end(*text->at))
			text->at++;
		found = text->at > ret->at;
	}
	ret->end = text->at;
	return found && text->at <= text->end;
}

static bool span_is(const struct span *span, const char *text)
{
	size_t len = (size_t)(span->end - span->at);

	/* Not strncmp(): what is read may hold NULs. */
	return strlen(text) == len && memcmp(span->at, text, len) == 0;
}

/* A string of ASCII without escapes: its bytes are its value. */
static bool is_plain_string(const struct span *value)
{
	if (*value->at != '"')
		return false;
	for (const char *at = value->at + 1; at < value->end - 1; at++) {
		if (*at < ' ' || *at > '~' || *at == '\\')
			return false;
	}
	return true;
}

static bool read_integer(const struct span *value, int64_t *ret)
{
	char text[24];
	size_t len = (size_t)(value->end - value->at);

	if (len >= sizeof(text))
		return false;
	memcpy(text, value->at, len);
	text[len] = '\0';
	return str_to_i64(text, ret) == 0;
}

static char *plain_text(const struct span *value)
{
	return xstrndup(value->at + 1, (size_t)(value->end - value->at - 2));
}

/* A list of plain strings. */
static bool read_strings(const struct span *value, char ***ret)
{
	/* An item takes three bytes at least. */
	AUTO(strv_free)
	char **list = xcalloc((size_t)(value->end - value->at) / 3 + 2, sizeof(char *));
	struct span text = *value, item;
	size_t count = 0;

	if (!take(&text, '['))
		return false;
	do {
		if (!take_value(&text, &item) || !is_plain_string(&item))
			return false;
		list[count++] = plain_text(&item);
	} while (take(&text, ','));
	if (!take(&text, ']'))
		return false;
	strv_free(*ret);
	*ret = take_ptr(list);
	return true;
}

/* True when the value was simple and is in the struct now. */
static bool read_simple(const struct span *value, const struct json_field *field, void *member)
{
	char **text = member;

	switch (field->kind) {
	case JSON_KIND_STRING:
		if (!is_plain_string(value))
			return false;
		free(*text);
		*text = plain_text(value);
		return true;
	case JSON_KIND_STRINGS:
		return read_strings(value, member);
	case JSON_KIND_BOOL:
		*(bool *)member = span_is(value, "true");
		return *(bool *)member || span_is(value, "false");
	case JSON_KIND_I64:
		return read_integer(value, member);
	default:
		return false;
	}
}

static int read_member(const struct span *value, const char *what, const struct json_field *field,
	void *data, struct error *err)
{
	AUTO(json_free) struct json_object *whole = NULL;
	const struct json_field only[] = {*field, JSON_END};
	struct json_object *obj = NULL;
	size_t len = (size_t)(value->end - value->at);
	int r;

	if (field->kind == JSON_KIND_OBJECT) {
		autofree char *path = xasprintf("%s.%s", what, field->name);

		return json_read_members(
			value->at, len, path, field->fields, (char *)data + field->offset, err);
	}
	if (read_simple(value, field, (char *)data + field->offset))
		return 0;
	r = json_parse_bytes(value->at, len, &obj, err);
	if (r < 0)
		return error_wrap(err, r, "%s.%s", what, field->name);
	whole = json_object_new_object();
	json_object_object_add(whole, field->name, obj);
	return json_decode(whole, what, only, data, err);
}

static const struct json_field *find_field(const struct json_field *fields, const struct span *key)
{
	const struct span name = {key->at + 1, key->end - 1};

	for (; fields->name; fields++) {
		/* The first character says no most of the time. */
		if (fields->name[0] == *name.at && span_is(&name, fields->name))
			return fields;
	}
	return NULL;
}

static int check_required(
	const struct json_field *fields, uint64_t seen, const char *what, struct error *err)
{
	for (size_t i = 0; fields[i].name; i++) {
		if ((fields[i].flags & JSON_REQUIRED) && !(seen & UINT64_C(1) << i))
			return error_set(err, EBADMSG, "%s.%s: missing", what, fields[i].name);
	}
	return 0;
}

/* "key": value, into the struct when the table has it. 1; 0 when it is none; -EBADMSG. */
static int read_pair(struct span *text, const char *what, const struct json_field *fields,
	void *data, uint64_t *seen, struct error *err)
{
	const struct json_field *field;
	struct span key, value;
	int r;

	if (!take_value(text, &key) || *key.at != '"' || !take(text, ':') ||
		!take_value(text, &value))
		return 0;
	field = find_field(fields, &key);
	if (!field || span_is(&value, "null"))
		return 1;
	r = read_member(&value, what, field, data, err);
	if (r < 0)
		return r;
	*seen |= UINT64_C(1) << (field - fields);
	if (field->has_offset)
		*(bool *)((char *)data + field->has_offset) = true;
	return 1;
}

int json_read_members(const char *bytes, size_t len, const char *what,
	const struct json_field *fields, void *ret, struct error *err)
{
	struct span text = {bytes, bytes + len};
	uint64_t seen = 0;
	int r = take(&text, '{');

	if (r > 0 && !take(&text, '}')) {
		do {
			r = read_pair(&text, what, fields, ret, &seen, err);
		} while (r > 0 && take(&text, ','));
		if (r > 0)
			r = take(&text, '}');
	}
	if (r < 0)
		return r;
	skip_blanks(&text);
	if (r == 0 || text.at != text.end)
		return error_set(err, EBADMSG, "%s: invalid JSON at byte %zu", what,
			text.at < text.end ? (size_t)(text.at - bytes) : len);
	return check_required(fields, seen, what, err);
}
