/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "nft.h"
#include "rules.h"

static int find_bridge(
	struct netlink *nl, const char *name, struct link_info *ret, struct error *err)
{
	int index = link_get(nl, name, ret, err);

	if (index >= 0 && !str_eq(ret->kind, "bridge"))
		return error_set(err, EEXIST, "%s exists and is not a bridge", name);
	return index;
}

/*
 * An address of its own: without one the bridge has that of the port with the lowest, which changes
 * as containers come and go, and with it what their neighbours remember.
 */
static void random_mac(uint8_t ret[6])
{
	if (getrandom(ret, 6, 0) != 6)
		abort();
	/* Locally administered, of one interface. */
	ret[0] = (uint8_t)((ret[0] & 0xfc) | 2);
}

int host_bridge(struct netlink *nl, const struct bridge_config *config, bool *ret_is_ready,
	struct error *err)
{
	struct link_info info = {0};
	int index = find_bridge(nl, config->bridge, &info, NULL);
	uint8_t mac[6];

	if (index == -ENODEV) {
		random_mac(mac);
		index = link_add_bridge(nl, config->bridge, mac, config->mtu, err);
	}
	/* Somebody else was as fast as we; or it is of another kind, which is said now. */
	if (index == -EEXIST)
		index = find_bridge(nl, config->bridge, &info, err);
	*ret_is_ready = index >= 0 && info.up;
	return index;
}

int host_bridge_up(
	struct netlink *nl, int bridge, const struct bridge_config *config, struct error *err)
{
	const struct link_change up = {
		.up = true, .no_link_local = true, .promiscuous = config->promiscuous};

	return link_set(nl, bridge, &up, err);
}

static int write_setting(const char *path, const char *value, struct error *err)
{
	autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		return error_sys(err, errno, "set %s to %s", path, value);
	return 0;
}

static int let_forward(bool ipv4, bool ipv6, struct error *err)
{
	int r = 0;

	if (ipv4)
		r = write_setting("/proc/sys/net/ipv4/ip_forward", "1", err);
	if (r == 0 && ipv6)
		r = write_setting("/proc/sys/net/ipv6/conf/all/forwarding", "1", err);
	return r;
}

/* The gateway of @ip with the prefix length of the network. */
static int gateway_of(const struct cni_ip *ip, struct netlink_address *ret, struct error *err)
{
	autofree char *text = xasprintf(
		"%s%s", ip->gateway, strchr(ip->address, '/') ? strchr(ip->address, '/') : "");

	return netlink_address_parse(text, ret, err);
}

static int clear_others(struct netlink *nl, int bridge, const struct bridge_config *config,
	const struct netlink_address *gateway, struct error *err)
{
	struct netlink_address other;
	int r;

	while ((r = address_find_other(nl, bridge, gateway, &other, err)) == 1) {
		autofree char *text = netlink_address_format(&other);

		if (!config->force_address)
			return error_set(err, EADDRINUSE,
				"bridge %s has the address %s/%u, not that of the gateway",
				config->bridge, text, other.prefix);
		r = address_delete(nl, bridge, &other, err);
		if (r < 0)
			return r;
	}
	return r;
}

int host_gateway(struct netlink *nl, int bridge, const struct bridge_config *config,
	const struct cni_result *result, struct error *err)
{
	bool ipv4 = false, ipv6 = false;

	for (size_t i = 0; i < result->ip_count; i++) {
		struct netlink_address gateway;
		int r;

		if (str_is_empty(result->ips[i].gateway))
			continue;
		r = gateway_of(&result->ips[i], &gateway, err);
		if (r == 0)
			r = clear_others(nl, bridge, config, &gateway, err);
		if (r == 0)
			r = address_add(nl, bridge, &gateway, err);
		if (r < 0 && r != -EEXIST)
			return r;
		ipv4 |= gateway.family == AF_INET;
		ipv6 |= gateway.family == AF_INET6;
	}
	return let_forward(ipv4, ipv6, err);
}

int host_rules(
	const struct bridge_config *config, const struct cni_result *result, struct error *err)
{
	autofree struct ip_network *networks = NULL;
	autofree char *commands = NULL;
	size_t count = 0;

	if (!rules_are_needed(config))
		return 0;
	for (size_t i = 0; i < result->ip_count; i++) {
		struct ip_address address;

		networks = list_grow(networks, count, sizeof(*networks));
		if (ip_network_parse(result->ips[i].address, &networks[count], &address, err) < 0)
			return -EINVAL;
		count++;
	}
	commands = rules_for_bridge(config, networks, count);
	return nft_run(commands, err);
}

/* FNV-1a: names of interfaces have room for twelve digits, and a collision is an error, not a harm.
 */
static uint64_t hash(const char *text, uint64_t seed)
{
	uint64_t value = seed;

	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return value;
}

char *host_veth_name(const char *container_id, const char *ifname)
{
	uint64_t value = hash(ifname, hash("/", hash(container_id, UINT64_C(0xcbf29ce484222325))));

	return xasprintf("cor%012llx", (unsigned long long)(value & UINT64_C(0xffffffffffff)));
}

int host_veth(struct netlink *nl, int bridge, const struct bridge_config *config,
	const struct cni_request *request, const uint8_t *mac, int netns_fd, struct error *err)
{
	autofree char *name = host_veth_name(request->container_id, request->ifname);
	const struct veth veth = {
		.name = name,
		.peer_name = request->ifname,
		.peer_mac = mac,
		.peer_netns_fd = netns_fd,
		.mtu = config->mtu,
		.master = bridge,
	};
	const struct link_change up = {.up = true, .no_link_local = true};
	const struct bridge_port port = {
		.hairpin = config->hairpin, .isolated = config->port_isolation};
	int index = link_add_veth(nl, &veth, err);
	int r = index < 0 ? index : 0;

	if (r == 0 && (port.hairpin || port.isolated))
		r = bridge_port_set(nl, index, &port, err);
	if (r == 0)
		r = link_set(nl, index, &up, err);
	if (r < 0 && index >= 0)
		link_delete(nl, index, NULL);
	return r < 0 ? r : index;
}
