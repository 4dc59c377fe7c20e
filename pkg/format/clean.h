/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_CLEAN_H
#define FORMAT_CLEAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * Text from strangers on a terminal: utf8_is_unsafe() characters are shown as escapes, bytes as
 * \x1b (\t, \n and \r by name), characters as \u202e. A backslash that was there already stays one,
 * so that the text cannot be read back; it is for people.
 */
enum clean_mode {
	CLEAN_NOTHING = 0, /* as it is */
	CLEAN_LINES,       /* all but tab and newline */
	CLEAN_CELL,        /* all: the text is one cell of a table */
};

/* Would clean_add() change it? */
bool clean_is_needed(const char *text, size_t len, enum clean_mode mode);
void clean_add(struct strbuf *ret, const char *text, size_t len, enum clean_mode mode);

#endif
