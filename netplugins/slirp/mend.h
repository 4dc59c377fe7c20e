/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIRP_MEND_H
#define SLIRP_MEND_H

#include "packet.h"

/*
 * mend_source - give a datagram from the host's loopback the source that it should have.
 * @frame:  one that libslirp sends to the container
 * @ret:    @len bytes, written when there was something to mend
 *
 * A published UDP port of libslirp translates 127.0.0.1 and ::1 to the gateway only as long as the
 * last answer did not go elsewhere. After that a container would get datagrams from its own
 * loopback over the wire, and drop them.
 *
 * Returns whether @ret was written.
 */
bool mend_source(const struct packet_rules *rules, const uint8_t *frame, size_t len, uint8_t *ret);

#endif
