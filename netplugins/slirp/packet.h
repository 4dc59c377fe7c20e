/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIRP_PACKET_H
#define SLIRP_PACKET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What frames of the container may reach the stack.
 *
 * libslirp opens a socket of the host for whatever destination a packet names, and for the gateway
 * that is the host's loopback. It can be told to refuse that (disable_host_loopback), but then it
 * refuses answers of published UDP ports to clients there as well: to it, a datagram is a datagram.
 * So the host's loopback is open in libslirp, and what may pass is decided here, by what a packet
 * would open. Root in a container writes raw frames; every field is taken for hostile.
 */

/* struct packet_rules - the addresses of the network that mean something. */
struct packet_rules {
	bool allow_host_loopback;
	struct in_addr network, netmask, guest, gateway, nameserver;
	struct in6_addr network6, guest6, gateway6, nameserver6; /* of a /64 */
};

enum packet_verdict {
	PACKET_DROP,
	PACKET_PASS,
	PACKET_REFUSE, /* opens a connection to the host: the container may be told */
	PACKET_ANSWER, /* datagram to the host: may pass if the host spoke first, else as REFUSE */
};

/* struct packet_ports - the ends of a UDP datagram between the host's loopback and the container.
 */
struct packet_ports {
	bool v6;
	uint16_t host, guest;
};

/*
 * packet_judge - what to do with an Ethernet frame of the container.
 * @ret: the ports, with PACKET_ANSWER only
 *
 * Whatever is allowed, a destination of 127.x, 0.x, ::1, :: or an IPv4 address in IPv6 clothes is
 * dropped: these never are valid on a wire (RFC 1122, 3.2.1.3; RFC 4291, 2.5.2-2.5.5). So is what
 * is neither IP nor ARP, and IPv4 fragments, which fragments_take() has to put together before.
 */
enum packet_verdict packet_judge(const struct packet_rules *rules, const uint8_t *frame, size_t len,
	struct packet_ports *ret);

/* Whether a frame for the container is a datagram from the host's loopback; its ports, if so. */
bool packet_is_question(const struct packet_rules *rules, const uint8_t *frame, size_t len,
	struct packet_ports *ret);

#endif
