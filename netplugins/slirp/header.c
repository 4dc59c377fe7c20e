/* SPDX-License-Identifier: Apache-2.0 */
#include "header.h"

#include <net/ethernet.h>
#include <string.h>

unsigned header_ethertype(const uint8_t *frame, size_t len)
{
	return len < ETHER_HDR_LEN ? 0 : (unsigned)frame[12] << 8 | frame[13];
}

bool header_read_ipv4(const uint8_t *frame, size_t len, struct ip *ret, struct payload *ret_payload)
{
	const uint8_t *packet = frame + ETHER_HDR_LEN;
	size_t header_len, total;

	if (len < ETHER_HDR_LEN + sizeof(*ret))
		return false;
	memcpy(ret, packet, sizeof(*ret));
	header_len = (size_t)ret->ip_hl * 4;
	total = ntohs(ret->ip_len);
	if (ret->ip_v != 4 || header_len < sizeof(*ret) || total < header_len ||
		total > len - ETHER_HDR_LEN)
		return false;
	*ret_payload = (struct payload){packet + header_len, total - header_len};
	return true;
}

bool header_read_ipv6(
	const uint8_t *frame, size_t len, struct ip6_hdr *ret, struct payload *ret_payload)
{
	const uint8_t *packet = frame + ETHER_HDR_LEN;
	size_t payload_len;

	if (len < ETHER_HDR_LEN + sizeof(*ret))
		return false;
	memcpy(ret, packet, sizeof(*ret));
	payload_len = ntohs(ret->ip6_plen);
	if (packet[0] >> 4 != 6 || payload_len > len - ETHER_HDR_LEN - sizeof(*ret))
		return false;
	*ret_payload = (struct payload){packet + sizeof(*ret), payload_len};
	return true;
}

uint32_t header_add_words(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint16_t word;

	for (size_t i = 0; i + 1 < len; i += 2) {
		memcpy(&word, bytes + i, sizeof(word));
		sum += word;
	}
	return sum;
}

uint16_t header_checksum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}
