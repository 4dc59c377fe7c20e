/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <json-c/json.h>
#include <unistd.h>

#include "cni/result.h"
#include "commands.h"
#include "resolv.h"
#include "state.h"
#include "tap.h"
#include "worker.h"

struct attachment {
	const struct cni_request *request;
	const struct slirp_config *config;
	struct netns netns;
	struct resolv resolv;
	struct worker worker;
	struct tap tap;
};

static void attachment_release(struct attachment *attachment)
{
	worker_release(&attachment->worker);
	close_fd(&attachment->tap.fd);
	netns_close(&attachment->netns);
	resolv_release(&attachment->resolv);
}

static inline void auto_attachment_release(struct attachment *attachment)
{
	attachment_release(attachment);
}

static int write_state(const struct attachment *attachment, int dirfd, struct error *err)
{
	AUTO(state_release) struct slirp_state state = {0};
	const struct cni_request *request = attachment->request;
	int r = process_id_get(attachment->worker.pid, &state.process, err);

	if (r < 0)
		return r;
	state.container_id = xstrdup(request->container_id);
	state.ifname = xstrdup(request->ifname);
	state.network = xstrdup(request->name);
	state.netns = xstrdup(request->netns);
	state.ipv6 = attachment->tap.ipv6;
	state.publishes = attachment->config->port_count > 0;
	return state_write(dirfd, &state, err);
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

/* The process gets ready while the interface is made. */
static int connect_worker(struct attachment *attachment, int dirfd, struct error *err)
{
	const struct cni_request *request = attachment->request;
	struct worker *worker = &attachment->worker;
	int r = worker_start(attachment->config, &attachment->resolv, worker, err);

	if (r == 0)
		r = tap_create(&attachment->netns, request->ifname, attachment->config,
			&attachment->tap, err);
	if (r == 0)
		r = write_state(attachment, dirfd, err);
	if (r < 0)
		return r;
	r = worker_wait(worker, err);
	if (r == 0)
		r = worker_go(worker, attachment->tap.fd, attachment->netns.pidfd, err);
	if (r < 0)
		state_remove(dirfd, request->container_id, request->ifname);
	return r;
}

static int attach(struct attachment *attachment, int dirfd, struct error *err)
{
	int r = netns_open(attachment->request->netns, &attachment->netns, err);

	if (r == 0)
		r = claim_state(dirfd, attachment->request, err);
	return r < 0 ? r : connect_worker(attachment, dirfd, err);
}

int command_add(const struct cni_request *request, char **ret_output, struct error *err)
{
	AUTO(slirp_config_release) struct slirp_config config = {0};
	AUTO(attachment_release)
	struct attachment attachment = {.request = request,
		.config = &config,
		.netns = NETNS_NONE,
		.worker = WORKER_NONE,
		.tap = {.fd = -1}};
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
	resolv_load(config.dns_upstream, &attachment.resolv);
	r = attach(&attachment, dirfd, err);
	if (r < 0)
		return r;
	fill_result(&attachment, &result);
	*ret_output = json_write(cni_result_fields, &result, true);
	return 0;
}
