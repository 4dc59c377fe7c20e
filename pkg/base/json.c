/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <limits.h>

/* Where decoding is, as a chain on the stack; turned into text only when something fails. */
struct json_path {
	const struct json_path *parent;
	const char *name;
	ssize_t index; /* -1: a member, not an array element */
};

static void path_text(const struct json_path *path, struct strbuf *buf)
{
	if (path->parent)
		path_text(path->parent, buf);
	if (path->index >= 0)
		strbuf_addf(buf, "[%zd]", path->index);
	else
		strbuf_addf(buf, "%s%s", path->parent ? "." : "", path->name);
}

static int path_error(const struct json_path *path, const char *problem, struct error *err)
{
	AUTO(strbuf_release) struct strbuf buf = STRBUF_INIT;

	path_text(path, &buf);
	return error_set(err, EBADMSG, "%s: %s", strbuf_get(&buf), problem);
}

static int parse(
	const char *text, size_t len, int flags, struct json_object **ret, struct error *err)
{
	struct json_tokener *tok;
	struct json_object *obj;
	enum json_tokener_error cause;
	size_t end;

	if (len > INT_MAX / 2)
		return error_set(err, EBADMSG, "JSON document of %zu bytes is too large", len);
	tok = json_tokener_new_ex(JSON_MAX_DEPTH);
	if (!tok)
		abort();
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | flags);
	/* STRICT refuses blanks after the value as well, and files do end with a newline. */
	while (len && strchr(" \t\r\n", text[len - 1]) && text[len - 1])
		len--;
	obj = json_tokener_parse_ex(tok, text, (int)len);
	cause = json_tokener_get_error(tok);
	end = json_tokener_get_parse_end(tok);
	if (cause == json_tokener_continue && !obj) {
		/* A number at the very end is complete only when something follows it. */
		obj = json_tokener_parse_ex(tok, "", 1);
		cause = json_tokener_get_error(tok);
	}
	json_tokener_free(tok);
	if (cause != json_tokener_success || end != len) {
		json_object_put(obj);
		return error_set(err, EBADMSG, "invalid JSON at byte %zu: %s", end,
			cause == json_tokener_continue  ? "unexpected end"
			: cause == json_tokener_success ? "trailing data"
							: json_tokener_error_desc(cause));
	}
	*ret = obj;
	return 0;
}

int json_parse(const char *text, size_t len, struct json_object **ret, struct error *err)
{
	return parse(text, len, JSON_TOKENER_VALIDATE_UTF8, ret, err);
}

int json_parse_bytes(const char *text, size_t len, struct json_object **ret, struct error *err)
{
	return parse(text, len, 0, ret, err);
}

static int decode_object(struct json_object *obj, const struct json_path *path,
	const struct json_field *fields, void *ret, struct error *err);

static int decode_string(
	struct json_object *value, const struct json_path *path, char **ret, struct error *err)
{
	const char *text;

	if (!json_object_is_type(value, json_type_string))
		return path_error(path, "not a string", err);
	text = json_object_get_string(value);
	/* A NUL inside would make what we check differ from what we use. */
	if (strlen(text) != (size_t)json_object_get_string_len(value))
		return path_error(path, "contains a NUL character", err);
	free(*ret);
	*ret = xstrdup(text);
	return 0;
}

static int decode_strings(
	struct json_object *value, const struct json_path *path, char ***ret, struct error *err)
{
	AUTO(strv_free) char **list = NULL;
	size_t count;

	if (!json_object_is_type(value, json_type_array))
		return path_error(path, "not a list", err);
	count = json_object_array_length(value);
	list = xcalloc(count + 1, sizeof(char *));
	for (size_t i = 0; i < count; i++) {
		struct json_path at = {path, NULL, (ssize_t)i};
		int r = decode_string(json_object_array_get_idx(value, i), &at, &list[i], err);

		if (r < 0)
			return r;
	}
	strv_free(*ret);
	*ret = take_ptr(list);
	return 0;
}

static int decode_integer(struct json_object *value, const struct json_path *path,
	enum json_kind kind, void *ret, struct error *err)
{
	int64_t number;

	if (!json_object_is_type(value, json_type_int))
		return path_error(path, "not an integer", err);
	errno = 0;
	number = json_object_get_int64(value);
	if (kind == JSON_KIND_U64) {
		if (number < 0)
			return path_error(path, "negative", err);
		*(uint64_t *)ret = json_object_get_uint64(value);
		return 0;
	}
	if ((number == INT64_MAX && json_object_get_uint64(value) > INT64_MAX) ||
		(kind == JSON_KIND_U32 && (number < 0 || number > UINT32_MAX)) ||
		(kind == JSON_KIND_I32 && (number < INT32_MIN || number > INT32_MAX)))
		return path_error(path, "out of range", err);
	if (kind == JSON_KIND_I64)
		*(int64_t *)ret = number;
	else if (kind == JSON_KIND_U32)
		*(uint32_t *)ret = (uint32_t)number;
	else
		*(int32_t *)ret = (int32_t)number;
	return 0;
}

static int decode_list(struct json_object *value, const struct json_path *path,
	const struct json_field *field, void *data, struct error *err)
{
	void **items = (void **)((char *)data + field->offset);
	size_t *count = (size_t *)((char *)data + field->count_offset);
	size_t total;

	if (!json_object_is_type(value, json_type_array))
		return path_error(path, "not a list", err);
	for (size_t i = 0; i < *count; i++)
		json_release(field->fields, (char *)*items + i * field->size);
	free(*items);
	*count = 0;
	total = json_object_array_length(value);
	*items = total ? xcalloc(total, field->size) : NULL;
	for (size_t i = 0; i < total; i++) {
		struct json_path at = {path, NULL, (ssize_t)i};
		int r = decode_object(json_object_array_get_idx(value, i), &at, field->fields,
			(char *)*items + i * field->size, err);

		*count = i + 1; /* a half filled item is released with the rest */
		if (r < 0)
			return r;
	}
	return 0;
}

static int decode_map(struct json_object *value, const struct json_path *path, struct strmap *ret,
	struct error *err)
{
	if (!json_object_is_type(value, json_type_object))
		return path_error(path, "not an object", err);
	strmap_release(ret);
	json_object_object_foreach(value, key, item)
	{
		struct json_path at = {path, key, -1};
		autofree char *text = NULL;
		int r = 0;

		if (item)
			r = decode_string(item, &at, &text, err);
		if (r < 0)
			return r;
		/* Not strmap_set(), which searches: json-c has no key twice, and there may be many.
		 */
		ret->items = list_grow(ret->items, ret->count, sizeof(*ret->items));
		ret->items[ret->count++] = (struct strmap_item){
			.key = xstrdup(key), .value = text ? take_ptr(text) : xstrdup("")};
	}
	return 0;
}

static int decode_set(
	struct json_object *value, const struct json_path *path, char ***ret, struct error *err)
{
	size_t count = 0;

	if (!json_object_is_type(value, json_type_object))
		return path_error(path, "not an object", err);
	strv_free(*ret);
	*ret = xcalloc((size_t)json_object_object_length(value) + 1, sizeof(char *));
	json_object_object_foreach(value, key, item)
	{
		(void)item;
		(*ret)[count++] = xstrdup(key);
	}
	return 0;
}

static int decode_field(struct json_object *value, const struct json_path *path,
	const struct json_field *field, void *data, struct error *err)
{
	void *member = (char *)data + field->offset;

	switch (field->kind) {
	case JSON_KIND_STRING:
		return decode_string(value, path, member, err);
	case JSON_KIND_STRINGS:
		return decode_strings(value, path, member, err);
	case JSON_KIND_BOOL:
		if (!json_object_is_type(value, json_type_boolean))
			return path_error(path, "not true or false", err);
		*(bool *)member = json_object_get_boolean(value);
		return 0;
	case JSON_KIND_I64:
	case JSON_KIND_U64:
	case JSON_KIND_U32:
	case JSON_KIND_I32:
		return decode_integer(value, path, field->kind, member, err);
	case JSON_KIND_OBJECT:
		return decode_object(value, path, field->fields, member, err);
	case JSON_KIND_OBJECTS:
		return decode_list(value, path, field, data, err);
	case JSON_KIND_MAP:
		return decode_map(value, path, member, err);
	case JSON_KIND_SET:
		return decode_set(value, path, member, err);
	case JSON_KIND_RAW:
		json_object_put(*(struct json_object **)member);
		*(struct json_object **)member = json_object_get(value);
		return 0;
	case JSON_KIND_END:
		break;
	}
	return 0;
}

static int decode_object(struct json_object *obj, const struct json_path *path,
	const struct json_field *fields, void *ret, struct error *err)
{
	if (!json_object_is_type(obj, json_type_object))
		return path_error(path, "not an object", err);
	for (const struct json_field *field = fields; field->name; field++) {
		struct json_path at = {path, field->name, -1};
		struct json_object *value = NULL;
		int r;

		/* Writers in Go print null for empty lists and maps. */
		if (!json_object_object_get_ex(obj, field->name, &value) || !value) {
			if (field->flags & JSON_REQUIRED)
				return path_error(&at, "missing", err);
			continue;
		}
		r = decode_field(value, &at, field, ret, err);
		if (r < 0)
			return r;
		if (field->has_offset)
			*(bool *)((char *)ret + field->has_offset) = true;
	}
	return 0;
}

int json_decode(struct json_object *obj, const char *what, const struct json_field *fields,
	void *ret, struct error *err)
{
	struct json_path path = {NULL, what, -1};

	return decode_object(obj, &path, fields, ret, err);
}

int json_read(const char *text, size_t len, const char *what, const struct json_field *fields,
	void *ret, struct error *err)
{
	AUTO(json_free) struct json_object *obj = NULL;
	int r = json_parse(text, len, &obj, err);

	if (r < 0)
		return error_wrap(err, r, "%s", what);
	return json_decode(obj, what, fields, ret, err);
}

int json_read_bytes(const char *text, size_t len, const char *what, const struct json_field *fields,
	void *ret, struct error *err)
{
	AUTO(json_free) struct json_object *obj = NULL;
	int r = json_parse_bytes(text, len, &obj, err);

	if (r < 0)
		return error_wrap(err, r, "%s", what);
	return json_decode(obj, what, fields, ret, err);
}

struct json_object *json_from_text(const char *text)
{
	return json_object_new_string(text ? text : "");
}

struct json_object *json_from_owned(char *text)
{
	struct json_object *obj = json_from_text(text);

	free(text);
	return obj;
}

struct json_object *json_from_strv(char *const *list)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; list && list[i]; i++)
		json_object_array_add(array, json_object_new_string(list[i]));
	return array;
}

struct json_object *json_from_strmap(const struct strmap *map)
{
	struct json_object *obj = json_object_new_object();

	for (size_t i = 0; i < map->count; i++)
		json_object_object_add(
			obj, map->items[i].key, json_object_new_string(map->items[i].value));
	return obj;
}

static struct json_object *encode_set(char *const *list)
{
	struct json_object *obj = json_object_new_object();

	for (size_t i = 0; list && list[i]; i++)
		json_object_object_add(obj, list[i], json_object_new_object());
	return obj;
}

static struct json_object *encode_list(const struct json_field *field, const void *data)
{
	const char *items = *(const char *const *)((const char *)data + field->offset);
	size_t count = *(const size_t *)((const char *)data + field->count_offset);
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++)
		json_object_array_add(array, json_encode(field->fields, items + i * field->size));
	return array;
}

static struct json_object *encode_integer(enum json_kind kind, const void *member)
{
	switch (kind) {
	case JSON_KIND_U64:
		return json_object_new_uint64(*(const uint64_t *)member);
	case JSON_KIND_U32:
		return json_object_new_int64(*(const uint32_t *)member);
	case JSON_KIND_I32:
		return json_object_new_int64(*(const int32_t *)member);
	default:
		return json_object_new_int64(*(const int64_t *)member);
	}
}

/* The member as an object, or NULL when it is empty and need not be written. */
static struct json_object *encode_field(const struct json_field *field, const void *data)
{
	const void *member = (const char *)data + field->offset;
	bool always = field->flags & (JSON_ALWAYS | JSON_REQUIRED);
	struct json_object *value;

	if (field->has_offset) {
		if (!*(const bool *)((const char *)data + field->has_offset))
			return NULL;
		always = true;
	}
	switch (field->kind) {
	case JSON_KIND_STRING: {
		const char *text = *(const char *const *)member;

		return text || always ? json_object_new_string(text ? text : "") : NULL;
	}
	case JSON_KIND_STRINGS: {
		char *const *list = *(char *const *const *)member;

		return (list && *list) || always ? json_from_strv(list) : NULL;
	}
	case JSON_KIND_SET: {
		char *const *list = *(char *const *const *)member;

		return (list && *list) || always ? encode_set(list) : NULL;
	}
	case JSON_KIND_BOOL:
		return *(const bool *)member || always
			       ? json_object_new_boolean(*(const bool *)member)
			       : NULL;
	case JSON_KIND_I64:
	case JSON_KIND_U64:
	case JSON_KIND_U32:
	case JSON_KIND_I32:
		value = encode_integer(field->kind, member);
		if (always || json_object_get_int64(value) != 0)
			return value;
		break;
	case JSON_KIND_OBJECT:
		value = json_encode(field->fields, member);
		if (always || json_object_object_length(value) > 0)
			return value;
		break;
	case JSON_KIND_OBJECTS:
		value = encode_list(field, data);
		if (always || json_object_array_length(value) > 0)
			return value;
		break;
	case JSON_KIND_MAP:
		value = json_from_strmap(member);
		if (always || json_object_object_length(value) > 0)
			return value;
		break;
	case JSON_KIND_RAW:
		return json_object_get(*(struct json_object *const *)member);
	default:
		return NULL;
	}
	json_object_put(value);
	return NULL;
}

struct json_object *json_encode(const struct json_field *fields, const void *data)
{
	struct json_object *obj = json_object_new_object();

	for (const struct json_field *field = fields; field->name; field++) {
		struct json_object *value = encode_field(field, data);

		if (value)
			json_object_object_add(obj, field->name, value);
	}
	return obj;
}

char *json_write(const struct json_field *fields, const void *data, bool pretty)
{
	AUTO(json_free) struct json_object *obj = json_encode(fields, data);
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE |
		    (pretty ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED : 0);
	const char *text = json_object_to_json_string_ext(obj, flags);

	return pretty ? xasprintf("%s\n", text) : xstrdup(text);
}

static void release_field(const struct json_field *field, void *data)
{
	void *member = (char *)data + field->offset;

	switch (field->kind) {
	case JSON_KIND_STRING:
		free(*(char **)member);
		*(char **)member = NULL;
		break;
	case JSON_KIND_STRINGS:
	case JSON_KIND_SET:
		strv_free(*(char ***)member);
		*(char ***)member = NULL;
		break;
	case JSON_KIND_OBJECT:
		json_release(field->fields, member);
		break;
	case JSON_KIND_OBJECTS: {
		size_t *count = (size_t *)((char *)data + field->count_offset);

		for (size_t i = 0; i < *count; i++)
			json_release(field->fields, *(char **)member + i * field->size);
		free(*(void **)member);
		*(void **)member = NULL;
		*count = 0;
		break;
	}
	case JSON_KIND_MAP:
		strmap_release(member);
		break;
	case JSON_KIND_RAW:
		json_object_put(*(struct json_object **)member);
		*(struct json_object **)member = NULL;
		break;
	default:
		break;
	}
}

void json_release(const struct json_field *fields, void *data)
{
	for (const struct json_field *field = fields; field->name; field++)
		release_field(field, data);
}

struct json_object *json_get(struct json_object *obj, const char *key)
{
	struct json_object *value = NULL;

	if (!json_object_is_type(obj, json_type_object))
		return NULL;
	json_object_object_get_ex(obj, key, &value);
	return value;
}

const char *json_get_string(struct json_object *obj, const char *key)
{
	struct json_object *value = json_get(obj, key);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

void json_add_string(struct json_object *obj, const char *key, const char *value)
{
	json_object_object_add(obj, key, json_object_new_string(value ? value : ""));
}

void json_add_bool(struct json_object *obj, const char *key, bool value)
{
	json_object_object_add(obj, key, json_object_new_boolean(value));
}

void json_add_int(struct json_object *obj, const char *key, int64_t value)
{
	json_object_object_add(obj, key, json_object_new_int64(value));
}
