/* SPDX-License-Identifier: Apache-2.0 */
#ifndef USERNS_SUBID_H
#define USERNS_SUBID_H

#include "base/idrange.h"

/* Ranges are given as a map whose inside ids follow each other from 1 (subuid(5)). */

/*
 * subid_read - ranges of one user from a file like /etc/subuid.
 * @file:     path
 * @name:     user name; NULL when unknown
 * @uid:      user id, which the file may hold instead of the name
 * @ret:      ranges are added; none for a user without ranges
 *
 * Malformed lines are skipped, as newuidmap does. Returns 0, also when the file is missing.
 */
int subid_read(const char *file, const char *name, uint32_t uid, struct idmap *ret,
	struct error *err);

/*
 * subid_find_free - a base above all ranges in @file from which @size ids are nobody's.
 * For real root without ranges of its own. Always at least 524288.
 */
uint32_t subid_find_free(const char *file, uint32_t size);

#endif
