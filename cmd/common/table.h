/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_TABLE_H
#define COMMON_TABLE_H

#include "base/str.h"

/* struct table - rows of text in aligned columns, two blanks between them. */
struct table {
	size_t columns;
	char ***rows; /* each a strv of @columns strings */
	size_t count;
	bool has_header; /* the first row is one */
};

/* @header: column names, separated by tabs; NULL: none, and the first row sets their number. */
void table_init(struct table *table, const char *header);
/* Takes the strings of a row, a strv of as many as there are columns. */
void table_add(struct table *table, char **row);
/* The text, with the width counted in characters of UTF-8; owned by the caller. */
char *table_text(const struct table *table);
void table_release(struct table *table);
static inline void auto_table_release(struct table *table)
{
	table_release(table);
}

#endif
