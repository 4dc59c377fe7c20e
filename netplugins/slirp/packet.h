/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIRP_PACKET_H
#define SLIRP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * packet_is_allowed - whether an Ethernet frame of the container may reach the stack.
 *
 * The stack connects to whatever destination a packet names. The container's kernel sends none
 * to 127.0.0.0/8, but root in a container writes raw frames: a destination of 127.x, 0.x, ::1,
 * :: or an IPv4 address in IPv6 clothes would be a socket of the host's own loopback, past
 * allowHostLoopback. These never are valid on a wire (RFC 1122, 3.2.1.3; RFC 4291, 2.5.2-2.5.5).
 */
bool packet_is_allowed(const uint8_t *frame, size_t len);

#endif
