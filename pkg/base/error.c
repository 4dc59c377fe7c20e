/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <stdio.h>
#include <string.h>

/* Names from images and registries end up in messages; they must not steer a terminal. */
static void strip_controls(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
	}
}

int error_set(struct error *err, int code, const char *format, ...)
{
	va_list args;

	if (!err)
		return -code;
	err->code = code;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	strip_controls(err->text);
	return -code;
}

int error_sys(struct error *err, int code, const char *format, ...)
{
	va_list args;
	size_t used;

	if (!err)
		return -code;
	err->code = code;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	strip_controls(err->text);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", strerror(code));
	return -code;
}

int error_wrap(struct error *err, int result, const char *format, ...)
{
	char front[sizeof(err->text)];
	char rest[sizeof(err->text)];
	va_list args;

	if (!err)
		return result;
	va_start(args, format);
	vsnprintf(front, sizeof(front), format, args);
	va_end(args);
	strip_controls(front);
	memcpy(rest, err->text, sizeof(rest));
	if (err->code == 0 || rest[0] == '\0') {
		err->code = -result;
		snprintf(rest, sizeof(rest), "%s", strerror(-result));
	}
	if (snprintf(err->text, sizeof(err->text), "%s: %s", front, rest) < 0)
		err->text[0] = '\0';
	return result;
}

const char *error_text(const struct error *err)
{
	if (err->text[0])
		return err->text;
	return err->code ? strerror(err->code) : "unknown error";
}
