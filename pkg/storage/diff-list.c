/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "storage/diff.h"

/* A report in the making. */
struct listing {
	struct diff_report report;
	char **implied; /* directories that are told if something was added to or deleted from them
			 */
	size_t implied_count;
};

void diff_report_release(struct diff_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		free(report->lines[i].path);
	free(report->lines);
	*report = (struct diff_report){0};
}

static void add_line(struct diff_report *report, enum diff_kind kind, char *path_owned)
{
	report->lines = list_grow(report->lines, report->count, sizeof(*report->lines));
	report->lines[report->count++] = (struct diff_line){.kind = kind, .path = path_owned};
}

static bool is_below(const char *path, const char *dir)
{
	const char *rest = str_after(path, dir);

	return rest && *rest == '/';
}

/* Those of other branches have nothing to wait for. */
static void drop_implied(struct listing *listing, const char *path)
{
	while (listing->implied_count &&
		!is_below(path, listing->implied[listing->implied_count - 1]))
		free(listing->implied[--listing->implied_count]);
}

static int visit(void *data, const struct diff_item *item, struct error *err)
{
	struct listing *listing = data;
	char *path;

	(void)err;
	if (!*item->path)
		return 0;
	path = xasprintf("/%s", item->path);
	drop_implied(listing, path);
	if (item->is_implied) {
		listing->implied = list_grow(
			listing->implied, listing->implied_count, sizeof(*listing->implied));
		listing->implied[listing->implied_count++] = path;
		return 0;
	}
	for (size_t i = 0; item->kind != DIFF_CHANGED && i < listing->implied_count; i++)
		add_line(&listing->report, DIFF_CHANGED, listing->implied[i]);
	if (item->kind != DIFF_CHANGED)
		listing->implied_count = 0;
	add_line(&listing->report, item->kind, path);
	return 0;
}

/* As a walk through sorted directories would come by: "a/b" before "a.b". */
static int compare_lines(const void *left, const void *right)
{
	const unsigned char *a = (const void *)((const struct diff_line *)left)->path;
	const unsigned char *b = (const void *)((const struct diff_line *)right)->path;

	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (*a == '/' ? 1 : *a) - (*b == '/' ? 1 : *b);
}

int diff_list(struct diff *diff, struct diff_report *ret, struct error *err)
{
	struct listing listing = {0};
	int r = diff_walk(diff, false, visit, &listing, err);

	drop_implied(&listing, "");
	free(listing.implied);
	if (r == 0 && listing.report.count)
		qsort(listing.report.lines, listing.report.count, sizeof(*listing.report.lines),
			compare_lines);
	if (r == 0)
		*ret = listing.report;
	else
		diff_report_release(&listing.report);
	return r;
}
