/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_ID_NAMES_H
#define ENGINE_ID_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* Longer names are none (LOGIN_NAME_MAX of the C library). */
#define ID_NAME_MAX 256

/*
 * struct id_names - which names a passwd or group file gives to which ids. The file is a
 * container's, and may be anything: lines that are no entries are passed over. Zeroed is empty.
 */
struct id_name {
	uint32_t id;
	char *name;
};
struct id_names {
	struct id_name *items;
	size_t count;
};

/* @text: of the file; the id is the third field in both. @ret: zeroed; id_names_release() it */
void id_names_parse(const char *text, struct id_names *ret);
/* The first name of @id, borrowed; NULL: it has none. */
const char *id_names_find(const struct id_names *names, uint32_t id);
void id_names_release(struct id_names *names);
static inline void auto_id_names_release(struct id_names *names)
{
	id_names_release(names);
}

#endif
