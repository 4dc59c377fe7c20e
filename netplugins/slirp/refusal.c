/* SPDX-License-Identifier: Apache-2.0 */
#include "refusal.h"

#include <assert.h>
#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "header.h"

/* Of the packet refused: its header and the ports, by which the sender finds its socket. */
#define QUOTED_PAYLOAD 8
#define ICMP_HEADER 8

static_assert(
	ETHER_HDR_LEN + sizeof(struct ip) + ICMP_HEADER + 60 + QUOTED_PAYLOAD <= REFUSAL_MAX &&
		ETHER_HDR_LEN + 2 * sizeof(struct ip6_hdr) + ICMP_HEADER + QUOTED_PAYLOAD <=
			REFUSAL_MAX,
	"the longest IPv4 header, and the IPv6 header, fit twice");

static void swap_ethernet(const uint8_t *frame, uint8_t *ret)
{
	memcpy(ret, frame + ETH_ALEN, ETH_ALEN);
	memcpy(ret + ETH_ALEN, frame, ETH_ALEN);
	memcpy(ret + 12, frame + 12, 2);
}

static size_t refuse_ipv4(const uint8_t *packet, size_t len, uint8_t *ret)
{
	struct icmphdr icmp = {.type = ICMP_DEST_UNREACH, .code = ICMP_PKT_FILTERED};
	uint8_t *at = ret + sizeof(struct ip);
	struct ip ip, answer;
	size_t quoted;

	if (len < sizeof(ip))
		return 0;
	memcpy(&ip, packet, sizeof(ip));
	quoted = (size_t)ip.ip_hl * 4 + QUOTED_PAYLOAD;
	if (len < quoted)
		return 0;
	answer = (struct ip){.ip_v = 4,
		.ip_hl = 5,
		.ip_len = htons((uint16_t)(sizeof(answer) + ICMP_HEADER + quoted)),
		.ip_ttl = 64,
		.ip_p = IPPROTO_ICMP,
		.ip_src = ip.ip_dst,
		.ip_dst = ip.ip_src};
	answer.ip_sum = header_checksum(header_add_words(0, &answer, sizeof(answer)));
	icmp.checksum = header_checksum(
		header_add_words(header_add_words(0, &icmp, ICMP_HEADER), packet, quoted));
	memcpy(ret, &answer, sizeof(answer));
	memcpy(at, &icmp, ICMP_HEADER);
	memcpy(at + ICMP_HEADER, packet, quoted);
	return sizeof(answer) + ICMP_HEADER + quoted;
}

static size_t refuse_ipv6(const uint8_t *packet, size_t len, uint8_t *ret)
{
	struct icmp6_hdr icmp = {
		.icmp6_type = ICMP6_DST_UNREACH, .icmp6_code = ICMP6_DST_UNREACH_ADMIN};
	uint8_t *at = ret + sizeof(struct ip6_hdr);
	size_t quoted = sizeof(struct ip6_hdr) + QUOTED_PAYLOAD;
	uint32_t sum = htons(IPPROTO_ICMPV6);
	struct ip6_hdr ip, answer;

	if (len < quoted)
		return 0;
	memcpy(&ip, packet, sizeof(ip));
	answer = (struct ip6_hdr){.ip6_flow = htonl(6U << 28),
		.ip6_plen = htons((uint16_t)(ICMP_HEADER + quoted)),
		.ip6_nxt = IPPROTO_ICMPV6,
		.ip6_hlim = 64,
		.ip6_src = ip.ip6_dst,
		.ip6_dst = ip.ip6_src};
	/* RFC 8200, 8.1: the sum is over the addresses, the length and the protocol as well. */
	sum = header_add_words(sum + answer.ip6_plen, &answer.ip6_src, sizeof(answer.ip6_src));
	sum = header_add_words(sum, &answer.ip6_dst, sizeof(answer.ip6_dst));
	sum = header_add_words(header_add_words(sum, &icmp, ICMP_HEADER), packet, quoted);
	icmp.icmp6_cksum = header_checksum(sum);
	memcpy(ret, &answer, sizeof(answer));
	memcpy(at, &icmp, ICMP_HEADER);
	memcpy(at + ICMP_HEADER, packet, quoted);
	return sizeof(answer) + ICMP_HEADER + quoted;
}

size_t refusal_write(const uint8_t *frame, size_t len, uint8_t ret[REFUSAL_MAX])
{
	size_t size = 0;

	if (len < ETHER_HDR_LEN)
		return 0;
	swap_ethernet(frame, ret);
	if (frame[12] == 0x08 && frame[13] == 0x00)
		size = refuse_ipv4(frame + ETHER_HDR_LEN, len - ETHER_HDR_LEN, ret + ETHER_HDR_LEN);
	else if (frame[12] == 0x86 && frame[13] == 0xdd)
		size = refuse_ipv6(frame + ETHER_HDR_LEN, len - ETHER_HDR_LEN, ret + ETHER_HDR_LEN);
	return size ? ETHER_HDR_LEN + size : 0;
}
