/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_PACKET_RULES_H
#define TESTS_PACKET_RULES_H

#include <arpa/inet.h>

#include "../../netplugins/slirp/packet.h"

/* The slirp plugin's default network, for the unit test and the fuzzer of its packet rules. */
static inline struct packet_rules default_packet_rules(bool allow_host_loopback)
{
	struct packet_rules rules = {.allow_host_loopback = allow_host_loopback};

	inet_pton(AF_INET, "10.0.2.0", &rules.network);
	inet_pton(AF_INET, "255.255.255.0", &rules.netmask);
	inet_pton(AF_INET, "10.0.2.100", &rules.guest);
	inet_pton(AF_INET, "10.0.2.2", &rules.gateway);
	inet_pton(AF_INET, "10.0.2.3", &rules.nameserver);
	inet_pton(AF_INET6, "fd00::", &rules.network6);
	inet_pton(AF_INET6, "fd00::100", &rules.guest6);
	inet_pton(AF_INET6, "fd00::2", &rules.gateway6);
	inet_pton(AF_INET6, "fd00::3", &rules.nameserver6);
	return rules;
}

#endif
