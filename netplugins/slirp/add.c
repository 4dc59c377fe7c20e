/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cni/result.h"
#include "commands.h"
#include "sandbox.h"
#include "stack.h"
#include "state.h"
#include "tap.h"

/*
 * ADD makes everything that can fail, the tap, the stack and its listening sockets, before it
 * forks the process that moves packets. The two then meet twice over a socket: the child says
 * that it is in its sandbox, the parent that the state file names it. Whoever finds the other
 * gone ends, so that a plugin killed halfway leaves nothing behind.
 */
struct attachment {
	const struct cni_request *request;
	const struct slirp_config *config;
	struct netns netns;
	struct tap tap;
	struct stack *stack;
	struct resolv resolv;
};

static void attachment_release(struct attachment *attachment)
{
	stack_free(attachment->stack);
	close_fd(&attachment->tap.fd);
	netns_close(&attachment->netns);
	resolv_release(&attachment->resolv);
}

static inline void auto_attachment_release(struct attachment *attachment)
{
	attachment_release(attachment);
}

/* A connection costs a descriptor here, and containers open many. */
static void raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void quiet_standard_streams(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	close_fd(&null);
}

/* The process that moves packets: sandbox, handshake, loop. */
static _Noreturn void packet_process(struct attachment *attachment, int sock)
{
	struct error err = {0};
	char go;

	setsid();
	signal(SIGPIPE, SIG_IGN);
	quiet_standard_streams();
	close_fd(&attachment->netns.fd);
	if (sandbox_enter(&attachment->resolv, &err) < 0) {
		send(sock, &err, sizeof(err), MSG_NOSIGNAL);
		_exit(1);
	}
	if (send(sock, &err, sizeof(err), MSG_NOSIGNAL) < 0 || read(sock, &go, 1) != 1)
		_exit(1);
	close(sock);
	stack_run(attachment->stack, attachment->netns.pidfd);
	_exit(0);
}

static int receive_ready(int sock, struct error *err)
{
	struct error answer = {0};
	ssize_t len = recv(sock, &answer, sizeof(answer), 0);

	if (len != (ssize_t)sizeof(answer))
		return error_set(err, EIO, "the packet process died while it started");
	if (answer.code) {
		*err = answer;
		return -answer.code;
	}
	return 0;
}

static int write_state(const struct attachment *attachment, int dirfd, pid_t pid, struct error *err)
{
	AUTO(state_release) struct slirp_state state = {0};
	const struct cni_request *request = attachment->request;
	int r = process_id_get(pid, &state.process, err);

	if (r < 0)
		return r;
	state.container_id = xstrdup(request->container_id);
	state.ifname = xstrdup(request->ifname);
	state.network = xstrdup(request->name);
	state.netns = xstrdup(request->netns);
	state.ipv6 = attachment->tap.ipv6;
	return state_write(dirfd, &state, err);
}

static int start_packets(struct attachment *attachment, int dirfd, struct error *err)
{
	int socks[2], r;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks) < 0)
		return error_sys(err, errno, "start a process");
	pid = fork();
	if (pid == 0) {
		close(socks[0]);
		close(dirfd);
		packet_process(attachment, socks[1]);
	}
	close(socks[1]);
	/* The file is written while the child builds its sandbox. */
	r = pid < 0 ? error_sys(err, errno, "start a process")
		    : write_state(attachment, dirfd, pid, err);
	if (r == 0)
		r = receive_ready(socks[0], err);
	if (r == 0 && send(socks[0], "", 1, MSG_NOSIGNAL) < 0)
		r = error_sys(err, errno, "the packet process died while it started");
	close(socks[0]);
	if (r < 0 && pid > 0) {
		kill(pid, SIGKILL);
		process_wait(pid);
	}
	return r;
}

static void add_address(struct cni_result *result, const struct netlink_address *address,
	const struct netlink_address *gateway, const char *everything)
{
	autofree char *text = netlink_address_format(address);
	uint32_t interface = (uint32_t)result->interface_count - 1;
	struct cni_ip *ip = cni_result_add_ip(result);
	struct cni_route *route = cni_result_add_route(result);

	ip->address = xasprintf("%s/%u", text, address->prefix);
	ip->gateway = netlink_address_format(gateway);
	ip->has_interface = true;
	ip->interface = interface;
	route->dst = xstrdup(everything);
	route->gw = netlink_address_format(gateway);
}

static void fill_result(const struct attachment *attachment, struct cni_result *result)
{
	const struct slirp_config *config = attachment->config;
	struct cni_interface *interface = cni_result_add_interface(result);

	free(result->version);
	result->version = xstrdup(attachment->request->version);
	interface->name = xstrdup(attachment->request->ifname);
	interface->mac = mac_format(attachment->tap.mac);
	interface->mtu = config->mtu;
	interface->sandbox = xstrdup(attachment->request->netns);
	add_address(result, &config->guest, &config->gateway, "0.0.0.0/0");
	if (attachment->tap.ipv6)
		add_address(result, &config->guest6, &config->gateway6, "::/0");
	/* The address that answers is of the family in which the host has a name server. */
	if (attachment->resolv.has_v4 || !attachment->tap.ipv6)
		strv_take(&result->dns.nameservers, netlink_address_format(&config->nameserver));
	else
		strv_take(&result->dns.nameservers, netlink_address_format(&config->nameserver6));
}

/* In a chain our interface joins what came before. */
static int load_previous(
	const struct cni_request *request, struct cni_result *ret, struct error *err)
{
	struct json_object *prev = json_get(request->conf, "prevResult");
	const char *text;
	int r;

	if (!prev)
		return 0;
	text = json_object_to_json_string_ext(prev, JSON_C_TO_STRING_PLAIN);
	r = cni_result_parse(text, strlen(text), ret, err);
	return r < 0 ? error_wrap(err, r, "prevResult") : 0;
}

/* An attachment of this name whose process lives is in use; what a crash left is not. */
static int claim_state(int dirfd, const struct cni_request *request, struct error *err)
{
	AUTO(state_release) struct slirp_state state = {0};
	autofree char *name = state_name(request->container_id, request->ifname);
	autoclose int pidfd = -1;

	if (state_read(dirfd, name, &state, NULL) != 1)
		return 0;
	pidfd = state_process(&state);
	if (pidfd >= 0)
		return error_set(err, EEXIST, "container %s already has %s", request->container_id,
			request->ifname);
	return 0;
}

static int attach(struct attachment *attachment, int dirfd, struct error *err)
{
	const struct cni_request *request = attachment->request;
	int r = netns_open(request->netns, &attachment->netns, err);

	if (r == 0)
		r = claim_state(dirfd, request, err);
	if (r == 0)
		r = tap_create(&attachment->netns, request->ifname, attachment->config,
			&attachment->tap, err);
	if (r == 0)
		r = stack_new(attachment->config, attachment->tap.fd, attachment->tap.ipv6,
			&attachment->stack, err);
	return r < 0 ? r : start_packets(attachment, dirfd, err);
}

int command_add(const struct cni_request *request, char **ret_output, struct error *err)
{
	AUTO(slirp_config_release) struct slirp_config config = {0};
	AUTO(attachment_release)
	struct attachment attachment = {
		.request = request, .config = &config, .netns = NETNS_NONE, .tap = {.fd = -1}};
	AUTO(cni_result_release) struct cni_result result = {0};
	autoclose int dirfd = -1;
	int r = slirp_config_parse(request, &config, err);

	if (r == 0)
		r = load_previous(request, &result, err);
	if (r < 0)
		return r;
	dirfd = state_dir_open(config.state_dir, err);
	if (dirfd < 0)
		return dirfd;
	raise_limits();
	resolv_load(config.dns_upstream, &attachment.resolv);
	r = attach(&attachment, dirfd, err);
	if (r < 0)
		return r;
	fill_result(&attachment, &result);
	*ret_output = json_write(cni_result_fields, &result, true);
	return 0;
}
