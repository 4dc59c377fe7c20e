/* SPDX-License-Identifier: Apache-2.0 */
#include "packet.h"

#include <net/ethernet.h>
#include <string.h>

#define IPV4_DESTINATION (ETHER_HDR_LEN + 16)
#define IPV6_DESTINATION (ETHER_HDR_LEN + 24)

static bool ipv4_is_allowed(const uint8_t *destination)
{
	return destination[0] != 127 && destination[0] != 0;
}

static bool ipv6_is_allowed(const uint8_t *destination)
{
	static const uint8_t zeros[10];

	/* ::, ::1, ::a.b.c.d and ::ffff:a.b.c.d all begin with ten zero bytes. */
	return memcmp(destination, zeros, sizeof(zeros)) != 0;
}

bool packet_is_allowed(const uint8_t *frame, size_t len)
{
	unsigned type;

	if (len < ETHER_HDR_LEN)
		return false;
	type = (unsigned)frame[12] << 8 | frame[13];
	if (type == ETHERTYPE_ARP)
		return true;
	if (type == ETHERTYPE_IP)
		return len >= IPV4_DESTINATION + 4 && ipv4_is_allowed(frame + IPV4_DESTINATION);
	if (type == ETHERTYPE_IPV6)
		return len >= IPV6_DESTINATION + 16 && ipv6_is_allowed(frame + IPV6_DESTINATION);
	return false;
}
