/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_VALUE_H
#define FORMAT_VALUE_H

#include <stdint.h>

#include "format/clean.h"
#include "format/format.h"

/* Private to pkg/format: values while a template is carried out. */

/* Owns what values point to, until the row is done, and counts it. */
struct pool {
	struct strbuf *texts;
	size_t text_count;
	struct json_object **objects;
	size_t object_count;
	size_t used_bytes;
};

/* Takes the text of @text and gives it back as memory of the pool; -E2BIG. */
int pool_take_text(struct pool *pool, struct strbuf *text, const char **ret, struct error *err);
/* Takes a reference; NULL is fine. */
int pool_take_json(struct pool *pool, struct json_object *obj, struct error *err);
void pool_clear(struct pool *pool);

enum value_kind {
	VALUE_NONE = 0, /* a key that a map has not, or nil: <no value> */
	VALUE_NIL,      /* a null of the JSON: <nil>; @type of what is not there */
	VALUE_BOOL,
	VALUE_INT,
	VALUE_FLOAT,
	VALUE_STRING,
	VALUE_TIME,   /* @obj is a string of RFC 3339 */
	VALUE_LIST,   /* @obj is an array, or NULL */
	VALUE_MAP,    /* @obj is an object, or NULL */
	VALUE_STRUCT, /* @obj is an object, or NULL where type->is_embedded */
	VALUE_ROW,    /* @row, asked through the functions of @type */
	VALUE_ROWS,   /* the whole list; @type is that of its rows */
	VALUE_HEADER, /* while the header of a table is made: @text, and @type of the values below
		       */
};

struct value {
	enum value_kind kind;
	const struct format_type *type; /* NIL, LIST and below; NULL: as the JSON is */
	/* Where it comes from: TIME, LIST, MAP, STRUCT, and a STRING that is in the data. */
	struct json_object *obj;
	union {
		int64_t integer; /* BOOL, INT */
		double real;
		const struct format_rows *rows; /* ROWS */
		const void *row;                /* ROW */
		struct {
			const char *text; /* STRING, HEADER */
			size_t len;
		};
	};
};

/* What values are looked at in. */
struct value_scope {
	const struct format_rows *rows;
	struct pool *pool;
	enum clean_mode clean; /* of strings that come from the data */
};

static inline struct value value_none(void)
{
	return (struct value){.kind = VALUE_NONE};
}
static inline struct value value_bool(bool flag)
{
	return (struct value){.kind = VALUE_BOOL, .integer = flag};
}
static inline struct value value_int(int64_t integer)
{
	return (struct value){.kind = VALUE_INT, .integer = integer};
}
static inline struct value value_text(const char *text, size_t len)
{
	return (struct value){.kind = VALUE_STRING, .text = text, .len = len};
}
static inline bool value_is_absent(const struct value *value)
{
	return value->kind == VALUE_NONE || value->kind == VALUE_NIL;
}

/* A JSON value, borrowed, as @type says; @ret may refer to it. -E2BIG when the pool is full. */
int value_from_json(const struct value_scope *scope, struct json_object *obj,
	const struct format_type *type, struct value *ret, struct error *err);
/* Text that comes from the data, made harmless as @scope says. */
int value_from_data(const struct value_scope *scope, const char *text, size_t len,
	struct value *ret, struct error *err);
/* A new text; @text is empty afterwards. */
int value_from_buffer(
	const struct value_scope *scope, struct strbuf *text, struct value *ret, struct error *err);
struct value value_from_row(const struct format_rows *rows, size_t index);

/*
 * value_field - {{.Name}} of a value.
 * @word: of a field that takes one; NULL: none was given
 * Returns 0; -EINVAL with "can't evaluate field …"; -E2BIG.
 */
int value_field(const struct value_scope *scope, const struct value *from, const char *name,
	const char *word, struct value *ret, struct error *err);

/* Elements of a LIST or ROWS; keys of a MAP; members of a STRUCT; 0 for the rest. */
size_t value_count(const struct value *value);
/* An element of a LIST or ROWS. */
int value_item(const struct value_scope *scope, const struct value *from, size_t index,
	struct value *ret, struct error *err);
/*
 * The keys of a MAP, sorted by their bytes, or the members of a STRUCT as they stand there. NULL
 * terminated; the list is the caller's, the strings are the object's.
 */
const char **value_keys(const struct value *value);
/* What is below a key; a MAP that has it not gives the absent value of its items, or NONE. */
int value_of_key(const struct value_scope *scope, const struct value *from, const char *key,
	struct value *ret, struct error *err);

/* What the table of a type says of the member of an object or the values of a map; NULL: nothing.
 */
const struct format_type *value_member_type(const struct format_type *type, const char *key);

/* The value as an object: a new reference, NULL for null. */
struct json_object *value_to_json(const struct value_scope *scope, const struct value *value);

bool value_is_true(const struct value *value);
/* "string", "int", … or the name of its type. */
const char *value_type_name(const struct value *value);

#endif
