/* SPDX-License-Identifier: Apache-2.0 */
#include "mend.h"

#include <net/ethernet.h>
#include <netinet/udp.h>
#include <string.h>

#include "header.h"

/* RFC 1624: the sum over new words from that over the old ones, whatever else it is over. */
static uint16_t update(uint16_t checksum, const void *from, const void *to, size_t len)
{
	uint32_t sum = (uint16_t)~checksum;

	sum += (uint32_t)(len / 2) * 0xffff - header_add_words(0, from, len);
	return header_checksum(header_add_words(sum, to, len));
}

/* The addresses are part of the sum. A sum of zero stands for none (RFC 768). */
static void update_udp(uint8_t *header, const void *from, const void *to, size_t len)
{
	struct udphdr udp;

	memcpy(&udp, header, sizeof(udp));
	if (udp.uh_sum == 0)
		return;
	udp.uh_sum = update(udp.uh_sum, from, to, len);
	if (udp.uh_sum == 0)
		udp.uh_sum = 0xffff;
	memcpy(header, &udp, sizeof(udp));
}

static bool mend4(const struct packet_rules *rules, const uint8_t *frame, size_t len, uint8_t *ret)
{
	struct payload payload;
	struct in_addr old;
	struct ip ip;

	if (!header_read_ipv4(frame, len, &ip, &payload) || ip.ip_p != IPPROTO_UDP ||
		ip.ip_src.s_addr != htonl(INADDR_LOOPBACK))
		return false;
	old = ip.ip_src;
	ip.ip_src = rules->gateway;
	ip.ip_sum = update(ip.ip_sum, &old, &ip.ip_src, sizeof(old));
	memcpy(ret, frame, len);
	memcpy(ret + ETHER_HDR_LEN, &ip, sizeof(ip));
	/* Of a datagram in fragments the first has the UDP header. */
	if (!(ntohs(ip.ip_off) & IP_OFFMASK) && payload.len >= sizeof(struct udphdr))
		update_udp(ret + (payload.data - frame), &old, &ip.ip_src, sizeof(old));
	return true;
}

static bool mend6(const struct packet_rules *rules, const uint8_t *frame, size_t len, uint8_t *ret)
{
	struct payload payload;
	struct in6_addr old;
	struct ip6_hdr ip;

	if (!header_read_ipv6(frame, len, &ip, &payload) || ip.ip6_nxt != IPPROTO_UDP ||
		!IN6_IS_ADDR_LOOPBACK(&ip.ip6_src) || payload.len < sizeof(struct udphdr))
		return false;
	old = ip.ip6_src;
	ip.ip6_src = rules->gateway6;
	memcpy(ret, frame, len);
	memcpy(ret + ETHER_HDR_LEN, &ip, sizeof(ip));
	update_udp(ret + (payload.data - frame), &old, &ip.ip6_src, sizeof(old));
	return true;
}

bool mend_source(const struct packet_rules *rules, const uint8_t *frame, size_t len, uint8_t *ret)
{
	switch (header_ethertype(frame, len)) {
	case ETHERTYPE_IP:
		return mend4(rules, frame, len, ret);
	case ETHERTYPE_IPV6:
		return mend6(rules, frame, len, ret);
	default:
		return false;
	}
}
