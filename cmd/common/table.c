/* SPDX-License-Identifier: Apache-2.0 */
#include "common/table.h"

#include <assert.h>

void table_init(struct table *table, const char *header)
{
	*table = (struct table){0};
	if (!header)
		return;
	table->has_header = true;
	table_add(table, strv_split(header, '\t'));
}

void table_add(struct table *table, char **row)
{
	if (table->count == 0)
		table->columns = strv_len(row);
	assert(strv_len(row) == table->columns);
	table->rows = list_grow(table->rows, table->count, sizeof(*table->rows));
	table->rows[table->count++] = row;
}

/* Code points, not bytes: combining and wide characters are not looked at. */
static size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++) {
		if (((unsigned char)*text & 0xc0) != 0x80)
			width++;
	}
	return width;
}

static void add_row(struct strbuf *text, char *const *row, const size_t *widths, size_t columns)
{
	for (size_t i = 0; i < columns; i++) {
		strbuf_adds(text, row[i]);
		if (i + 1 < columns)
			strbuf_addf(text, "%*s", (int)(widths[i] + 2 - text_width(row[i])), "");
	}
	strbuf_addc(text, '\n');
}

char *table_text(const struct table *table)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	autofree size_t *widths = xcalloc(table->columns + 1, sizeof(*widths));

	for (size_t i = 0; i < table->count; i++) {
		for (size_t j = 0; j < table->columns; j++) {
			size_t width = text_width(table->rows[i][j]);

			if (width > widths[j])
				widths[j] = width;
		}
	}
	for (size_t i = 0; i < table->count; i++)
		add_row(&text, table->rows[i], widths, table->columns);
	return strbuf_take(&text);
}

void table_release(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		strv_free(table->rows[i]);
	free(table->rows);
	*table = (struct table){0};
}
