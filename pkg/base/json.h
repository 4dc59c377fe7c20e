/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <json-c/json_object.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

/*
 * One table per struct parses, writes and frees it:
 *
 *         static const struct json_field user_fields[] = {
 *                 JSON_U32(struct spec_user, uid, "uid", JSON_REQUIRED),
 *                 JSON_STRING(struct spec_user, name, "name"),
 *                 JSON_END,
 *         };
 *
 * Unknown members are ignored when reading. When writing, members that are zero, NULL or empty
 * are left out unless JSON_ALWAYS is set; JSON_REQUIRED implies JSON_ALWAYS.
 */
enum json_kind {
	JSON_KIND_END = 0,
	JSON_KIND_STRING,  /* char * */
	JSON_KIND_STRINGS, /* char ** (strv) */
	JSON_KIND_BOOL,    /* bool */
	JSON_KIND_I64,     /* int64_t */
	JSON_KIND_U64,     /* uint64_t; written as a JSON integer, at most INT64_MAX */
	JSON_KIND_U32,     /* uint32_t */
	JSON_KIND_I32,     /* int32_t */
	JSON_KIND_OBJECT,  /* embedded struct */
	JSON_KIND_OBJECTS, /* struct x *items, with a size_t count at count_offset */
	JSON_KIND_MAP,     /* struct strmap from {"k":"v"} */
	JSON_KIND_SET,     /* char ** (strv) from {"k":{}} */
	JSON_KIND_RAW,     /* struct json_object *, kept as it is; released with the struct */
};

enum json_flags {
	JSON_REQUIRED = 1, /* absence is an error */
	JSON_ALWAYS = 2,   /* written even when zero or empty */
};

struct json_field {
	const char *name;
	enum json_kind kind;
	unsigned flags;
	size_t offset;
	size_t count_offset;            /* OBJECTS */
	size_t size;                    /* OBJECTS: of one item */
	size_t has_offset;              /* bool set true when present; 0: none (never first) */
	const struct json_field *fields; /* OBJECT, OBJECTS */
};

/* The last argument of each is optional flags: JSON_STRING(struct x, y, "y", JSON_REQUIRED). */
#define JSON_SIMPLE_FIELD(field_kind, type, member, key, ...)                                      \
	{                                                                                          \
		.name = (key), .kind = (field_kind), .flags = (0 __VA_OPT__(| __VA_ARGS__)),       \
		.offset = offsetof(type, member)                                                   \
	}
#define JSON_STRING(type, member, ...) JSON_SIMPLE_FIELD(JSON_KIND_STRING, type, member, __VA_ARGS__)
#define JSON_STRINGS(type, member, ...)                                                            \
	JSON_SIMPLE_FIELD(JSON_KIND_STRINGS, type, member, __VA_ARGS__)
#define JSON_BOOL(type, member, ...) JSON_SIMPLE_FIELD(JSON_KIND_BOOL, type, member, __VA_ARGS__)
#define JSON_I64(type, member, ...) JSON_SIMPLE_FIELD(JSON_KIND_I64, type, member, __VA_ARGS__)
#define JSON_U64(type, member, ...) JSON_SIMPLE_FIELD(JSON_KIND_U64, type, member, __VA_ARGS__)
#define JSON_U32(type, member, ...) JSON_SIMPLE_FIELD(JSON_KIND_U32, type, member, __VA_ARGS__)
#define JSON_I32(type, member, ...) JSON_SIMPLE_FIELD(JSON_KIND_I32, type, member, __VA_ARGS__)
#define JSON_MAP(type, member, ...) JSON_SIMPLE_FIELD(JSON_KIND_MAP, type, member, __VA_ARGS__)
#define JSON_SET(type, member, ...) JSON_SIMPLE_FIELD(JSON_KIND_SET, type, member, __VA_ARGS__)
#define JSON_RAW(type, member, ...) JSON_SIMPLE_FIELD(JSON_KIND_RAW, type, member, __VA_ARGS__)
/* Offset of a has_ flag; does not compile for the first member, whose offset stands for "none". */
#define JSON_HAS_OFFSET(type, has_member)                                                          \
	(offsetof(type, has_member) + 0 * sizeof(char[offsetof(type, has_member) ? 1 : -1]))
/* An integer with a "has_" flag beside it: JSON_HAS(I64, struct x, score, has_score, "score"). */
#define JSON_HAS(field_kind, type, member, has_member, key)                                        \
	{                                                                                          \
		.name = (key), .kind = JSON_KIND_##field_kind, .offset = offsetof(type, member),   \
		.has_offset = JSON_HAS_OFFSET(type, has_member)                                    \
	}
#define JSON_OBJECT(type, member, key, table)                                                      \
	{                                                                                          \
		.name = (key), .kind = JSON_KIND_OBJECT, .offset = offsetof(type, member),         \
		.fields = (table)                                                                  \
	}
/* An embedded struct with a has_ flag. */
#define JSON_OPT_OBJECT(type, member, has_member, key, table)                                      \
	{                                                                                          \
		.name = (key), .kind = JSON_KIND_OBJECT, .offset = offsetof(type, member),         \
		.has_offset = JSON_HAS_OFFSET(type, has_member), .fields = (table)                 \
	}
/* A list: struct item *member; size_t count_member. */
#define JSON_OBJECTS(type, member, count_member, key, table)                                       \
	{                                                                                          \
		.name = (key), .kind = JSON_KIND_OBJECTS, .offset = offsetof(type, member),        \
		.count_offset = offsetof(type, count_member),                                      \
		.size = sizeof(*((type *)NULL)->member), .fields = (table)                         \
	}
#define JSON_END                                                                                   \
	{                                                                                          \
		.name = NULL, .kind = JSON_KIND_END                                                \
	}

/* Documents that come from outside are at most this deep. */
#define JSON_MAX_DEPTH 32

static inline void json_free(struct json_object *obj)
{
	json_object_put(obj);
}
DEFINE_AUTO(struct json_object *, json_free);

/*
 * json_parse - one JSON document, nothing behind it but blanks.
 * Returns 0 and a reference in *ret; -EBADMSG with position and cause else.
 */
int json_parse(const char *text, size_t len, struct json_object **ret, struct error *err);
/*
 * json_parse_bytes - as json_parse(), for what we have written ourselves. What people typed and
 * programs printed stands there as it came, UTF-8 or not.
 */
int json_parse_bytes(const char *text, size_t len, struct json_object **ret, struct error *err);

/*
 * json_decode - fill a struct from an object by its table.
 * @what: what the document is, begins the path in errors: "config.json.process.cwd: missing"
 * @ret:  zeroed or holding defaults; members that are absent keep their value
 *
 * On failure @ret may be half filled; json_release() it. Returns 0; -EBADMSG.
 */
int json_decode(struct json_object *obj, const char *what, const struct json_field *fields,
	void *ret, struct error *err);

/* json_parse() and json_decode() in one. */
int json_read(const char *text, size_t len, const char *what, const struct json_field *fields,
	void *ret, struct error *err);

/* json_parse_bytes() and json_decode(). */
int json_read_bytes(const char *text, size_t len, const char *what, const struct json_field *fields,
	void *ret, struct error *err);

/*
 * json_read_members - as json_read_bytes() of a document of which little is wanted: some ten times
 * as quick, because no objects are made of the rest.
 * @fields: at most 64
 *
 * Values that the table does not list are looked at only as far as it takes to find their end.
 */
int json_read_members(const char *text, size_t len, const char *what,
	const struct json_field *fields, void *ret, struct error *err);

/* The struct as a new object, owned by the caller. */
struct json_object *json_encode(const struct json_field *fields, const void *data);

/* The struct as text, owned by the caller; pretty: two-space indentation and a final newline. */
char *json_write(const struct json_field *fields, const void *data, bool pretty);

/* Frees what the table's members own and zeroes them; the struct itself stays. */
void json_release(const struct json_field *fields, void *data);

/* Typed look-ups on loose objects: NULL or the default when absent or of another type. */
const char *json_get_string(struct json_object *obj, const char *key);
struct json_object *json_get(struct json_object *obj, const char *key);

/* Building by hand: each adds one member; NULL text is "". */
void json_add_string(struct json_object *obj, const char *key, const char *value);
void json_add_bool(struct json_object *obj, const char *key, bool value);
void json_add_int(struct json_object *obj, const char *key, int64_t value);
struct json_object *json_from_strv(char *const *list);
/* "" for NULL; json_from_owned() frees @text. */
struct json_object *json_from_text(const char *text);
struct json_object *json_from_owned(char *text);
struct json_object *json_from_strmap(const struct strmap *map);

#endif
