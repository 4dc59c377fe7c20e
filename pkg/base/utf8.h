/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * Characters of UTF-8, without the C library's locales: our programs are linked statically and
 * never call setlocale().
 */
#define UTF8_INVALID UINT32_MAX

/*
 * utf8_decode - the first character of a text that is not empty.
 * Returns its length in bytes; 1 and UTF8_INVALID where none begins (surrogates, overlong forms and
 * what lies behind U+10FFFF are none).
 */
size_t utf8_decode(const char *text, size_t len, uint32_t *ret);
/* @code above U+10FFFF, or a surrogate, becomes U+FFFD. */
void utf8_add(struct strbuf *ret, uint32_t code);
/* A copy, owned by the caller, with U+FFFD for each byte that is no part of a character. */
char *utf8_repair(const char *text);

#endif
