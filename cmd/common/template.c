/* SPDX-License-Identifier: Apache-2.0 */
#include "common/template.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <json-c/linkhash.h>

#include "base/json.h"
#include "common/out.h"
#include "common/table.h"

enum piece_kind { PIECE_TEXT = 0, PIECE_FIELD, PIECE_JSON };

struct piece {
	enum piece_kind kind;
	char *text;  /* PIECE_TEXT */
	char **path; /* members from the root; NULL: the object itself */
};

struct template
{
	struct piece *pieces;
	size_t count;
	bool is_table;
};

static struct piece *add_piece(struct template *template, enum piece_kind kind)
{
	struct piece *piece;

	template->pieces = list_grow(template->pieces, template->count, sizeof(*piece));
	piece = &template->pieces[template->count++];
	*piece = (struct piece){.kind = kind};
	return piece;
}

void template_free(struct template *template)
{
	if (!template)
		return;
	for (size_t i = 0; i < template->count; i++) {
		free(template->pieces[i].text);
		strv_free(template->pieces[i].path);
	}
	free(template->pieces);
	free(template);
}

bool template_is_table(const struct template *template)
{
	return template->is_table;
}

/* As the command lines of docker and podman do before they parse. */
static char *unescape(const char *text, size_t len)
{
	AUTO(strbuf_release) struct strbuf plain = STRBUF_INIT;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\' && i + 1 < len && (text[i + 1] == 't' || text[i + 1] == 'n'))
			strbuf_addc(&plain, text[++i] == 't' ? '\t' : '\n');
		else
			strbuf_addc(&plain, text[i]);
	}
	return strbuf_take(&plain);
}

static bool is_path(const char *text)
{
	if (*text != '.')
		return false;
	for (; *text; text++) {
		if (!isalnum((unsigned char)*text) && *text != '.' && *text != '_')
			return false;
	}
	return true;
}

static int add_action(struct template *template, const char *body, struct error *err)
{
	const char *json = str_after(body, "json ");
	const char *path = json ? json + strspn(json, " ") : body;
	size_t len = strlen(body);
	struct piece *piece;

	if (len >= 2 && (*body == '"' || *body == '`') && body[len - 1] == *body &&
		!memchr(body + 1, *body, len - 2)) {
		add_piece(template, PIECE_TEXT)->text = unescape(body + 1, len - 2);
		return 0;
	}
	if (!is_path(path))
		return error_set(err, EINVAL,
			"template: {{%s}} is not understood: only {{.Field}}, {{json .Field}} and "
			"{{\"text\"}} are",
			body);
	piece = add_piece(template, json ? PIECE_JSON : PIECE_FIELD);
	if (path[1])
		piece->path = strv_split(path + 1, '.');
	return 0;
}

/* The inside of {{ }}, without blanks and trim markers at its ends. */
static char *action_body(const char *start, const char *end)
{
	if (start < end && *start == '-')
		start++;
	if (start < end && end[-1] == '-')
		end--;
	while (start < end && isspace((unsigned char)*start))
		start++;
	while (start < end && isspace((unsigned char)end[-1]))
		end--;
	return xstrndup(start, (size_t)(end - start));
}

int template_parse(const char *text, struct template **ret, struct error *err)
{
	AUTO(template_free) struct template *template = xnew(struct template);
	const char *table = str_after(text, "table ");
	const char *at = table ? table + strspn(table, " ") : text;

	template->is_table = table != NULL;
	while (*at) {
		const char *open = strstr(at, "{{");
		const char *end = open ? strstr(open, "}}") : NULL;
		size_t len = open ? (size_t)(open - at) : strlen(at);
		autofree char *body = NULL;
		int r;

		if (open && !end)
			return error_set(err, EINVAL, "template: unclosed action in \"%s\"", text);
		if (len > 0)
			add_piece(template, PIECE_TEXT)->text = unescape(at, len);
		if (!open)
			break;
		body = action_body(open + 2, end);
		r = add_action(template, body, err);
		if (r < 0)
			return r;
		at = end + 2;
	}
	*ret = take_ptr(template);
	return 0;
}

static void add_list(struct strbuf *ret, struct json_object *obj);

/* As Go prints a value: [a b], map[k:v]. */
static void add_value(struct strbuf *ret, struct json_object *obj)
{
	bool first = true;

	switch (json_object_get_type(obj)) {
	case json_type_null:
		strbuf_adds(ret, "<nil>");
		return;
	case json_type_array:
		add_list(ret, obj);
		return;
	case json_type_object:
		strbuf_adds(ret, "map[");
		json_object_object_foreach(obj, key, value)
		{
			strbuf_addf(ret, "%s%s:", first ? "" : " ", key);
			add_value(ret, value);
			first = false;
		}
		strbuf_addc(ret, ']');
		return;
	default:
		strbuf_adds(ret, json_object_get_string(obj));
	}
}

static void add_list(struct strbuf *ret, struct json_object *obj)
{
	strbuf_addc(ret, '[');
	for (size_t i = 0; i < json_object_array_length(obj); i++) {
		if (i > 0)
			strbuf_addc(ret, ' ');
		add_value(ret, json_object_array_get_idx(obj, i));
	}
	strbuf_addc(ret, ']');
}

static bool is_map(const char *name)
{
	static const char *const maps[] = {"Labels", "Annotations", "Options", "Ports", "Networks",
		"PortBindings", "Volumes", "ExposedPorts", "Tmpfs"};

	for (size_t i = 0; name && i < ARRAY_SIZE(maps); i++) {
		if (str_eq(name, maps[i]))
			return true;
	}
	return false;
}

/* 1 found (NULL for a JSON null), 0 a key that a map has not; -EINVAL. */
static int look_up(
	char *const *path, struct json_object *obj, struct json_object **ret, struct error *err)
{
	const char *parent = NULL;

	for (size_t i = 0; path && path[i]; i++) {
		struct json_object *next = NULL;

		if (json_object_is_type(obj, json_type_object) &&
			json_object_object_get_ex(obj, path[i], &next)) {
			parent = path[i];
			obj = next;
			continue;
		}
		if (is_map(parent))
			return 0;
		return error_set(err, EINVAL, "template: can't evaluate field %s", path[i]);
	}
	*ret = obj;
	return 1;
}

static int run_piece(
	const struct piece *piece, struct json_object *obj, struct strbuf *ret, struct error *err)
{
	struct json_object *value = NULL;
	int r;

	if (piece->kind == PIECE_TEXT) {
		strbuf_adds(ret, piece->text);
		return 0;
	}
	r = look_up(piece->path, obj, &value, err);
	if (r < 0)
		return r;
	if (piece->kind == PIECE_JSON)
		strbuf_adds(ret, r == 0 ? "null"
					: json_object_to_json_string_ext(
						  value, JSON_C_TO_STRING_NOSLASHESCAPE));
	else if (r == 0)
		strbuf_adds(ret, "<no value>");
	else
		add_value(ret, value);
	return 0;
}

int template_run(const struct template *template, struct json_object *obj, struct strbuf *ret,
	struct error *err)
{
	for (size_t i = 0; i < template->count; i++) {
		int r = run_piece(&template->pieces[i], obj, ret, err);

		if (r < 0)
			return r;
	}
	return 0;
}

/* "CreatedAt" to "CREATED AT", "ImageID" to "IMAGE ID". */
static void add_header(struct strbuf *ret, const char *name)
{
	for (size_t i = 0; name[i]; i++) {
		if (i > 0 && isupper((unsigned char)name[i]) && islower((unsigned char)name[i - 1]))
			strbuf_addc(ret, ' ');
		strbuf_addc(ret, (char)toupper((unsigned char)name[i]));
	}
}

void template_header(const struct template *template, struct strbuf *ret)
{
	for (size_t i = 0; i < template->count; i++) {
		const struct piece *piece = &template->pieces[i];

		if (piece->kind == PIECE_TEXT)
			strbuf_adds(ret, piece->text);
		else if (piece->path)
			add_header(ret, piece->path[strv_len(piece->path) - 1]);
	}
}

/* Tabs of a template separate the columns; a line with fewer gets empty ones. */
static void add_table_line(struct table *table, const char *line)
{
	char **cells = strv_split(line, '\t');

	while (table->count > 0 && strv_len(cells) < table->columns)
		strv_add(&cells, "");
	while (table->count > 0 && strv_len(cells) > table->columns) {
		size_t last = strv_len(cells) - 1;

		free(cells[last]);
		cells[last] = NULL;
	}
	table_add(table, cells);
}

static int print_table(
	const struct template *template, struct json_object *rows, bool heading, struct error *err)
{
	AUTO(table_release) struct table table = {0};
	autofree char *text = NULL;

	if (heading) {
		AUTO(strbuf_release) struct strbuf line = STRBUF_INIT;

		template_header(template, &line);
		add_table_line(&table, strbuf_get(&line));
	}
	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		AUTO(strbuf_release) struct strbuf line = STRBUF_INIT;
		int r = template_run(template, json_object_array_get_idx(rows, i), &line, err);

		if (r < 0)
			return r;
		add_table_line(&table, strbuf_get(&line));
	}
	text = table_text(&table);
	out_text(text);
	return 0;
}

int template_print(const char *format, struct json_object *rows, bool heading, struct error *err)
{
	AUTO(template_free) struct template *template = NULL;
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	int r;

	if (str_eq(format, "json")) {
		out_json(rows);
		return 0;
	}
	r = template_parse(format, &template, err);
	if (r < 0)
		return r;
	assert(template);
	if (template->is_table)
		return print_table(template, rows, heading, err);
	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		r = template_run(template, json_object_array_get_idx(rows, i), &text, err);
		if (r < 0)
			return r;
		if (text.len > 0 && text.data[text.len - 1] != '\n')
			strbuf_addc(&text, '\n');
	}
	out_text(strbuf_get(&text));
	return 0;
}
