/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_UTF8_H
#define FORMAT_UTF8_H

#include <stdbool.h>
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
/* Characters; a byte that is none counts as one. */
size_t utf8_count(const char *text, size_t len);
/* Bytes of the first @count characters, at most @len. */
size_t utf8_offset(const char *text, size_t len, size_t count);

/*
 * A character that a terminal may act upon or that nobody sees: controls, separators of lines and
 * paragraphs, marks that turn the direction of text, invisible ones. UTF8_INVALID is unsafe too.
 */
bool utf8_is_unsafe(uint32_t code);

/* Columns that a terminal uses: two for wide characters, none for marks put over others. */
size_t utf8_width(const char *text, size_t len);

#endif
