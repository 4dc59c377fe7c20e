/* SPDX-License-Identifier: Apache-2.0 */
#include "base/idrange.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

const struct json_field idrange_fields[] = {
	JSON_U32(struct idrange, inside, "containerID", JSON_REQUIRED),
	JSON_U32(struct idrange, outside, "hostID", JSON_REQUIRED),
	JSON_U32(struct idrange, size, "size", JSON_REQUIRED),
	JSON_END,
};

void idmap_add(struct idmap *map, uint32_t inside, uint32_t outside, uint32_t size)
{
	map->ranges = list_grow(map->ranges, map->count, sizeof(*map->ranges));
	map->ranges[map->count++] = (struct idrange){ inside, outside, size };
}

void idmap_copy(struct idmap *to, const struct idmap *from)
{
	for (size_t i = 0; i < from->count; i++)
		idmap_add(to, from->ranges[i].inside, from->ranges[i].outside, from->ranges[i].size);
}

void idmap_release(struct idmap *map)
{
	free(map->ranges);
	*map = (struct idmap){ 0 };
}

bool idmap_to_outside(const struct idmap *map, uint32_t inside, uint32_t *ret)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct idrange *range = &map->ranges[i];

		if (inside >= range->inside && inside - range->inside < range->size) {
			*ret = range->outside + (inside - range->inside);
			return true;
		}
	}
	return false;
}

bool idmap_to_inside(const struct idmap *map, uint32_t outside, uint32_t *ret)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct idrange *range = &map->ranges[i];

		if (outside >= range->outside && outside - range->outside < range->size) {
			*ret = range->inside + (outside - range->outside);
			return true;
		}
	}
	return false;
}

uint64_t idmap_size(const struct idmap *map)
{
	uint64_t next = 0;
	bool grown = true;

	while (grown) {
		grown = false;
		for (size_t i = 0; i < map->count; i++) {
			if (map->ranges[i].inside == next && map->ranges[i].size) {
				next += map->ranges[i].size;
				grown = true;
			}
		}
	}
	return next;
}

int idmap_parse(const char *text, struct idmap *ret, struct error *err)
{
	struct idmap map = { 0 };

	while (*text) {
		uint32_t inside, outside, size;
		int used = 0;

		if (sscanf(text, " %" SCNu32 " %" SCNu32 " %" SCNu32 "%n", &inside, &outside, &size,
			    &used) != 3 ||
			(text[used] && text[used] != '\n')) {
			idmap_release(&map);
			return error_set(err, EBADMSG, "malformed id map line \"%.40s\"", text);
		}
		idmap_add(&map, inside, outside, size);
		text += used + (text[used] == '\n');
	}
	*ret = map;
	return 0;
}

char *idmap_text(const struct idmap *map)
{
	struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < map->count; i++)
		strbuf_addf(&text, "%" PRIu32 " %" PRIu32 " %" PRIu32 "\n", map->ranges[i].inside,
			map->ranges[i].outside, map->ranges[i].size);
	return strbuf_take(&text);
}
