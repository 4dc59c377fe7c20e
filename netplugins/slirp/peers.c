/* SPDX-License-Identifier: Apache-2.0 */
#include "peers.h"

#include <string.h>

static void set_bit(uint8_t *bits, uint16_t port)
{
	bits[port / 8] |= (uint8_t)(1U << port % 8);
}

static bool has_bit(const uint8_t *bits, uint16_t port)
{
	return bits[port / 8] >> port % 8 & 1;
}

static void turn(struct peers *peers, int64_t now_ms)
{
	int64_t age = now_ms - peers->turned_ms;

	if (age < PEERS_TURN_MS)
		return;
	if (age < 2 * PEERS_TURN_MS)
		memcpy(peers->ports[1], peers->ports[0], sizeof(peers->ports[1]));
	else
		memset(peers->ports[1], 0, sizeof(peers->ports[1]));
	memset(peers->ports[0], 0, sizeof(peers->ports[0]));
	peers->turned_ms = now_ms;
}

void peers_note(struct peers *peers, const struct packet_ports *ports, int64_t now_ms)
{
	struct peer_ports *now;

	turn(peers, now_ms);
	now = &peers->ports[0][ports->v6];
	set_bit(now->host, ports->host);
	set_bit(now->guest, ports->guest);
}

bool peers_know(struct peers *peers, const struct packet_ports *ports, int64_t now_ms)
{
	turn(peers, now_ms);
	for (int i = 0; i < 2; i++) {
		const struct peer_ports *at = &peers->ports[i][ports->v6];

		if (has_bit(at->host, ports->host) && has_bit(at->guest, ports->guest))
			return true;
	}
	return false;
}
