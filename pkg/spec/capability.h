/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_CAPABILITY_H
#define SPEC_CAPABILITY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Number of capabilities that this program knows by name (capabilities(7)). */
#define CAPABILITY_COUNT 41

/* "CAP_CHOWN", "chown", "Cap_Chown" to its number; -EINVAL. */
int capability_parse(const char *text);
/* "CAP_CHOWN"; NULL for a number beyond CAPABILITY_COUNT. Borrowed, static. */
const char *capability_name(unsigned number);
/* The set of names as bits; -EINVAL and the name in @err for one that is not known. */
int capability_set(char *const *names, uint64_t *ret, struct error *err);
/* The names in a set, in order of their numbers; owned by the caller. */
char **capability_names(uint64_t set);

/*
 * capability_change - a set with --cap-add and --cap-drop applied.
 * @all: what "ALL" adds.  Drop wins over what the base set holds; add wins over drop ALL.
 * Returns 0; -EINVAL for an unknown name, or for one that is both added and dropped.
 */
int capability_change(uint64_t base, uint64_t all, char *const *add, char *const *drop,
	uint64_t *ret, struct error *err);

#endif
