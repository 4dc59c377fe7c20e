/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIRP_HEADER_H
#define SLIRP_HEADER_H

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* struct payload - what follows an IP header, as far as its length field reaches. Borrowed. */
struct payload {
	const uint8_t *data;
	size_t len;
};

/* ETHERTYPE_IP and the like of a frame; 0 when there is none. */
unsigned header_ethertype(const uint8_t *frame, size_t len);

/*
 * Read the header of the packet in a frame. False when it is of another version, or the lengths in
 * it contradict each other or the frame.
 */
bool header_read_ipv4(
	const uint8_t *frame, size_t len, struct ip *ret, struct payload *ret_payload);
bool header_read_ipv6(
	const uint8_t *frame, size_t len, struct ip6_hdr *ret, struct payload *ret_payload);

/* Sums 16-bit words as they lie in memory; header_checksum() of the sum then lies right as well. */
uint32_t header_add_words(uint32_t sum, const void *data, size_t len);
uint16_t header_checksum(uint32_t sum);

#endif
