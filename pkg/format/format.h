/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_FORMAT_H
#define FORMAT_FORMAT_H

#include <json-c/json_object.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

/*
 * What --format asks for, as text. Three forms are understood:
 *
 *     json              the whole list, indented
 *     TEMPLATE          Go's text/template, once per row, each on lines of its own
 *     table TEMPLATE    the same below a row of headers; tabs and blanks of the template's text
 *                       make columns
 *
 * The template language is that of docs/man/coracle-format.7.scd. It sees rows through tables of
 * fields. Nothing here prints, and no input makes it use more than the limits below.
 */
#define FORMAT_MAX_TEMPLATE (64 << 10) /* bytes of a template */
#define FORMAT_MAX_DEPTH 64            /* of blocks and parentheses inside each other */
#define FORMAT_MAX_OUTPUT (64 << 20)   /* bytes, of all rows together */
#define FORMAT_MAX_MEMORY (64 << 20)   /* bytes of values that one row makes on its way */
#define FORMAT_MAX_STEPS 10000000      /* nodes and elements visited, of all rows together */

/*
 * What a value is. Kinds matter where JSON says too little: whether an object's members are
 * fields, of which a wrong name is an error, or the keys of a map, which may be absent; and what
 * stands for a member that is null or not there.
 */
enum format_kind {
	FORMAT_ANY = 0, /* as the JSON is: objects have fields; null is <nil> */
	FORMAT_STRING,  /* absent: "" */
	FORMAT_INT,     /* absent: 0 */
	FORMAT_BOOL,    /* absent: false */
	FORMAT_TIME,    /* RFC 3339 text, printed as Go prints a time; absent: year 1 */
	FORMAT_LIST,    /* absent: empty */
	FORMAT_MAP,     /* absent: empty; a missing key is <no value> */
	FORMAT_STRUCT,  /* absent: all its fields are (@is_embedded), or <nil> */
};

/* A row that a table of fields is asked about. */
struct format_row {
	const void *data;    /* what format_rows.items points to */
	const void *context; /* format_rows.context */
};

/* The row of a type whose rows are objects; borrowed. json-c has no const. */
static inline struct json_object *format_row_object(const struct format_row *row)
{
	return (struct json_object *)row->data;
}

struct format_type;

/*
 * A field. Where it comes from: @get, else the member @key of the JSON object, else the member
 * @name. Functions return an object that the caller then owns; NULL is null.
 */
struct format_field {
	const char *name;               /* as templates spell it, case matters; NULL ends a table */
	const struct format_type *type; /* NULL: as format_any */
	const char *key;
	struct json_object *(*get)(const struct format_row *row);
	/* A field that takes a word: {{.Label "k"}}. Instead of @get. */
	struct json_object *(*call)(const struct format_row *row, const char *word);
	const char *header; /* in tables; NULL: the name in capitals, words apart */
};

struct format_type {
	enum format_kind kind;
	bool is_open; /* STRUCT: members of the object that @fields has not are fields as well */
	bool is_embedded; /* STRUCT: there even when its member is not */
	bool small_keys;  /* STRUCT: the field Name may also be the member "name" */
	const char
		*name; /* in messages: "can't evaluate field X in type NAME"; NULL: by the kind */
	/* LIST, MAP: of their values; STRUCT: of members that @fields has not. */
	const struct format_type *items;
	const struct format_field *fields; /* STRUCT; NULL: none but the members */
	/* STRUCT as the type of rows: the row as an object, for "json". NULL: rows are objects. */
	struct json_object *(*json)(const struct format_row *row);
};

extern const struct format_type format_any;
extern const struct format_type format_string;
extern const struct format_type format_int;
extern const struct format_type format_bool;
extern const struct format_type format_time;
extern const struct format_type format_list;       /* of anything */
extern const struct format_type format_strings;    /* list of strings */
extern const struct format_type format_map;        /* of anything */
extern const struct format_type format_string_map; /* Labels */

/*
 * Names and labels come from images and containers, and may hold what a terminal obeys. Such
 * characters (controls, invalid UTF-8, marks that turn the direction of text) are shown as \x1b or
 * \u202e. Tables always do that, and there a tab or newline of a value is shown as well.
 */
enum format_bytes {
	FORMAT_BYTES_RAW = 0,  /* templates: for pipes and files, which want what was stored */
	FORMAT_BYTES_TERMINAL, /* templates: all but tab and newline are shown */
};

struct format_rows {
	const char *verb; /* in messages: "template: ps:1:2: …" */
	const struct format_type *type;
	/* Of each row, where they differ; NULL: all are @type. Headers come from @type. */
	const struct format_type *const *types;
	const void *const *items; /* what the type's functions take, or struct json_object * */
	size_t count;
	const void *context;     /* for the type's functions */
	enum format_bytes bytes; /* of templates without "table" */
	bool no_heading;         /* tables begin with the first row */
};

/* Does the argument of --format ask for JSON? */
bool format_is_json(const char *format);

/*
 * format_rows_text - append what @format makes of the rows.
 *
 * Every row ends with a newline, which is added where the template has none. A template that
 * begins with {{range .}} sees the list of rows, once. On failure @ret is as it was.
 *
 * Returns 0; -EINVAL with a message that names what is wrong and where ("template: ps:1:2:
 * executing "ps" at <.Foo>: can't evaluate field Foo in type container"); -E2BIG beyond a limit.
 */
int format_rows_text(
	const char *format, const struct format_rows *rows, struct strbuf *ret, struct error *err);

#endif
