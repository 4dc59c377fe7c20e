/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTAINER_INTERNAL_H
#define CONTAINER_INTERNAL_H

#include "container/container.h"

/*
 * Fills ctr->state with what is true now; see container_open().
 * @is_locked: the caller has the container's lock; else it is taken where a loss is recorded
 */
int container_state_read(struct container *ctr, bool is_locked, struct error *err);
/* The same for one that has no run directory: how it ended, or that it never began. */
int container_end_read(struct container *ctr, struct error *err);


/* The record in the container's directory; -EPROTONOSUPPORT when it is a newer one's. */
int container_record_load(
	int dirfd, const char *id, struct container_record **ret, struct error *err);

#endif
