/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_OUT_H
#define COMMON_OUT_H

#include <json-c/json_object.h>

#include "base/error.h"
#include "base/str.h"
#include "format/format.h"

/* Everything that verbs print. Results go to standard output, the rest to standard error. */

/* Messages of failure go to @fd instead of standard error, and without "Error: ". */
void out_set_error_fd(int fd);
/* "Error: text" on standard error. */
void out_error(const struct error *err);
void out_errorf(const char *format, ...) PRINTF_LIKE(1, 2);
/* The error of one of several arguments, and the exit code of a failed command. */
int out_failed(const struct error *err);

/* Ends the process quietly when the reader is gone, with an error when the disk is full. */
void out_text(const char *text);
void out_linef(const char *format, ...) PRINTF_LIKE(1, 2);

/* Pretty JSON as podman prints it (four blanks, "/" as it is) and a newline. */
void out_json(struct json_object *obj);

/*
 * What --format makes of rows; see format_rows_text(), whose codes it returns with nothing printed.
 * Templates get the bytes as they are unless standard output is a terminal: @rows->bytes is not
 * looked at.
 */
int out_rows(const char *format, const struct format_rows *rows, struct error *err);

/* The first 12 digits of an id, or all of it; owned by the caller. */
char *out_id(const char *id, bool full);

#endif
