/* SPDX-License-Identifier: Apache-2.0 */
#include "common/out.h"

#include <errno.h>
#include <json-c/linkhash.h>
#include <signal.h>
#include <stdio.h>

#include "base/clock.h"
#include "common/command.h"
#include "sys/file.h"

/*
 * Where messages of failure go. A program that works for another one of ours hands them over
 * without "Error: ", so that the person reads one line.
 */
static int error_fd = STDERR_FILENO;

void out_set_error_fd(int fd)
{
	error_fd = fd;
}

void out_errorf(const char *format, ...)
{
	AUTO(strbuf_release) struct strbuf line = STRBUF_INIT;
	bool is_person = error_fd == STDERR_FILENO;
	va_list args;

	if (is_person)
		strbuf_adds(&line, "Error: ");
	va_start(args, format);
	strbuf_vaddf(&line, format, args);
	va_end(args);
	if (is_person)
		strbuf_addc(&line, '\n');
	/* There is nobody left to tell when this fails. */
	(void)fd_write_all(error_fd, line.data, line.len);
}

void out_error(const struct error *err)
{
	out_errorf("%s", error_text(err));
}

int out_failed(const struct error *err)
{
	out_error(err);
	return CLI_EXIT_ERROR;
}

void out_text(const char *text)
{
	int r = fd_write_all(STDOUT_FILENO, text, strlen(text));

	if (r == 0)
		return;
	if (r == -EPIPE) {
		/* As a program that left SIGPIPE alone would end. */
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	out_errorf("write standard output: %s", strerror(-r));
	exit(CLI_EXIT_ERROR);
}

void out_linef(const char *format, ...)
{
	AUTO(strbuf_release) struct strbuf line = STRBUF_INIT;
	va_list args;

	va_start(args, format);
	strbuf_vaddf(&line, format, args);
	va_end(args);
	strbuf_addc(&line, '\n');
	out_text(strbuf_get(&line));
}

static void add_value(struct strbuf *ret, struct json_object *obj, int depth);

static void add_string(struct strbuf *ret, const char *text)
{
	struct json_object *quoted = json_object_new_string(text);

	strbuf_adds(ret, json_object_to_json_string_ext(quoted, JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(quoted);
}

static void add_newline(struct strbuf *ret, int depth)
{
	strbuf_addf(ret, "\n%*s", 4 * depth, "");
}

static void add_members(struct strbuf *ret, struct json_object *obj, int depth)
{
	bool first = true;

	if (json_object_object_length(obj) == 0) {
		strbuf_adds(ret, "{}");
		return;
	}
	strbuf_addc(ret, '{');
	json_object_object_foreach(obj, key, value)
	{
		if (!first)
			strbuf_addc(ret, ',');
		first = false;
		add_newline(ret, depth + 1);
		add_string(ret, key);
		strbuf_adds(ret, ": ");
		add_value(ret, value, depth + 1);
	}
	add_newline(ret, depth);
	strbuf_addc(ret, '}');
}

static void add_items(struct strbuf *ret, struct json_object *obj, int depth)
{
	size_t count = json_object_array_length(obj);

	if (count == 0) {
		strbuf_adds(ret, "[]");
		return;
	}
	strbuf_addc(ret, '[');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			strbuf_addc(ret, ',');
		add_newline(ret, depth + 1);
		add_value(ret, json_object_array_get_idx(obj, i), depth + 1);
	}
	add_newline(ret, depth);
	strbuf_addc(ret, ']');
}

/* json-c prints "a":"b" without blanks around the colon and empty lists over several lines. */
static void add_value(struct strbuf *ret, struct json_object *obj, int depth)
{
	switch (json_object_get_type(obj)) {
	case json_type_object:
		add_members(ret, obj, depth);
		return;
	case json_type_array:
		add_items(ret, obj, depth);
		return;
	case json_type_null:
		strbuf_adds(ret, "null");
		return;
	default:
		strbuf_adds(
			ret, json_object_to_json_string_ext(obj, JSON_C_TO_STRING_NOSLASHESCAPE));
	}
}

void out_json(struct json_object *obj)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;

	add_value(&text, obj, 0);
	strbuf_addc(&text, '\n');
	out_text(strbuf_get(&text));
}

char *out_id(const char *id, bool full)
{
	const char *hex = id ? id : "";

	return full ? xstrdup(hex) : xstrndup(hex, 12);
}

char *out_ago(int64_t then_ns, int64_t now_ns)
{
	autofree char *span = NULL;

	if (then_ns == 0)
		return xstrdup("");
	span = time_human_span(now_ns > then_ns ? now_ns - then_ns : 0);
	return xasprintf("%s ago", span);
}
