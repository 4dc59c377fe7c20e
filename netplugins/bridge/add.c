/* SPDX-License-Identifier: Apache-2.0 */
#include "add.h"

#include <errno.h>
#include <json-c/json.h>

#include "base/ip.h"
#include "cni/invoke.h"
#include "config.h"
#include "host.h"
#include "inside.h"

/* What an ADD has, and what it has done so far. */
struct addition {
	const struct cni_request *request;
	struct bridge_config config;
	struct cni_result result;
	struct netns netns;
	struct netlink *nl;
	int bridge;
	bool has_lease;
	int veth; /* 0: not made */
};

static void addition_release(struct addition *add)
{
	netlink_close(add->nl);
	netns_close(&add->netns);
	cni_result_release(&add->result);
	bridge_config_release(&add->config);
}

static void undo(struct addition *add)
{
	if (add->veth > 0)
		link_delete(add->nl, add->veth, NULL);
	if (add->has_lease)
		plugin_delegate(add->request, CNI_COMMAND_DEL, add->config.ipam_type, NULL, NULL);
}

static int get_addresses(struct addition *add, struct error *err)
{
	autofree char *output = NULL;
	int r;

	if (!add->config.ipam_type)
		return 0;
	r = plugin_delegate(add->request, CNI_COMMAND_ADD, add->config.ipam_type, &output, err);
	if (r < 0)
		return r;
	add->has_lease = true;
	r = cni_result_parse(output, strlen(output), &add->result, err);
	if (r == 0 && add->result.ip_count == 0)
		return error_set(err, EINVAL, "ipam: %s gave no address", add->config.ipam_type);
	return r;
}

/* A gateway that ipam does not name is the first address of the network. */
static int fill_gateways(struct addition *add, struct error *err)
{
	for (size_t i = 0; add->config.is_gateway && i < add->result.ip_count; i++) {
		struct cni_ip *ip = &add->result.ips[i];
		struct ip_address address, first, last;
		struct ip_network network;
		char text[IP_TEXT_SIZE];

		if (!str_is_empty(ip->gateway))
			continue;
		if (ip_network_parse(ip->address, &network, &address, err) < 0)
			return -EINVAL;
		ip_network_hosts(&network, &first, &last);
		ip_address_format(&first, text);
		free(ip->gateway);
		ip->gateway = xstrdup(text);
	}
	return 0;
}

static bool has_default_route(const struct cni_result *result, const char *dst)
{
	for (size_t i = 0; i < result->route_count; i++) {
		if (str_eq(result->routes[i].dst, dst))
			return true;
	}
	return false;
}

static void add_default_routes(struct addition *add)
{
	struct cni_result *result = &add->result;

	for (size_t i = 0; add->config.is_default_gateway && i < result->ip_count; i++) {
		const char *dst = strchr(result->ips[i].address, ':') ? "::/0" : "0.0.0.0/0";
		struct cni_route *route;

		if (has_default_route(result, dst))
			continue;
		route = cni_result_add_route(result);
		route->dst = xstrdup(dst);
		route->gw = xstrdup(result->ips[i].gateway);
	}
}

/* Of the IPv4 address, as docker's: who gets the address again has the neighbours' entry for it. */
static bool choose_mac(const struct addition *add, uint8_t ret[6])
{
	if (add->config.has_mac) {
		memcpy(ret, add->config.mac, 6);
		return true;
	}
	for (size_t i = 0; i < add->result.ip_count; i++) {
		struct netlink_address address;

		if (netlink_address_parse(add->result.ips[i].address, &address, NULL) < 0 ||
			address.family != AF_INET)
			continue;
		ret[0] = 0x02;
		ret[1] = 0x42;
		memcpy(ret + 2, &address.ip.v4, 4);
		return true;
	}
	return false;
}

static int make_interfaces(struct addition *add, struct error *err)
{
	uint8_t mac[6];
	bool has_mac = choose_mac(add, mac);
	int r = host_veth(add->nl, add->bridge, &add->config, add->request, has_mac ? mac : NULL,
		add->netns.fd, err);

	if (r < 0)
		return r;
	add->veth = r;
	return 0;
}

/* The bridge comes up when its addresses and rules are there. */
static int prepare_bridge(struct addition *add, struct error *err)
{
	bool is_ready;
	int r = host_bridge(add->nl, &add->config, &is_ready, err);

	if (r < 0)
		return r;
	add->bridge = r;
	r = add->config.is_gateway
		    ? host_gateway(add->nl, add->bridge, &add->config, &add->result, err)
		    : 0;
	if (r == 0 && !is_ready)
		r = host_rules(&add->config, &add->result, err);
	if (r == 0 && !is_ready)
		r = host_bridge_up(add->nl, add->bridge, &add->config, err);
	return r;
}

static void describe(struct cni_result *result, const char *name, const struct link_info *info,
	const char *sandbox)
{
	struct cni_interface *interface = cni_result_add_interface(result);

	interface->name = xstrdup(name);
	interface->mac = mac_format(info->mac);
	interface->mtu = info->mtu;
	interface->sandbox = xstrdup(sandbox);
}

/* The bridge and our end first: the container's interface is number 2, whose addresses these are.
 */
static int describe_host(struct addition *add, struct error *err)
{
	autofree char *veth = host_veth_name(add->request->container_id, add->request->ifname);
	struct link_info info;

	if (link_get(add->nl, add->config.bridge, &info, err) < 0)
		return -EIO;
	describe(&add->result, add->config.bridge, &info, NULL);
	if (link_get(add->nl, veth, &info, err) < 0)
		return -EIO;
	describe(&add->result, veth, &info, NULL);
	return 0;
}

static int describe_inside(struct addition *add, struct error *err)
{
	AUTO(netlink_close) struct netlink *nl = NULL;
	struct link_info info = {0};
	int r = netlink_open(&nl, err);

	if (r == 0 && link_get(nl, add->request->ifname, &info, err) < 0)
		r = -EIO;
	describe(&add->result, add->request->ifname, &info, add->request->netns);
	for (size_t i = 0; i < add->result.ip_count; i++) {
		add->result.ips[i].has_interface = true;
		add->result.ips[i].interface = 2;
	}
	return r;
}

static void take_dns(struct addition *add)
{
	/* What the network's configuration says wins over what ipam found. */
	if (!add->config.dns.nameservers && !add->config.dns.search && !add->config.dns.domain)
		return;
	json_release(cni_dns_fields, &add->result.dns);
	add->result.dns = add->config.dns;
	add->config.dns = (struct cni_dns){0};
}

static int carry_out(struct addition *add, struct error *err)
{
	int r = netns_open(add->request->netns, &add->netns, err);

	if (r == 0)
		r = netlink_open(&add->nl, err);
	if (r == 0)
		r = get_addresses(add, err);
	if (r == 0)
		r = fill_gateways(add, err);
	if (r < 0)
		return r;
	add_default_routes(add);
	r = prepare_bridge(add, err);
	if (r == 0)
		r = make_interfaces(add, err);
	if (r == 0)
		r = describe_host(add, err);
	if (r == 0)
		r = inside_configure(&add->netns, add->request->ifname, &add->result, err);
	if (r == 0)
		r = describe_inside(add, err);
	return r;
}

int bridge_add(const struct cni_request *request, char **ret_output, struct error *err)
{
	struct addition add = {.request = request, .netns = NETNS_NONE};
	int r = bridge_config_parse(request, &add.config, err);

	if (r == 0)
		r = carry_out(&add, err);
	if (r < 0) {
		undo(&add);
	} else {
		take_dns(&add);
		free(add.result.version);
		add.result.version = xstrdup(request->version);
		*ret_output = json_write(cni_result_fields, &add.result, false);
	}
	addition_release(&add);
	return r;
}
