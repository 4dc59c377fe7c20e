/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BRIDGE_CONFIG_H
#define BRIDGE_CONFIG_H

#include "cni/request.h"
#include "cni/result.h"
#include "netlink/netlink.h"

struct bridge_config {
	char *bridge;    /* name of the interface */
	bool is_gateway; /* the bridge gets the gateway's address */
	bool is_default_gateway;
	bool force_address; /* other addresses of the bridge go */
	bool masquerade;
	bool hairpin;
	bool promiscuous;
	bool isolate;        /* no way to and from other bridges of this plugin */
	bool internal;       /* no way to and from anywhere else */
	bool port_isolation; /* containers do not reach each other */
	uint32_t mtu;
	char *ipam_type; /* NULL: interfaces without addresses */
	bool has_mac;
	uint8_t mac[6]; /* of the container's interface */
	struct cni_dns dns;
};

/*
 * bridge_config_parse - the keys of the reference plugin, "isolate" and "internal" beside them.
 * Returns 0; -EINVAL; -EOPNOTSUPP for a key that is understood and not offered (vlan).
 */
int bridge_config_parse(
	const struct cni_request *request, struct bridge_config *ret, struct error *err);
void bridge_config_release(struct bridge_config *config);
static inline void auto_bridge_config_release(struct bridge_config *config)
{
	bridge_config_release(config);
}

#endif
