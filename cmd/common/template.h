/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_TEMPLATE_H
#define COMMON_TEMPLATE_H

#include <json-c/json_object.h>

#include "base/error.h"
#include "base/str.h"

/*
 * struct template - the part of Go's text/template that --format is mostly used with: text,
 * {{.A.B}}, {{.}}, {{json .A}} and {{"text"}}. Anything else is an error that names it.
 */
struct template;

/*
 * template_parse - read a --format argument; \t and \n in it are a tab and a newline.
 * "table …" is understood by its user, with template_is_table().
 * -EINVAL with what was not understood.
 */
int template_parse(const char *text, struct template **ret, struct error *err);
void template_free(struct template *template);
DEFINE_AUTO(struct template *, template_free);

/* Did the text begin with the word table? */
bool template_is_table(const struct template *template);

/*
 * template_run - append the text for @obj.
 * A member that is not there is an error ("can't evaluate field X") in an object with fixed
 * members; below Labels, Annotations and the like it is "<no value>".
 */
int template_run(const struct template *template, struct json_object *obj, struct strbuf *ret,
	struct error *err);
/* The header of a table: field names in capitals, words apart ("CREATED AT"). */
void template_header(const struct template *template, struct strbuf *ret);

/*
 * template_print - what --format asks for, to standard output.
 * @format: "json" (one list), a template, or "table " and one
 * @rows:   a JSON list of objects
 */
int template_print(const char *format, struct json_object *rows, bool heading, struct error *err);

#endif
