/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIRP_REFUSAL_H
#define SLIRP_REFUSAL_H

#include <stddef.h>
#include <stdint.h>

#define REFUSAL_MAX 128

/*
 * refusal_write - the frame that tells the sender of a TCP or UDP packet that it did not get
 * through: ICMP "communication administratively prohibited" (RFC 1812, 5.2.7.1; RFC 4443, 3.1) of
 * the address that it was sent to. Without one a program waits for minutes.
 * @frame: one that packet_judge() refuses
 *
 * Returns its length; 0 when there is none for this frame.
 */
size_t refusal_write(const uint8_t *frame, size_t len, uint8_t ret[REFUSAL_MAX]);

#endif
