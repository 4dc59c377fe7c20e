/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIRP_CONFIG_H
#define SLIRP_CONFIG_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "cni/request.h"
#include "netlink/netlink.h"

/* struct slirp_port - one forwarded port, checked. */
struct slirp_port {
	bool udp;
	struct netlink_address host; /* the address that listens */
	uint16_t host_port;
	uint16_t guest_port;
};

/* struct slirp_config - the plugin's configuration with all defaults filled in. */
struct slirp_config {
	char *state_dir;
	uint32_t mtu;
	bool allow_host_loopback;
	bool has_mac;
	uint8_t mac[6];

	struct in_addr network, netmask;
	uint8_t prefix;
	/* Host part .2 is the gateway and the host, .3 the name server, .100 the container. */
	struct netlink_address guest, gateway, nameserver;

	bool ipv6;          /* wanted */
	bool ipv6_required; /* asked for: its absence is an error */
	struct in6_addr network6;
	struct netlink_address guest6, gateway6, nameserver6;

	char *dns_upstream; /* NULL: what /etc/resolv.conf says */
	bool has_outbound, has_outbound6;
	struct sockaddr_in outbound;
	struct sockaddr_in6 outbound6;

	struct slirp_port *ports;
	size_t port_count;
};

/*
 * slirp_config_parse - read a request's configuration.
 * Returns 0; -EINVAL for a value that makes no sense; -EOPNOTSUPP for one that we cannot serve,
 * named with key and value (CNI code 2).
 */
int slirp_config_parse(
	const struct cni_request *request, struct slirp_config *ret, struct error *err);

/* "127.0.0.1:8080/tcp"; owned by the caller. */
char *slirp_port_format(const struct slirp_port *port);

void slirp_config_release(struct slirp_config *config);
static inline void auto_slirp_config_release(struct slirp_config *config)
{
	slirp_config_release(config);
}

#endif
