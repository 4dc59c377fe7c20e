/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOST_LOCAL_ALLOCATE_H
#define HOST_LOCAL_ALLOCATE_H

#include "config.h"
#include "lease.h"

/*
 * allocate - lease one address of each set to a container's interface, those that were asked for
 * first, else the next after the one that was leased last: an address rests before it is reused.
 * @ret: the addresses with their gateways are added
 * Returns 0; -EEXIST when the interface has leases already or a wanted address is somebody's;
 * -ENOSPC when a set has none left. After a failure there are no leases.
 */
int allocate(struct leases *leases, const struct host_local_config *config,
	const char *container_id, const char *ifname, struct cni_result *ret, struct error *err);

#endif
