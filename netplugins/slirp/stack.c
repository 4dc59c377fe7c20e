/* SPDX-License-Identifier: Apache-2.0 */
#include "stack.h"

#include <errno.h>
#include <fcntl.h>
#include <net/ethernet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "fragments.h"
#include "library.h"
#include "mend.h"
#include "packet.h"
#include "peers.h"
#include "refusal.h"
#include "sys/file.h"

/* libslirp asks for listen(fd, 1); a burst of connections then waits for retransmissions. */
#define LISTEN_BACKLOG 1024
/* Frames taken from the tap before sockets get their turn again. */
#define TAP_BURST 64
#define FRAME_MAX (ETHER_HDR_LEN + 65536)

enum { POLL_TAP = 0, POLL_PROCESS, POLL_FIXED };

struct stack_timer {
	SlirpTimerId id;
	void *cb_opaque;
	int64_t expire_ms; /* INT64_MAX: not set */
	struct stack_timer *next;
};

struct stack {
	struct library lib;
	Slirp *slirp;
	int tapfd;
	struct stack_timer *timers;
	struct pollfd *fds;
	size_t fd_count, fd_room;
	size_t port_count; /* sockets that wait for connections */
	struct packet_rules rules;
	struct peers peers; /* whom the container may answer */
	struct fragments fragments;
	uint8_t frame[FRAME_MAX];
	uint8_t mended[FRAME_MAX];
};

static int64_t now_ms(void)
{
	return clock_monotonic_ns() / 1000000;
}

static ssize_t on_send(const void *data, size_t len, void *opaque)
{
	struct stack *stack = opaque;
	const uint8_t *frame = data;
	struct packet_ports ports;

	if (len <= sizeof(stack->mended) && mend_source(&stack->rules, frame, len, stack->mended))
		frame = stack->mended;
	if (!stack->rules.allow_host_loopback &&
		packet_is_question(&stack->rules, frame, len, &ports))
		peers_note(&stack->peers, &ports, now_ms());
	/* A full queue drops the frame, as a wire does; TCP sends it again. */
	return write(stack->tapfd, frame, len);
}

static void on_guest_error(const char *message, void *opaque)
{
	(void)message;
	(void)opaque;
}

static int64_t on_clock(void *opaque)
{
	(void)opaque;
	return clock_monotonic_ns();
}

static void *on_timer_new(SlirpTimerId id, void *cb_opaque, void *opaque)
{
	struct stack *stack = opaque;
	struct stack_timer *timer = xnew(struct stack_timer);

	*timer = (struct stack_timer){
		.id = id, .cb_opaque = cb_opaque, .expire_ms = INT64_MAX, .next = stack->timers};
	stack->timers = timer;
	return timer;
}

static void on_timer_free(void *timer, void *opaque)
{
	struct stack *stack = opaque;

	for (struct stack_timer **at = &stack->timers; *at; at = &(*at)->next) {
		if (*at == timer) {
			*at = (*at)->next;
			free(timer);
			return;
		}
	}
}

static void on_timer_mod(void *timer, int64_t expire_ms, void *opaque)
{
	(void)opaque;
	((struct stack_timer *)timer)->expire_ms = expire_ms;
}

static void on_poll_fd(int fd, void *opaque)
{
	(void)fd;
	(void)opaque;
}

static void on_notify(void *opaque)
{
	(void)opaque;
}

static const SlirpCb callbacks = {
	.send_packet = on_send,
	.guest_error = on_guest_error,
	.clock_get_ns = on_clock,
	.timer_new_opaque = on_timer_new,
	.timer_free = on_timer_free,
	.timer_mod = on_timer_mod,
	.register_poll_fd = on_poll_fd,
	.unregister_poll_fd = on_poll_fd,
	.notify = on_notify,
};

static Slirp *make_slirp(const struct slirp_config *config, bool ipv6, struct stack *stack)
{
	struct sockaddr_in outbound = config->outbound;
	struct sockaddr_in6 outbound6 = config->outbound6;
	SlirpConfig cfg = {
		.version = 4,
		.in_enabled = true,
		.vnetwork = config->network,
		.vnetmask = config->netmask,
		.vhost = config->gateway.ip.v4,
		.vnameserver = config->nameserver.ip.v4,
		.vdhcp_start = config->guest.ip.v4,
		.in6_enabled = ipv6,
		.vprefix_addr6 = config->network6,
		.vprefix_len = 64,
		.vhost6 = config->gateway6.ip.v6,
		.vnameserver6 = config->nameserver6.ip.v6,
		.if_mtu = config->mtu,
		.if_mru = config->mtu,
		/* What goes there is ours to decide, see packet.h. */
		.disable_host_loopback = false,
		.outbound_addr = config->has_outbound ? &outbound : NULL,
		.outbound_addr6 = config->has_outbound6 ? &outbound6 : NULL,
		.disable_dhcp = true,
	};

	return stack->lib.new(&cfg, &callbacks, stack);
}

static struct packet_rules make_rules(const struct slirp_config *config)
{
	return (struct packet_rules){.allow_host_loopback = config->allow_host_loopback,
		.network = config->network,
		.netmask = config->netmask,
		.guest = config->guest.ip.v4,
		.gateway = config->gateway.ip.v4,
		.nameserver = config->nameserver.ip.v4,
		.network6 = config->network6,
		.guest6 = config->guest6.ip.v6,
		.gateway6 = config->gateway6.ip.v6,
		.nameserver6 = config->nameserver6.ip.v6};
}

/*
 * All sockets that listen are slirp's. Their numbers are the lowest that were free, one for each
 * forwarded port behind the few that were open before.
 */
static void widen_backlogs(size_t port_count)
{
	for (int fd = 3; fd < (int)port_count + 64; fd++) {
		socklen_t size = sizeof(int);
		int listening = 0;

		if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening)
			listen(fd, LISTEN_BACKLOG);
	}
}

static int port_error(const struct slirp_port *port, int code, struct error *err)
{
	autofree char *text = slirp_port_format(port);
	autofree char *first = NULL;

	if (code == EADDRINUSE)
		return error_set(err, code, "publish %s: address already in use", text);
	if (code == EADDRNOTAVAIL)
		return error_set(
			err, code, "publish %s: the host does not have this address", text);
	if (code == EACCES &&
		file_read_at(AT_FDCWD, "/proc/sys/net/ipv4/ip_unprivileged_port_start", 32, &first,
			NULL, NULL) == 0) {
		first[strcspn(first, "\n")] = '\0';
		return error_set(err, code,
			"publish %s: permission denied: ports below %s are reserved (sysctl "
			"net.ipv4.ip_unprivileged_port_start)",
			text, first);
	}
	return error_sys(err, code ? code : EIO, "publish %s", text);
}

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t fill_address(union address *ret, const struct netlink_address *ip, uint16_t port)
{
	*ret = (union address){0};
	if (ip->family == AF_INET) {
		ret->v4 = (struct sockaddr_in){
			.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = ip->ip.v4};
		return sizeof(ret->v4);
	}
	ret->v6 = (struct sockaddr_in6){
		.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = ip->ip.v6};
	return sizeof(ret->v6);
}

static int forward(struct stack *stack, const struct slirp_config *config,
	const struct slirp_port *port, struct error *err)
{
	bool v6 = port->host.family == AF_INET6;
	int flags = (port->udp ? SLIRP_HOSTFWD_UDP : 0) | (v6 ? SLIRP_HOSTFWD_V6ONLY : 0);
	union address host, guest;
	socklen_t host_size = fill_address(&host, &port->host, port->host_port);
	socklen_t guest_size =
		fill_address(&guest, v6 ? &config->guest6 : &config->guest, port->guest_port);

	errno = 0;
	if (stack->lib.add_hostxfwd(
		    stack->slirp, &host.any, host_size, &guest.any, guest_size, flags) < 0)
		return port_error(port, errno, err);
	return 0;
}

int stack_new(const struct slirp_config *config, bool ipv6, struct stack **ret, struct error *err)
{
	AUTO(stack_free) struct stack *stack = xnew(struct stack);
	int r = library_load(&stack->lib, err);

	if (r < 0)
		return r;
	stack->tapfd = -1;
	stack->port_count = config->port_count;
	stack->rules = make_rules(config);
	stack->slirp = make_slirp(config, ipv6, stack);
	if (!stack->slirp)
		return error_set(err, EIO, "libslirp does not start");
	for (size_t i = 0; i < config->port_count; i++) {
		r = forward(stack, config, &config->ports[i], err);
		if (r < 0)
			return r;
	}
	if (config->port_count)
		widen_backlogs(config->port_count);
	*ret = take_ptr(stack);
	return 0;
}

void stack_free(struct stack *stack)
{
	if (!stack)
		return;
	if (stack->slirp)
		stack->lib.cleanup(stack->slirp);
	for (struct stack_timer *at = stack->timers, *next; at; at = next) {
		next = at->next;
		free(at);
	}
	fragments_release(&stack->fragments);
	free(stack->fds);
	free(stack);
}

static int add_fd(struct stack *stack, int fd, short events)
{
	if (stack->fd_count == stack->fd_room) {
		stack->fd_room = stack->fd_room ? stack->fd_room * 2 : 64;
		stack->fds = xrealloc(stack->fds, stack->fd_room, sizeof(*stack->fds));
	}
	stack->fds[stack->fd_count] = (struct pollfd){.fd = fd, .events = events};
	return (int)stack->fd_count++;
}

static int on_add_poll(int fd, int events, void *opaque)
{
	short wanted = 0;

	if (events & SLIRP_POLL_IN)
		wanted |= POLLIN;
	if (events & SLIRP_POLL_OUT)
		wanted |= POLLOUT;
	if (events & SLIRP_POLL_PRI)
		wanted |= POLLPRI;
	return add_fd(opaque, fd, wanted);
}

static int on_get_revents(int index, void *opaque)
{
	const struct stack *stack = opaque;
	short got = stack->fds[index].revents;
	int events = 0;

	if (got & POLLIN)
		events |= SLIRP_POLL_IN;
	if (got & POLLOUT)
		events |= SLIRP_POLL_OUT;
	if (got & POLLPRI)
		events |= SLIRP_POLL_PRI;
	if (got & POLLERR)
		events |= SLIRP_POLL_ERR;
	if (got & POLLHUP)
		events |= SLIRP_POLL_HUP;
	return events;
}

/*
 * libslirp never asks for more than a second. With no socket but those that wait for connections
 * nothing of it can run out, and an idle container should not wake the machine.
 */
static bool is_idle(const struct stack *stack, uint32_t slirp_ms)
{
	return slirp_ms >= 1000 && stack->fd_count <= POLL_FIXED + stack->port_count;
}

static int poll_timeout(const struct stack *stack, uint32_t slirp_ms)
{
	int64_t timeout = is_idle(stack, slirp_ms) ? -1 : (int64_t)slirp_ms;

	for (const struct stack_timer *at = stack->timers; at; at = at->next) {
		int64_t left = at->expire_ms == INT64_MAX ? -1 : at->expire_ms - now_ms();

		if (at->expire_ms == INT64_MAX)
			continue;
		if (left < 0)
			left = 0;
		if (timeout < 0 || left < timeout)
			timeout = left;
	}
	return timeout > INT32_MAX ? INT32_MAX : (int)timeout;
}

static void run_timers(struct stack *stack)
{
	for (struct stack_timer *at = stack->timers; at; at = at->next) {
		if (at->expire_ms <= now_ms()) {
			at->expire_ms = INT64_MAX;
			stack->lib.handle_timer(stack->slirp, at->id, at->cb_opaque);
		}
	}
}

static void refuse(struct stack *stack, const uint8_t *frame, size_t len)
{
	uint8_t answer[REFUSAL_MAX];
	size_t size = refusal_write(frame, len, answer);

	if (size && write(stack->tapfd, answer, size) < 0)
		return;
}

static void take_frame(struct stack *stack, const uint8_t *frame, size_t len)
{
	struct packet_ports ports;
	enum packet_verdict verdict;

	if (!fragments_take(&stack->fragments, frame, len, now_ms(), &frame, &len))
		return;
	verdict = packet_judge(&stack->rules, frame, len, &ports);
	if (verdict == PACKET_ANSWER)
		verdict = peers_know(&stack->peers, &ports, now_ms()) ? PACKET_PASS : PACKET_REFUSE;
	if (verdict == PACKET_PASS)
		stack->lib.input(stack->slirp, frame, (int)len);
	else if (verdict == PACKET_REFUSE)
		refuse(stack, frame, len);
}

/* Frames of the container into the stack; false when the tap is gone. */
static bool take_frames(struct stack *stack)
{
	for (int i = 0; i < TAP_BURST; i++) {
		ssize_t len = read(stack->tapfd, stack->frame, sizeof(stack->frame));

		if (len < 0)
			return errno == EAGAIN || errno == EINTR || errno == EIO;
		take_frame(stack, stack->frame, (size_t)len);
	}
	return true;
}

void stack_run(struct stack *stack, int tapfd, int pidfd)
{
	stack->tapfd = tapfd;
	for (;;) {
		uint32_t timeout = UINT32_MAX;
		int r;

		stack->fd_count = 0;
		add_fd(stack, stack->tapfd, POLLIN);
		add_fd(stack, pidfd, POLLIN);
		stack->lib.pollfds_fill(stack->slirp, &timeout, on_add_poll, stack);
		r = poll(stack->fds, stack->fd_count, poll_timeout(stack, timeout));
		if (r < 0 && errno != EINTR)
			return;
		if (r > 0 && stack->fds[POLL_PROCESS].revents)
			return;
		if (r > 0 && (stack->fds[POLL_TAP].revents & (POLLERR | POLLHUP | POLLNVAL)))
			return;
		/*
		 * Before the frames: this is where libslirp looks at the clock, and a UDP or ICMP
		 * socket made with the time of long ago expires before its answer arrives.
		 */
		stack->lib.pollfds_poll(stack->slirp, r < 0, on_get_revents, stack);
		if (r > 0 && (stack->fds[POLL_TAP].revents & POLLIN) && !take_frames(stack))
			return;
		run_timers(stack);
	}
}
