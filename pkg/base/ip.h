/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_IP_H
#define BASE_IP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* struct ip_address - IPv4 or IPv6, as values: copied, compared, counted up. */
struct ip_address {
	int family;        /* AF_INET or AF_INET6; 0: none */
	uint8_t bytes[16]; /* network order; the first four of IPv4, the rest zero */
};

/* struct ip_network - all addresses that begin with the same @prefix bits. */
struct ip_network {
	struct ip_address base; /* the other bits are zero */
	uint8_t prefix;
};

/* Longest text of an address, its NUL included. */
#define IP_TEXT_SIZE 46

/* "10.1.0.5" or "fd00::5", nothing behind it. 0; -EINVAL. */
int ip_address_parse(const char *text, struct ip_address *ret, struct error *err);
void ip_address_format(const struct ip_address *address, char ret[IP_TEXT_SIZE]);
/* Number of bits: 32 or 128. */
unsigned ip_address_bits(const struct ip_address *address);
/* As memcmp(); IPv4 comes before IPv6. */
int ip_address_compare(const struct ip_address *left, const struct ip_address *right);
/* The one behind it; from the last address to the first. */
struct ip_address ip_address_next(struct ip_address address);

/*
 * ip_network_parse - "10.1.0.0/16".
 * @ret_address: the address as written, which may have bits behind the prefix ("10.1.0.5/16");
 *               NULL: such bits are an error
 * Returns 0; -EINVAL.
 */
int ip_network_parse(const char *text, struct ip_network *ret, struct ip_address *ret_address,
	struct error *err);
bool ip_network_contains(const struct ip_network *network, const struct ip_address *address);
bool ip_networks_overlap(const struct ip_network *left, const struct ip_network *right);
/* The last address; of IPv4 it is the broadcast address. */
struct ip_address ip_network_last(const struct ip_network *network);
/*
 * First and last address that an interface can have. Those of /31, /32, /127 and /128 have no
 * network and broadcast address (RFC 3021, RFC 6164).
 */
void ip_network_hosts(const struct ip_network *network, struct ip_address *ret_first,
	struct ip_address *ret_last);

#endif
