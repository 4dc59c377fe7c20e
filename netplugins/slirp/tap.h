/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIRP_TAP_H
#define SLIRP_TAP_H

#include "cni/netns.h"
#include "config.h"

/* struct tap - the interface inside the namespace and our end of it. */
struct tap {
	int fd; /* non-blocking, one Ethernet frame per read and write */
	uint8_t mac[6];
	bool ipv6; /* it has an IPv6 address */
};

/*
 * tap_create - make the interface in the namespace, with addresses and default routes, and bring
 * it and lo up. The calling process enters the namespace and stays: who enters that of a container
 * without privilege outside cannot come back.
 * Returns 0; -EEXIST when the name is taken; -ENODEV without /dev/net/tun.
 */
int tap_create(const struct netns *netns, const char *name, const struct slirp_config *config,
	struct tap *ret, struct error *err);

/* Enters as well; looks whether interface and addresses are there as tap_create() made them. */
int tap_check(const struct netns *netns, const char *name, const struct slirp_config *config,
	bool ipv6, struct error *err);

/* Whether /dev/net/tun can be opened: 0; -ENODEV with the remedy. */
int tap_probe(struct error *err);

#endif
