/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETLINK_NETLINK_H
#define NETLINK_NETLINK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* struct netlink - an rtnetlink socket of the network namespace it was opened in (rtnetlink(7)). */
struct netlink;

int netlink_open(struct netlink **ret, struct error *err);
void netlink_close(struct netlink *nl);
DEFINE_AUTO(struct netlink *, netlink_close);

/* struct netlink_address - an IPv4 or IPv6 address with a prefix length. */
struct netlink_address {
	int family; /* AF_INET or AF_INET6 */
	union {
		struct in_addr v4;
		struct in6_addr v6;
	} ip;
	uint8_t prefix;
};

/* "10.0.2.100/24" or "fd00::100/64"; without a length the whole address. 0; -EINVAL. */
int netlink_address_parse(const char *text, struct netlink_address *ret, struct error *err);
/* The address without its prefix length; owned by the caller. */
char *netlink_address_format(const struct netlink_address *address);

/* struct link_change - what link_set() changes; zero and NULL leave things as they are. */
struct link_change {
	bool up;
	uint32_t mtu;
	const uint8_t *mac; /* 6 bytes */
	bool no_link_local; /* the kernel makes no fe80:: address by itself */
	int master;         /* index of the bridge that it becomes a port of */
	bool promiscuous;
};
int link_set(struct netlink *nl, int index, const struct link_change *change, struct error *err);

/* struct link_info - what link_get() finds beside the index. */
struct link_info {
	bool up;
	uint32_t mtu;
	uint8_t mac[6];
	int master;    /* index of its bridge; 0: none */
	char kind[16]; /* "bridge", "veth", "" for what was not made */
};
/* Index of an interface of our namespace; -ENODEV. @ret may be NULL. */
int link_get(struct netlink *nl, const char *name, struct link_info *ret, struct error *err);

/* Makes a bridge that is down. @mac NULL: of the kernel's choice. Returns its index; -EEXIST. */
int link_add_bridge(
	struct netlink *nl, const char *name, const uint8_t *mac, uint32_t mtu, struct error *err);

/* struct veth - a pair of interfaces (veth(4)): one here, its peer in another namespace. */
struct veth {
	const char *name;
	const char *peer_name;
	const uint8_t *peer_mac; /* NULL: of the kernel's choice */
	int peer_netns_fd;
	uint32_t mtu; /* of both; 0: the kernel's */
	int master;   /* index of the bridge that it becomes a port of; 0: none */
};
/* Makes both, down. Returns the index of ours; -EEXIST when either name is taken. */
int link_add_veth(struct netlink *nl, const struct veth *veth, struct error *err);

/* Success when it is gone already. */
int link_delete(struct netlink *nl, int index, struct error *err);

/* struct bridge_port - how a bridge treats one of its ports. */
struct bridge_port {
	bool hairpin;  /* what came in on it may leave by it */
	bool isolated; /* it reaches no other isolated port */
};
int bridge_port_set(
	struct netlink *nl, int index, const struct bridge_port *port, struct error *err);

/* Adds an address; IPv6 without duplicate detection, which would delay its use by a second. */
int address_add(
	struct netlink *nl, int index, const struct netlink_address *address, struct error *err);
/* 1 when the interface has the address, 0 when not. */
int address_find(
	struct netlink *nl, int index, const struct netlink_address *address, struct error *err);

/* Success when it is gone already. */
int address_delete(
	struct netlink *nl, int index, const struct netlink_address *address, struct error *err);
/* 1 when the interface has another address of the network that @address is in. */
int address_find_other(struct netlink *nl, int index, const struct netlink_address *address,
	struct netlink_address *ret, struct error *err);

/* struct route - what route_add() may be told beyond the way; zero is the kernel's choice. */
struct route {
	const struct netlink_address *dst;     /* NULL: default route of the gateway's family */
	const struct netlink_address *gateway; /* NULL: on the link itself */
	uint32_t mtu, advmss, priority, table;
	bool has_scope;
	uint8_t scope; /* RT_SCOPE_* */
};
/* 0; -EEXIST as the kernel. */
int route_add(struct netlink *nl, int index, const struct route *route, struct error *err);

/* Six bytes as "02:11:22:33:44:55" and back; -EINVAL. */
char *mac_format(const uint8_t mac[6]);
int mac_parse(const char *text, uint8_t ret[6]);

#endif
