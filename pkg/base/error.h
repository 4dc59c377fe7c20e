/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdarg.h>

#include "base/cleanup.h"

/*
 * struct error - what went wrong, for a person to read.
 *
 * Lives on the stack, owns nothing, and may be sent between processes as it is. Functions that
 * can fail take a struct error * last and return a negative errno; NULL means that the code is
 * enough for the caller.
 */
struct error {
	int code;        /* positive errno; 0 while nothing has failed */
	char text[1020]; /* lower case, no full stop, NUL-terminated */
};

/* error_set - record a message; returns -@code, so that callers can return it at once. */
int error_set(struct error *err, int code, const char *format, ...) PRINTF_LIKE(3, 4);

/* error_sys - as error_set() with errno's text for @code appended: "open x: Permission denied". */
int error_sys(struct error *err, int code, const char *format, ...) PRINTF_LIKE(3, 4);

/*
 * error_wrap - put "words: " before the message that is there.
 * @result: what the failed call returned (negative errno); returned unchanged, or, where no
 *          message was recorded for it, used to make one.
 */
int error_wrap(struct error *err, int result, const char *format, ...) PRINTF_LIKE(3, 4);

/* error_text - the message; never NULL, never empty. */
const char *error_text(const struct error *err);

#endif
