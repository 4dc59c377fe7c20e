/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "ps-row.h"

typedef int compare_rows(const struct engine_ps_row *left, const struct engine_ps_row *right);

static int compare_texts(const char *left, const char *right)
{
	return strcmp(left ? left : "", right ? right : "");
}

static int compare_numbers(int64_t left, int64_t right)
{
	return (left > right) - (left < right);
}

static int by_command(const struct engine_ps_row *left, const struct engine_ps_row *right)
{
	autofree char *one = strv_join(left->command, " ");
	autofree char *two = strv_join(right->command, " ");

	return compare_texts(one, two);
}

static int by_created(const struct engine_ps_row *left, const struct engine_ps_row *right)
{
	return compare_numbers(left->created_ns, right->created_ns);
}

static int by_id(const struct engine_ps_row *left, const struct engine_ps_row *right)
{
	return compare_texts(left->id, right->id);
}

static int by_image(const struct engine_ps_row *left, const struct engine_ps_row *right)
{
	return compare_texts(left->image, right->image);
}

static int by_name(const struct engine_ps_row *left, const struct engine_ps_row *right)
{
	return compare_texts(left->name, right->name);
}

static int by_start(const struct engine_ps_row *left, const struct engine_ps_row *right)
{
	return compare_numbers(left->started_ns, right->started_ns);
}

static int by_size(const struct engine_ps_row *left, const struct engine_ps_row *right)
{
	return compare_numbers((int64_t)left->sizes.root_bytes, (int64_t)right->sizes.root_bytes);
}

static int by_state(const struct engine_ps_row *left, const struct engine_ps_row *right)
{
	return compare_texts(left->state, right->state);
}

static const struct order {
	const char *name;
	compare_rows *compare;
} orders[] = {
	{"created", by_created},
	{"command", by_command},
	{"id", by_id},
	{"image", by_image},
	{"names", by_name},
	{"runningfor", by_start},
	{"size", by_size},
	{"status", by_state},
};

/* Those that are equal stand in the order in which they were made. */
static int compare_items(const void *left, const void *right, void *data)
{
	compare_rows *const *compare = data;
	int r = (*compare)(left, right);

	r = r ? r : by_created(left, right);
	return r ? r : by_id(left, right);
}

void ps_rows_sort(struct engine_ps_row *rows, size_t count, const char *order)
{
	compare_rows *compare = by_created;

	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		if (str_eq(orders[i].name, order))
			compare = orders[i].compare;
	}
	if (count > 1)
		qsort_r(rows, count, sizeof(*rows), compare_items, &compare);
}
