/* SPDX-License-Identifier: Apache-2.0 */
#include "common/out.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "common/command.h"
#include "format/json-text.h"
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

static void out_bytes(const char *text, size_t len)
{
	int r = fd_write_all(STDOUT_FILENO, text, len);

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

void out_text(const char *text)
{
	out_bytes(text, strlen(text));
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

void out_json(struct json_object *obj)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;

	json_text_add(&text, obj, NULL, JSON_TEXT_INDENTED);
	strbuf_addc(&text, '\n');
	out_text(strbuf_get(&text));
}

int out_rows(const char *format, const struct format_rows *rows, struct error *err)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	struct format_rows shown = *rows;
	int r;

	shown.bytes = isatty(STDOUT_FILENO) ? FORMAT_BYTES_TERMINAL : FORMAT_BYTES_RAW;
	r = format_rows_text(format, &shown, &text, err);
	if (r < 0)
		return r;
	out_bytes(text.data, text.len);
	return 0;
}

char *out_id(const char *id, bool full)
{
	const char *hex = id ? id : "";

	return full ? xstrdup(hex) : xstrndup(hex, 12);
}
