/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BRIDGE_INSIDE_H
#define BRIDGE_INSIDE_H

#include "cni/netns.h"
#include "cni/result.h"
#include "config.h"

/*
 * inside_configure - give the container's interface its addresses and routes, and bring it up.
 * The calling process enters the namespace and stays there.
 * @result: addresses and routes; a route without a gateway goes over that of its family
 */
int inside_configure(const struct netns *netns, const char *ifname, const struct cni_result *result,
	struct error *err);

/* Enters as well: the interface is there, up, and has the addresses. */
int inside_check(const struct netns *netns, const char *ifname, const struct cni_result *result,
	struct error *err);

/* Enters as well and deletes the interface; success when it is gone already. */
int inside_delete(const struct netns *netns, const char *ifname, struct error *err);

#endif
