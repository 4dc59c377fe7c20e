/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_UTF8_H
#define FORMAT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/utf8.h"

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
