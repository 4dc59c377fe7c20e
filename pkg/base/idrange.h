/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_IDRANGE_H
#define BASE_IDRANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"

/* One line of uid_map / gid_map (user_namespaces(7)): @size ids from @inside on map to @outside. */
struct idrange {
	uint32_t inside;
	uint32_t outside;
	uint32_t size;
};

/* struct idmap - lines of a map, in order. Zeroed is the empty map. */
struct idmap {
	struct idrange *ranges;
	size_t count;
};

extern const struct json_field idrange_fields[]; /* {containerID,hostID,size} as runtime-spec */

void idmap_add(struct idmap *map, uint32_t inside, uint32_t outside, uint32_t size);
void idmap_copy(struct idmap *to, const struct idmap *from);
void idmap_release(struct idmap *map);
/* Translate; false when the id is not mapped. */
bool idmap_to_outside(const struct idmap *map, uint32_t inside, uint32_t *ret);
bool idmap_to_inside(const struct idmap *map, uint32_t outside, uint32_t *ret);
/* First id inside that is not mapped, counting from 0 without gaps. */
uint64_t idmap_size(const struct idmap *map);
/* Text of a /proc/PID/uid_map file; -EBADMSG when malformed. */
int idmap_parse(const char *text, struct idmap *ret, struct error *err);
/* The lines for uid_map, "inside outside size\n" each; owned by the caller. */
char *idmap_text(const struct idmap *map);

#endif
