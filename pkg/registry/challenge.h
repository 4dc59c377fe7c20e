/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REGISTRY_CHALLENGE_H
#define REGISTRY_CHALLENGE_H

#include <stddef.h>

#include "base/str.h"

#define CHALLENGE_MAX 16

/* One challenge of a WWW-Authenticate header (RFC 9110, 11.6.1). */
struct challenge {
	char *scheme;         /* as sent; compare without case */
	struct strmap params; /* names in lower case */
};
struct challenges {
	struct challenge items[CHALLENGE_MAX];
	size_t count;
};

/*
 * challenges_add - parse one header's value; several challenges may share it. What cannot be
 * parsed ends the list: later challenges may still be usable, and none means "unauthorized".
 */
void challenges_add(struct challenges *list, const char *value);
/* The first with this scheme, or NULL. */
const struct challenge *challenges_find(const struct challenges *list, const char *scheme);
void challenges_release(struct challenges *list);
static inline void auto_challenges_release(struct challenges *list)
{
	challenges_release(list);
}

#endif
