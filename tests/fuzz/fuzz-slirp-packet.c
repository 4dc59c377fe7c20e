/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames of a hostile container, through the slirp plugin's judgement into a real libslirp: what it
 * would send to the host's loopback is caught here, and must be an answer or DNS.
 *
 * The input is a byte of options, then frames, each behind two bytes of its length.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libslirp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../../netplugins/slirp/fragments.h"
#include "../../netplugins/slirp/mend.h"
#include "../../netplugins/slirp/packet.h"
#include "../../netplugins/slirp/peers.h"
#include "../../netplugins/slirp/refusal.h"
#include "../support/packet-rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct packet_rules rules;
static struct peers peers;
static struct fragments fragments;
/* Whether the frame in hand may lead to the host's loopback. */
static bool may_reach_host;

static bool is_loopback(const struct sockaddr *address)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;

	if (address->sa_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127 || v4->sin_addr.s_addr == 0;
	return address->sa_family == AF_INET6 &&
	       (IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr) || IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr) ||
		       IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr));
}

/* In place of the C library's: libslirp comes here, and nothing leaves. */
int connect(int fd, const struct sockaddr *address, socklen_t size)
{
	(void)fd;
	(void)size;
	if (is_loopback(address) && !may_reach_host)
		abort();
	errno = ENETUNREACH;
	return -1;
}

ssize_t sendto(int fd, const void *data, size_t len, int flags, const struct sockaddr *address,
	socklen_t size)
{
	(void)fd;
	(void)data;
	(void)flags;
	(void)size;
	if (address && is_loopback(address) && !may_reach_host)
		abort();
	return (ssize_t)len;
}

static ssize_t on_send(const void *data, size_t len, void *opaque)
{
	static uint8_t mended[1 << 16];
	struct packet_ports ports;

	(void)opaque;
	if (len > sizeof(mended))
		abort();
	mend_source(&rules, data, len, mended);
	packet_is_question(&rules, data, len, &ports);
	return (ssize_t)len;
}

static void on_error(const char *message, void *opaque)
{
	(void)message;
	(void)opaque;
}

static int64_t on_clock(void *opaque)
{
	(void)opaque;
	return 1;
}

static void *on_timer_new(SlirpTimerId id, void *cb_opaque, void *opaque)
{
	(void)id;
	(void)cb_opaque;
	return opaque;
}

static void on_timer_free(void *timer, void *opaque)
{
	(void)timer;
	(void)opaque;
}

static void on_timer_mod(void *timer, int64_t expire_ms, void *opaque)
{
	(void)timer;
	(void)expire_ms;
	(void)opaque;
}

static void on_fd(int fd, void *opaque)
{
	(void)fd;
	(void)opaque;
}

static void on_notify(void *opaque)
{
	(void)opaque;
}

static const SlirpCb callbacks = {.send_packet = on_send,
	.guest_error = on_error,
	.clock_get_ns = on_clock,
	.timer_new_opaque = on_timer_new,
	.timer_free = on_timer_free,
	.timer_mod = on_timer_mod,
	.register_poll_fd = on_fd,
	.unregister_poll_fd = on_fd,
	.notify = on_notify};

static void make_rules(bool allow)
{
	rules = default_packet_rules(allow);
}

static Slirp *make_slirp(void)
{
	SlirpConfig config = {.version = 4,
		.in_enabled = true,
		.vnetwork = rules.network,
		.vnetmask = rules.netmask,
		.vhost = rules.gateway,
		.vnameserver = rules.nameserver,
		.vdhcp_start = rules.guest,
		.in6_enabled = true,
		.vprefix_addr6 = rules.network6,
		.vprefix_len = 64,
		.vhost6 = rules.gateway6,
		.vnameserver6 = rules.nameserver6,
		.if_mtu = 65520,
		.if_mru = 65520,
		.disable_dhcp = true};

	return slirp_new(&config, &callbacks, NULL);
}

/* DNS goes where the host's resolv.conf says, which may be its loopback. */
static bool is_for_nameserver(const uint8_t *frame, size_t len)
{
	if (len >= 34 && frame[12] == 0x08)
		return memcmp(frame + 30, &rules.nameserver, 4) == 0;
	return len >= 54 && memcmp(frame + 38, &rules.nameserver6, 16) == 0;
}

static void take_frame(Slirp *slirp, const uint8_t *frame, size_t len)
{
	enum packet_verdict verdict;
	static uint8_t mended[1 << 16];
	struct packet_ports ports;
	uint8_t answer[REFUSAL_MAX];

	/* As if libslirp had made it, which it would not. */
	if (len <= sizeof(mended) && mend_source(&rules, frame, len, mended) &&
		mend_source(&rules, mended, len, mended))
		abort();

	if (!fragments_take(&fragments, frame, len, 1, &frame, &len))
		return;
	verdict = packet_judge(&rules, frame, len, &ports);
	may_reach_host = rules.allow_host_loopback || is_for_nameserver(frame, len);
	if (verdict == PACKET_ANSWER) {
		/* Every other port is one that spoke. */
		if (ports.host & 1)
			peers_note(&peers, &ports, 1);
		may_reach_host = peers_know(&peers, &ports, 1);
		verdict = may_reach_host ? PACKET_PASS : PACKET_REFUSE;
	}
	if (verdict == PACKET_PASS)
		slirp_input(slirp, frame, (int)len);
	else if (verdict == PACKET_REFUSE && refusal_write(frame, len, answer) > REFUSAL_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Slirp *slirp;

	if (size < 1)
		return 0;
	make_rules(data[0] & 1);
	memset(&peers, 0, sizeof(peers));
	slirp = make_slirp();
	for (size_t at = 1; at + 2 <= size;) {
		size_t len = (size_t)data[at] << 8 | data[at + 1];

		at += 2;
		if (len > size - at)
			len = size - at;
		take_frame(slirp, data + at, len);
		at += len;
	}
	slirp_cleanup(slirp);
	fragments_release(&fragments);
	return 0;
}
