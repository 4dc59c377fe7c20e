/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/subid.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define SUBID_FIRST_FREE 524288

/* One line "name:start:count"; false when it is none. */
static bool parse_line(char *line, char **ret_owner, uint32_t *ret_start, uint32_t *ret_count)
{
	char *start = strchr(line, ':');
	char *count = start ? strchr(start + 1, ':') : NULL;
	uint64_t first, size;

	line[strcspn(line, "\n")] = '\0';
	if (!count)
		return false;
	*start++ = '\0';
	*count++ = '\0';
	if (str_to_u64(start, 10, &first) < 0 || str_to_u64(count, 10, &size) < 0 || size == 0 ||
		first + size > UINT32_MAX || first > UINT32_MAX)
		return false;
	*ret_owner = line;
	*ret_start = (uint32_t)first;
	*ret_count = (uint32_t)size;
	return true;
}

int subid_read(const char *file, const char *name, uint32_t uid, struct idmap *ret,
	struct error *err)
{
	autofclose FILE *stream = fopen(file, "re");
	autofree char *number = xasprintf("%u", uid);
	autofree char *line = NULL;
	uint64_t next = 1;
	size_t size = 0;

	if (!stream)
		return errno == ENOENT ? 0 : error_sys(err, errno, "open %s", file);
	for (size_t i = 0; i < ret->count; i++)
		next += ret->ranges[i].size;
	while (getline(&line, &size, stream) > 0) {
		uint32_t start, count;
		char *owner;

		if (!parse_line(line, &owner, &start, &count) ||
			(!str_eq(owner, number) && !(name && str_eq(owner, name))))
			continue;
		if (next + count > UINT32_MAX)
			break;
		idmap_add(ret, (uint32_t)next, start, count);
		next += count;
	}
	return 0;
}

uint32_t subid_find_free(const char *file, uint32_t size)
{
	autofclose FILE *stream = fopen(file, "re");
	autofree char *line = NULL;
	uint64_t base = SUBID_FIRST_FREE;
	size_t room = 0;

	while (stream && getline(&line, &room, stream) > 0) {
		uint32_t start, count;
		char *owner;

		if (parse_line(line, &owner, &start, &count) && (uint64_t)start + count > base)
			base = (uint64_t)start + count;
	}
	return base + size < UINT32_MAX ? (uint32_t)base : SUBID_FIRST_FREE;
}
