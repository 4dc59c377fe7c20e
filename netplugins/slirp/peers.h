/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIRP_PEERS_H
#define SLIRP_PEERS_H

#include "packet.h"

/*
 * struct peers - ports on the host's loopback that spoke to published UDP ports of late, and those
 * that were spoken to. A container may answer them, and nobody else there. All zero is a good
 * start.
 */
#define PEERS_TURN_MS INT64_C(180000)
struct peers {
	int64_t turned_ms;
	/* By age (this turn, the one before) and family, a bit for each port. */
	struct peer_ports {
		uint8_t host[8192], guest[8192];
	} ports[2][2];
};

/* The host spoke to the container. */
void peers_note(struct peers *peers, const struct packet_ports *ports, int64_t now_ms);
/* Whether that was so, one to two turns ago at most. */
bool peers_know(struct peers *peers, const struct packet_ports *ports, int64_t now_ms);

#endif
