/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/id-names.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/* A field of a line, up to the next colon; *at behind it, or NULL at the end of the line. */
static char *take_field(const char **at, const char *end)
{
	const char *start = *at;
	const char *colon = memchr(start, ':', (size_t)(end - start));

	*at = colon ? colon + 1 : NULL;
	return xstrndup(start, (size_t)((colon ? colon : end) - start));
}

static void parse_line(const char *line, const char *end, struct id_names *ret)
{
	const char *at = line;
	autofree char *name = take_field(&at, end);
	autofree char *password = at ? take_field(&at, end) : NULL;
	autofree char *number = at ? take_field(&at, end) : NULL;
	uint64_t id;

	if (!number || !*name || *name == '#' || strlen(name) > ID_NAME_MAX ||
		str_to_u64(number, 10, &id) < 0 || id >= UINT32_MAX)
		return;
	if (ret->count % 64 == 0)
		ret->items = xrealloc(ret->items, ret->count + 64, sizeof(*ret->items));
	ret->items[ret->count++] = (struct id_name){.id = (uint32_t)id, .name = take_ptr(name)};
}

void id_names_parse(const char *text, struct id_names *ret)
{
	while (*text) {
		const char *end = strchrnul(text, '\n');

		parse_line(text, end, ret);
		text = *end ? end + 1 : end;
	}
}

const char *id_names_find(const struct id_names *names, uint32_t id)
{
	for (size_t i = 0; i < names->count; i++) {
		if (names->items[i].id == id)
			return names->items[i].name;
	}
	return NULL;
}

void id_names_release(struct id_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i].name);
	free(names->items);
	*names = (struct id_names){0};
}
