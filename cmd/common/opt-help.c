/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "common/opt.h"

#define HELP_WIDTH 79
#define HELP_MAX_LABEL 30

struct rows {
	const struct opt **items;
	size_t count;
};

static void add_row(void *context, const struct opt *opt)
{
	struct rows *rows = context;

	if (opt->hidden)
		return;
	rows->items = list_grow(rows->items, rows->count, sizeof(const struct opt *));
	rows->items[rows->count++] = opt;
}

static int by_name(const void *left, const void *right)
{
	return strcmp((*(const struct opt *const *)left)->name,
		(*(const struct opt *const *)right)->name);
}

static char *row_label(const struct opt *opt)
{
	AUTO(strbuf_release) struct strbuf label = STRBUF_INIT;

	if (opt->letter)
		strbuf_addf(&label, "  -%c, --%s", opt->letter, opt->name);
	else
		strbuf_addf(&label, "      --%s", opt->name);
	if (opt->metavar)
		strbuf_addf(&label, " %s", opt->metavar);
	return strbuf_take(&label);
}

/* Where a line of at most @room characters ends: at a blank, else behind a bar between values. */
static size_t line_length(const char *text, size_t room)
{
	size_t cut = room;

	while (cut > 0 && text[cut] != ' ')
		cut--;
	if (cut > 0)
		return cut;
	for (cut = room; cut > 0 && text[cut - 1] != '|'; cut--)
		;
	return cut > 0 ? cut : strcspn(text, " ");
}

/* Text from column @indent on. */
static void add_wrapped(struct strbuf *ret, const char *text, size_t indent)
{
	size_t room = HELP_WIDTH - indent;

	while (strlen(text) > room) {
		size_t cut = line_length(text, room);

		strbuf_add(ret, text, cut);
		text += cut;
		while (*text == ' ')
			text++;
		if (*text)
			strbuf_addf(ret, "\n%*s", (int)indent, "");
	}
	strbuf_adds(ret, text);
	strbuf_addc(ret, '\n');
}

static size_t label_width(const struct rows *rows)
{
	size_t width = 0;

	for (size_t i = 0; i < rows->count; i++) {
		autofree char *label = row_label(rows->items[i]);
		size_t len = strlen(label);

		if (len > width && len <= HELP_MAX_LABEL)
			width = len;
	}
	return width;
}

void opt_help(const struct opt *opts, struct strbuf *ret)
{
	struct rows rows = {0};
	size_t width;

	opt_each(opts, add_row, &rows);
	if (rows.count > 0)
		qsort(rows.items, rows.count, sizeof(const struct opt *), by_name);
	width = label_width(&rows);
	for (size_t i = 0; i < rows.count; i++) {
		const struct opt *opt = rows.items[i];
		autofree char *label = row_label(opt);
		autofree char *text = opt->values ? xasprintf("%s (%s)", opt->help, opt->values)
						  : xstrdup(opt->help);

		strbuf_adds(ret, label);
		if (strlen(label) > width)
			strbuf_addf(ret, "\n%*s", (int)width + 2, "");
		else
			strbuf_addf(ret, "%*s", (int)(width + 2 - strlen(label)), "");
		add_wrapped(ret, text, width + 2);
	}
	free(rows.items);
}
