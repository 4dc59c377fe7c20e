/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIRP_FRAGMENTS_H
#define SLIRP_FRAGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * struct fragments - IPv4 datagrams of the container that are being put together.
 *
 * libslirp would do it, but what a fragment opens can be judged in the whole datagram only, and the
 * reassembly of libslirp 4.7 follows pointers that a container can write. Here pieces are taken in
 * their order and without overlap, as a kernel sends them over a link that keeps the order; others
 * end their datagram. All zero is a good start.
 */
#define FRAGMENTS_MAX 8 /* datagrams at a time; the eldest makes room */
#define FRAGMENTS_TIMEOUT_MS 30000

struct fragments {
	struct fragments_datagram {
		uint8_t *
			frame; /* Ethernet and IP header of the first piece, data so far; or NULL */
		size_t header_len; /* of both */
		size_t len;        /* of data so far */
		int64_t began_ms;
	} datagrams[FRAGMENTS_MAX];
	uint8_t *whole; /* the last that was completed, or NULL */
};

/*
 * fragments_take - take a frame that may be a piece of a datagram.
 * @ret: the frame itself when it is none, or the datagram that it completed, which is good until
 *       the next call; untouched when there is nothing to pass on yet
 *
 * Returns whether there is something to pass on.
 */
bool fragments_take(struct fragments *fragments, const uint8_t *frame, size_t len, int64_t now_ms,
	const uint8_t **ret, size_t *ret_len);

void fragments_release(struct fragments *fragments);

#endif
