/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BRIDGE_HOST_H
#define BRIDGE_HOST_H

#include "config.h"

/*
 * What the plugin makes in the network namespace that it was started in, which plays the host's
 * part: the bridge, its addresses, rules, and an interface for each container.
 */

/*
 * host_bridge - the bridge, made when it is not there.
 * @ret_is_ready: it is up. That is done last, by host_bridge_up(), so that a bridge whose maker
 *                crashed gets its rules from the next container.
 * Returns its index; -EEXIST when the name belongs to something else.
 */
int host_bridge(struct netlink *nl, const struct bridge_config *config, bool *ret_is_ready,
	struct error *err);
int host_bridge_up(
	struct netlink *nl, int bridge, const struct bridge_config *config, struct error *err);

/*
 * host_gateway - give the bridge the gateways' addresses and let packets be forwarded.
 * -EADDRINUSE when the bridge has another address of that network, unless forceAddress is set.
 */
int host_gateway(struct netlink *nl, int bridge, const struct bridge_config *config,
	const struct cni_result *result, struct error *err);

/* Rules for what comes and goes over the bridge; idempotent. */
int host_rules(
	const struct bridge_config *config, const struct cni_result *result, struct error *err);

/* "cor" and twelve digits: the name of a container's interface on our side. Owned by the caller. */
char *host_veth_name(const char *container_id, const char *ifname);

/* The pair of interfaces, ours a port of the bridge and up. Returns its index. */
int host_veth(struct netlink *nl, int bridge, const struct bridge_config *config,
	const struct cni_request *request, const uint8_t *mac, int netns_fd, struct error *err);

#endif
