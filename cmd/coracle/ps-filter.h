/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_PS_FILTER_H
#define CORACLE_PS_FILTER_H

#include "engine/engine.h"

/* What --filter of ps, and of the verbs that take several containers, asks for. */
struct ps_filter;

/*
 * ps_filter_new - read filters, each KEY=VALUE; borrowed until ps_filter_free().
 * @list: all containers, the newest first: those that "before" and "since" name are among them
 *
 * Returns 0; -EINVAL for a key that there is not, or a value that the key does not take; -ENOENT
 * for a container that is not there.
 */
int ps_filter_new(char *const *filters, const struct engine_ps *list, struct ps_filter **ret,
	struct error *err);
void ps_filter_free(struct ps_filter *filter);
DEFINE_AUTO(struct ps_filter *, ps_filter_free);

/*
 * Does a container pass? Of several values of a key one has to match, but labels must all be there;
 * different keys must all match.
 */
bool ps_filter_matches(const struct ps_filter *filter, const struct engine_ps_row *row);

/* Is there a filter of this key? */
bool ps_filter_has_key(char *const *filters, const char *key);

#endif
