/* SPDX-License-Identifier: Apache-2.0 */
#include "format/align.h"

#include <errno.h>

#include "format/utf8.h"

struct cell {
	const char *text;
	size_t len;
	size_t width; /* of its column, the gap included */
};

/* Cells of one line; all but the last are ended by a tab. */
struct line {
	size_t first;
	size_t count;
};

struct cells {
	struct cell *items;
	size_t count;
	struct line *lines;
	size_t line_count;
};

static void cells_release(struct cells *cells)
{
	free(cells->items);
	free(cells->lines);
}

static void auto_cells_release(struct cells *cells)
{
	cells_release(cells);
}

static void add_line(struct cells *cells, const char *text, size_t len)
{
	struct line line = {.first = cells->count};
	const char *end = text + len;

	for (;;) {
		const char *tab = memchr(text, '\t', (size_t)(end - text));
		size_t size = (size_t)((tab ? tab : end) - text);

		cells->items = list_grow(cells->items, cells->count, sizeof(*cells->items));
		cells->items[cells->count++] = (struct cell){.text = text, .len = size};
		line.count++;
		if (!tab)
			break;
		text = tab + 1;
	}
	cells->lines = list_grow(cells->lines, cells->line_count, sizeof(*cells->lines));
	cells->lines[cells->line_count++] = line;
}

/* A text that ends with a newline has no empty line behind it. */
static void split(struct cells *cells, const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t size = (size_t)((newline ? newline : end) - text);

		add_line(cells, text, size);
		text += size + 1;
	}
}

/* Gives the cells of one column in the lines of a run the width of the widest. */
static void widen(struct cells *cells, const size_t *run, size_t count, size_t column)
{
	size_t width = ALIGN_WIDTH;

	for (size_t i = 0; i < count; i++) {
		const struct cell *cell = &cells->items[cells->lines[run[i]].first + column];
		size_t wants = utf8_width(cell->text, cell->len) + ALIGN_GAP;

		if (wants > width)
			width = wants;
	}
	for (size_t i = 0; i < count; i++)
		cells->items[cells->lines[run[i]].first + column].width = width;
}

/* @having: the lines that have @column, in order; those that follow each other share its width. */
static void widen_column(struct cells *cells, const size_t *having, size_t count, size_t column)
{
	size_t first = 0;

	for (size_t i = 1; i <= count; i++) {
		if (i < count && having[i] == having[i - 1] + 1)
			continue;
		widen(cells, having + first, i - first, column);
		first = i;
	}
}

/* Column after column, each looking only at lines that had the one before: linear in the cells. */
static void widen_all(struct cells *cells)
{
	autofree size_t *having = xcalloc(cells->line_count + 1, sizeof(*having));
	size_t count = cells->line_count;

	for (size_t i = 0; i < count; i++)
		having[i] = i;
	for (size_t column = 0; count > 0; column++) {
		size_t kept = 0;

		for (size_t i = 0; i < count; i++) {
			if (column + 1 < cells->lines[having[i]].count)
				having[kept++] = having[i];
		}
		count = kept;
		if (count > 0)
			widen_column(cells, having, count, column);
	}
}

static void add_cell(struct strbuf *ret, const struct cell *cell)
{
	static const char blanks[] = "                                ";
	size_t width = utf8_width(cell->text, cell->len);
	size_t missing = cell->width > width ? cell->width - width : 0;

	strbuf_add(ret, cell->text, cell->len);
	while (missing > 0) {
		size_t part = missing < sizeof(blanks) - 1 ? missing : sizeof(blanks) - 1;

		strbuf_add(ret, blanks, part);
		missing -= part;
	}
}

int align_add(struct strbuf *ret, const char *text, size_t len, size_t max, struct error *err)
{
	AUTO(cells_release) struct cells cells = {0};
	size_t tabs = 0;

	for (size_t i = 0; i < len; i++)
		tabs += text[i] == '\t' || text[i] == '\n';
	if (tabs >= ALIGN_MAX_CELLS)
		return error_set(err, E2BIG, "table of more than %d cells", ALIGN_MAX_CELLS);
	split(&cells, text, len);
	widen_all(&cells);
	for (size_t i = 0; i < cells.line_count; i++) {
		const struct line *line = &cells.lines[i];

		for (size_t j = 0; j < line->count; j++) {
			const struct cell *cell = &cells.items[line->first + j];

			if (cell->len + cell->width + ret->len >= max)
				return error_set(err, E2BIG, "table of more than %zu bytes", max);
			add_cell(ret, cell);
		}
		strbuf_addc(ret, '\n');
	}
	return 0;
}
