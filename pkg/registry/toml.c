/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/toml.h"

#include <errno.h>
#include <json-c/json.h>

#include "base/str.h"

struct parser {
	const char *at;
	const char *end;
	const char *name;
	unsigned line;
	unsigned depth;
	struct json_object *defined; /* headers that were seen, as a set of their paths */
	struct error *err;
};

static int fail(struct parser *p, const char *problem)
{
	return error_set(p->err, EBADMSG, "%s:%u: %s", p->name, p->line, problem);
}

/* The next byte, NUL at the end; a NUL in the text was refused before. */
static char peek(const struct parser *p)
{
	return p->at < p->end ? *p->at : '\0';
}

static bool looking_at(const struct parser *p, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(p->end - p->at) >= len && memcmp(p->at, text, len) == 0;
}

static void skip_blanks(struct parser *p)
{
	while (peek(p) == ' ' || peek(p) == '\t')
		p->at++;
}

static void skip_comment(struct parser *p)
{
	if (peek(p) == '#')
		while (peek(p) && peek(p) != '\n')
			p->at++;
}

/* Blanks, comments and line ends, wherever several lines are allowed. */
static void skip_lines(struct parser *p)
{
	for (;;) {
		skip_blanks(p);
		skip_comment(p);
		if (peek(p) == '\r' && p->end - p->at > 1 && p->at[1] == '\n')
			p->at++;
		if (peek(p) != '\n')
			return;
		p->line++;
		p->at++;
	}
}

static int end_line(struct parser *p)
{
	skip_blanks(p);
	skip_comment(p);
	if (peek(p) == '\r')
		p->at++;
	if (p->at < p->end && *p->at != '\n')
		return fail(p, "unexpected text after the value");
	return 0;
}

static void add_utf8(struct strbuf *buf, uint32_t code)
{
	if (code < 0x80) {
		strbuf_addc(buf, (char)code);
	} else if (code < 0x800) {
		strbuf_addc(buf, (char)(0xC0 | code >> 6));
		strbuf_addc(buf, (char)(0x80 | (code & 0x3F)));
	} else if (code < 0x10000) {
		strbuf_addc(buf, (char)(0xE0 | code >> 12));
		strbuf_addc(buf, (char)(0x80 | (code >> 6 & 0x3F)));
		strbuf_addc(buf, (char)(0x80 | (code & 0x3F)));
	} else {
		strbuf_addc(buf, (char)(0xF0 | code >> 18));
		strbuf_addc(buf, (char)(0x80 | (code >> 12 & 0x3F)));
		strbuf_addc(buf, (char)(0x80 | (code >> 6 & 0x3F)));
		strbuf_addc(buf, (char)(0x80 | (code & 0x3F)));
	}
}

/* \uXXXX or \UXXXXXXXX, the parser stands behind the letter. */
static int unicode_escape(struct parser *p, size_t digits, struct strbuf *buf)
{
	char hex[9] = {0};
	uint64_t code;

	if ((size_t)(p->end - p->at) < digits)
		return fail(p, "incomplete escape");
	memcpy(hex, p->at, digits);
	if (strspn(hex, "0123456789abcdefABCDEF") != digits || str_to_u64(hex, 16, &code) < 0 ||
		code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
		return fail(p, "invalid escape");
	p->at += digits;
	add_utf8(buf, (uint32_t)code);
	return 0;
}

static int escape(struct parser *p, struct strbuf *buf)
{
	static const char letters[] = "btnfr\"\\";
	static const char bytes[] = "\b\t\n\f\r\"\\";
	char letter = peek(p);
	const char *found = letter ? strchr(letters, letter) : NULL;

	p->at++;
	if (found) {
		strbuf_addc(buf, bytes[found - letters]);
		return 0;
	}
	if (letter == 'u' || letter == 'U')
		return unicode_escape(p, letter == 'u' ? 4 : 8, buf);
	return fail(p, "unknown escape in string");
}

/* A string of either kind; the parser stands on its opening quote. */
static int parse_string(struct parser *p, char **ret)
{
	AUTO(strbuf_release) struct strbuf buf = STRBUF_INIT;
	char quote = *p->at;
	int r;

	if (looking_at(p, "\"\"\"") || looking_at(p, "'''"))
		return fail(p, "strings over several lines are not supported");
	p->at++;
	while (peek(p) != quote) {
		char c = peek(p);

		if (!c || c == '\n')
			return fail(p, "string is not closed");
		if ((c < ' ' && c > 0 && c != '\t') || c == 0x7F)
			return fail(p, "control character in string");
		p->at++;
		if (c == '\\' && quote == '"') {
			if (p->at >= p->end)
				return fail(p, "string is not closed");
			r = escape(p, &buf);
			if (r < 0)
				return r;
		} else {
			strbuf_addc(&buf, c);
		}
	}
	p->at++;
	*ret = strbuf_take(&buf);
	return 0;
}

/* One part of a key: bare or quoted. */
static int parse_key(struct parser *p, char **ret)
{
	size_t len = 0;

	if (peek(p) == '"' || peek(p) == '\'')
		return parse_string(p, ret);
	while (p->at + len < p->end && p->at[len] &&
		strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-",
			p->at[len]))
		len++;
	if (len == 0)
		return fail(p, "expected a key");
	*ret = xstrndup(p->at, len);
	p->at += len;
	return 0;
}

/* a.b."c d" as strv; at least one part. */
static int parse_keys(struct parser *p, char ***ret)
{
	AUTO(strv_free) char **keys = NULL;

	for (;;) {
		char *key = NULL;
		int r;

		skip_blanks(p);
		r = parse_key(p, &key);
		if (r < 0)
			return r;
		strv_take(&keys, key);
		if (strv_len(keys) > TOML_MAX_DEPTH)
			return fail(p, "key has too many parts");
		skip_blanks(p);
		if (peek(p) != '.')
			break;
		p->at++;
	}
	*ret = take_ptr(keys);
	return 0;
}

static int parse_value(struct parser *p, struct json_object **ret);
static int parse_pair(struct parser *p, struct json_object *table);

static int parse_array(struct parser *p, struct json_object **ret)
{
	AUTO(json_free) struct json_object *array = json_object_new_array();

	p->at++;
	for (;;) {
		struct json_object *item;
		int r;

		skip_lines(p);
		if (peek(p) == ']')
			break;
		r = parse_value(p, &item);
		if (r < 0)
			return r;
		json_object_array_add(array, item);
		skip_lines(p);
		if (peek(p) == ',')
			p->at++;
		else if (peek(p) != ']')
			return fail(p, "expected , or ] in array");
	}
	p->at++;
	*ret = take_ptr(array);
	return 0;
}

static int parse_inline_table(struct parser *p, struct json_object **ret)
{
	AUTO(json_free) struct json_object *table = json_object_new_object();

	p->at++;
	skip_blanks(p);
	while (peek(p) != '}') {
		int r = parse_pair(p, table);

		if (r < 0)
			return r;
		skip_blanks(p);
		if (peek(p) == ',') {
			p->at++;
			skip_blanks(p);
			if (peek(p) == '}')
				return fail(p, "comma before }");
		} else if (peek(p) != '}') {
			return fail(p, "expected , or } in inline table");
		}
	}
	p->at++;
	*ret = take_ptr(table);
	return 0;
}

static int parse_number(struct parser *p, struct json_object **ret)
{
	autofree char *text = NULL;
	size_t len = 0;
	int64_t number;

	while (p->at + len < p->end && !strchr(" \t\r\n,]}#", p->at[len]))
		len++;
	text = xstrndup(p->at, len);
	if (len == 0)
		return fail(p, "expected a value");
	if (strspn(text, "+-0123456789") != len || str_to_i64(text, &number) < 0 ||
		(len > 1 && text[strcspn(text, "0123456789")] == '0' &&
			text[strcspn(text, "0123456789") + 1]))
		return fail(
			p, "unsupported value: want a string, true, false, an integer or a list");
	p->at += len;
	*ret = json_object_new_int64(number);
	return 0;
}

static int parse_scalar(struct parser *p, struct json_object **ret)
{
	static const char *const words[] = {"false", "true"};

	if (peek(p) == '"' || peek(p) == '\'') {
		autofree char *text = NULL;
		int r = parse_string(p, &text);

		if (r == 0)
			*ret = json_object_new_string(text);
		return r;
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (looking_at(p, words[i])) {
			p->at += strlen(words[i]);
			*ret = json_object_new_boolean((int)i);
			return 0;
		}
	return parse_number(p, ret);
}

static int parse_value(struct parser *p, struct json_object **ret)
{
	int r;

	if (peek(p) != '[' && peek(p) != '{')
		return parse_scalar(p, ret);
	if (++p->depth > TOML_MAX_DEPTH)
		return fail(p, "nested too deeply");
	r = peek(p) == '[' ? parse_array(p, ret) : parse_inline_table(p, ret);
	p->depth--;
	return r;
}

/* The table @key in @table, made when missing; of an array of tables its last one. Borrowed. */
static struct json_object *enter(struct json_object *table, const char *key)
{
	struct json_object *child;

	if (!json_object_object_get_ex(table, key, &child)) {
		child = json_object_new_object();
		json_object_object_add(table, key, child);
	}
	if (json_object_is_type(child, json_type_array)) {
		size_t count = json_object_array_length(child);

		child = count ? json_object_array_get_idx(child, count - 1) : NULL;
	}
	return json_object_is_type(child, json_type_object) ? child : NULL;
}

/* Walks all but the last of @keys; NULL where one of them is no table. */
static struct json_object *enter_parents(struct json_object *table, char *const *keys)
{
	for (; table && keys[1]; keys++)
		table = enter(table, keys[0]);
	return table;
}

/* key = value */
static int parse_pair(struct parser *p, struct json_object *table)
{
	AUTO(strv_free) char **keys = NULL;
	struct json_object *value;
	const char *last;
	int r = parse_keys(p, &keys);

	if (r < 0)
		return r;
	if (peek(p) != '=')
		return fail(p, "expected = after the key");
	p->at++;
	skip_blanks(p);
	r = parse_value(p, &value);
	if (r < 0)
		return r;
	table = enter_parents(table, keys);
	last = keys[strv_len(keys) - 1];
	if (!table || json_object_object_get_ex(table, last, NULL)) {
		json_object_put(value);
		return fail(p, "key is defined twice");
	}
	json_object_object_add(table, last, value);
	return 0;
}

/* [a.b] is allowed once, also where a longer header made the table before. */
static int define_table(struct parser *p, struct json_object *table)
{
	autofree char *id = xasprintf("%p", (void *)table);

	if (!table)
		return fail(p, "header names something that is no table");
	if (json_object_object_get_ex(p->defined, id, NULL))
		return fail(p, "table is defined twice");
	json_object_object_add(p->defined, id, NULL);
	return 0;
}

/* [[a.b]]: one more table in the list. */
static int append_table(
	struct parser *p, struct json_object *parent, const char *key, struct json_object **ret)
{
	struct json_object *array;

	if (!parent)
		return fail(p, "header names something that is no table");
	if (!json_object_object_get_ex(parent, key, &array)) {
		array = json_object_new_array();
		json_object_object_add(parent, key, array);
	}
	if (!json_object_is_type(array, json_type_array))
		return fail(p, "header names something that is no list of tables");
	*ret = json_object_new_object();
	json_object_array_add(array, *ret);
	return 0;
}

static int parse_header(struct parser *p, struct json_object *root, struct json_object **ret)
{
	AUTO(strv_free) char **keys = NULL;
	bool is_list = looking_at(p, "[[");
	struct json_object *parent;
	int r;

	p->at += is_list ? 2 : 1;
	r = parse_keys(p, &keys);
	if (r < 0)
		return r;
	if (!looking_at(p, is_list ? "]]" : "]"))
		return fail(p, "header is not closed");
	p->at += is_list ? 2 : 1;
	parent = enter_parents(root, keys);
	if (is_list)
		return append_table(p, parent, keys[strv_len(keys) - 1], ret);
	if (parent) {
		struct json_object *child;
		const char *last = keys[strv_len(keys) - 1];

		if (json_object_object_get_ex(parent, last, &child) &&
			!json_object_is_type(child, json_type_object))
			return fail(p, "header names something that is no table");
		parent = enter(parent, last);
	}
	r = define_table(p, parent);
	if (r == 0)
		*ret = parent;
	return r;
}

static int parse_document(struct parser *p, struct json_object *root)
{
	struct json_object *table = root;

	for (;;) {
		int r;

		skip_lines(p);
		if (p->at >= p->end)
			return 0;
		r = peek(p) == '[' ? parse_header(p, root, &table) : parse_pair(p, table);
		if (r == 0)
			r = end_line(p);
		if (r < 0)
			return r;
	}
}

int toml_parse(
	const char *text, size_t len, const char *name, struct json_object **ret, struct error *err)
{
	AUTO(json_free) struct json_object *root = json_object_new_object();
	AUTO(json_free) struct json_object *defined = json_object_new_object();
	struct parser p = {text, text + len, name, 1, 0, defined, err};
	int r;

	if (len > TOML_MAX_BYTES)
		return error_set(err, EBADMSG, "%s: larger than %d bytes", name, TOML_MAX_BYTES);
	if (len && memchr(text, '\0', len))
		return error_set(err, EBADMSG, "%s: contains a NUL character", name);
	r = parse_document(&p, root);
	if (r < 0)
		return r;
	*ret = take_ptr(root);
	return 0;
}
