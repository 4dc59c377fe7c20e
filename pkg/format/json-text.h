/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_JSON_TEXT_H
#define FORMAT_JSON_TEXT_H

#include <json-c/json_object.h>

#include "base/str.h"

struct format_type;

#define JSON_TEXT_INDENT 4

enum json_text_form {
	JSON_TEXT_COMPACT = 0, /* {"a":[1,2]} */
	JSON_TEXT_INDENTED,    /* four blanks, as podman's lists; no newline at the end */
	JSON_TEXT_LISTED,      /* the same one step further right: an element of a list */
};

/*
 * json_text_add - append an object as text.
 * @type: what is known of it: maps are written sorted by key, as Go does; NULL: nothing
 *
 * The text is valid JSON in UTF-8 whatever the strings hold (bytes that are not become U+FFFD), and
 * harmless on a terminal: what utf8_is_unsafe() says of is written as \u escapes. "/" stays as it
 * is.
 */
void json_text_add(struct strbuf *ret, struct json_object *obj, const struct format_type *type,
	enum json_text_form form);

#endif
