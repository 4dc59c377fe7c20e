/* SPDX-License-Identifier: Apache-2.0 */
#include "fragments.h"

#include <net/ethernet.h>
#include <string.h>

#include "base/str.h"
#include "header.h"

#define FRAME_MAX (ETHER_HDR_LEN + IP_MAXPACKET)

static void drop(struct fragments_datagram *datagram)
{
	free(datagram->frame);
	*datagram = (struct fragments_datagram){0};
}

/* RFC 791, 3.2: what the pieces of a datagram have in common. */
static bool belongs(const struct fragments_datagram *datagram, const struct ip *piece)
{
	struct ip first;

	if (!datagram->frame)
		return false;
	memcpy(&first, datagram->frame + ETHER_HDR_LEN, sizeof(first));
	return first.ip_id == piece->ip_id && first.ip_p == piece->ip_p &&
	       first.ip_src.s_addr == piece->ip_src.s_addr &&
	       first.ip_dst.s_addr == piece->ip_dst.s_addr;
}

static struct fragments_datagram *find(
	struct fragments *fragments, const struct ip *piece, int64_t now_ms)
{
	for (size_t i = 0; i < FRAGMENTS_MAX; i++) {
		struct fragments_datagram *at = &fragments->datagrams[i];

		if (at->frame && now_ms - at->began_ms >= FRAGMENTS_TIMEOUT_MS)
			drop(at);
		if (belongs(at, piece))
			return at;
	}
	return NULL;
}

/* A free place, or that of the eldest. */
static struct fragments_datagram *make_room(struct fragments *fragments)
{
	struct fragments_datagram *eldest = &fragments->datagrams[0];

	for (size_t i = 0; i < FRAGMENTS_MAX; i++) {
		struct fragments_datagram *at = &fragments->datagrams[i];

		if (!at->frame)
			return at;
		if (at->began_ms < eldest->began_ms)
			eldest = at;
	}
	drop(eldest);
	return eldest;
}

static struct fragments_datagram *begin(
	struct fragments *fragments, const uint8_t *frame, size_t header_len, int64_t now_ms)
{
	struct fragments_datagram *datagram = make_room(fragments);

	datagram->frame = xmalloc(FRAME_MAX);
	datagram->header_len = header_len;
	datagram->began_ms = now_ms;
	memcpy(datagram->frame, frame, header_len);
	return datagram;
}

static bool append(struct fragments_datagram *datagram, const struct payload *piece)
{
	size_t end = datagram->header_len + datagram->len;

	if (piece->len > FRAME_MAX - end)
		return false;
	memcpy(datagram->frame + end, piece->data, piece->len);
	datagram->len += piece->len;
	return true;
}

/* Makes the first piece's header that of the whole; returns the length of the frame. */
static size_t finish(struct fragments *fragments, struct fragments_datagram *datagram)
{
	uint8_t *packet = datagram->frame + ETHER_HDR_LEN;
	size_t header_len = datagram->header_len - ETHER_HDR_LEN;
	size_t frame_len = datagram->header_len + datagram->len;
	struct ip ip;

	memcpy(&ip, packet, sizeof(ip));
	ip.ip_off = 0;
	ip.ip_len = htons((uint16_t)(frame_len - ETHER_HDR_LEN));
	ip.ip_sum = 0;
	memcpy(packet, &ip, sizeof(ip));
	ip.ip_sum = header_checksum(header_add_words(0, packet, header_len));
	memcpy(packet, &ip, sizeof(ip));
	free(fragments->whole);
	fragments->whole = take_ptr(datagram->frame);
	drop(datagram);
	return frame_len;
}

/* The datagram that a piece was added to, or NULL when it fits none. */
static struct fragments_datagram *add_piece(struct fragments *fragments, const uint8_t *frame,
	const struct ip *ip, const struct payload *piece, int64_t now_ms)
{
	struct fragments_datagram *datagram = find(fragments, ip, now_ms);
	unsigned off = ntohs(ip->ip_off);
	size_t at = (size_t)(off & IP_OFFMASK) * 8;

	if (datagram && at == 0) {
		drop(datagram);
		datagram = NULL;
	}
	/* All but the last are multiples of eight; an empty one moves nothing on. */
	if (piece->len == 0 || ((off & IP_MF) && piece->len % 8 != 0) || (off & IP_RF))
		at = SIZE_MAX;
	if (!datagram && at == 0)
		datagram = begin(fragments, frame, (size_t)(piece->data - frame), now_ms);
	if (!datagram)
		return NULL;
	if (at != datagram->len || !append(datagram, piece)) {
		drop(datagram);
		return NULL;
	}
	return datagram;
}

bool fragments_take(struct fragments *fragments, const uint8_t *frame, size_t len, int64_t now_ms,
	const uint8_t **ret, size_t *ret_len)
{
	struct fragments_datagram *datagram;
	struct payload piece;
	struct ip ip;

	if (header_ethertype(frame, len) != ETHERTYPE_IP ||
		!header_read_ipv4(frame, len, &ip, &piece) || !(ntohs(ip.ip_off) & ~IP_DF)) {
		*ret = frame;
		*ret_len = len;
		return true;
	}
	datagram = add_piece(fragments, frame, &ip, &piece, now_ms);
	if (!datagram || (ntohs(ip.ip_off) & IP_MF))
		return false;
	*ret_len = finish(fragments, datagram);
	*ret = fragments->whole;
	return true;
}

void fragments_release(struct fragments *fragments)
{
	for (size_t i = 0; i < FRAGMENTS_MAX; i++)
		drop(&fragments->datagrams[i]);
	free(fragments->whole);
	fragments->whole = NULL;
}
