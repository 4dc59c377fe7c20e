/* SPDX-License-Identifier: Apache-2.0 */
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Images and hosts switch IPv6 off for new interfaces; who asks for an address wants it. */
static void allow_ipv6(const char *ifname)
{
	autofree char *path = xasprintf("/proc/sys/net/ipv6/conf/%s/disable_ipv6", ifname);
	autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

	/* Without IPv6 the address is refused, which is told. */
	if (fd >= 0 && write(fd, "0", 1) < 0)
		return;
}

static int add_addresses(struct netlink *nl, int index, const char *ifname,
	const struct cni_result *result, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < result->ip_count; i++) {
		struct netlink_address address;

		r = netlink_address_parse(result->ips[i].address, &address, err);
		if (r == 0 && address.family == AF_INET6)
			allow_ipv6(ifname);
		if (r == 0)
			r = address_add(nl, index, &address, err);
	}
	return r;
}

/* The first gateway of a family, or NULL. */
static const char *gateway_for(const struct cni_result *result, int family)
{
	for (size_t i = 0; i < result->ip_count; i++) {
		const char *gateway = result->ips[i].gateway;

		if (!str_is_empty(gateway) &&
			(strchr(gateway, ':') != NULL) == (family == AF_INET6))
			return gateway;
	}
	return NULL;
}

static int add_route(struct netlink *nl, int index, const struct cni_result *result,
	const struct cni_route *from, struct error *err)
{
	struct netlink_address dst, gateway = {0};
	struct route route = {.mtu = from->mtu,
		.advmss = from->advmss,
		.priority = from->priority,
		.table = from->table,
		.has_scope = from->has_scope,
		.scope = (uint8_t)from->scope};
	const char *text;
	int r = netlink_address_parse(from->dst, &dst, err);

	if (r < 0)
		return r;
	text = str_is_empty(from->gw) ? gateway_for(result, dst.family) : from->gw;
	if (text && netlink_address_parse(text, &gateway, err) < 0)
		return -EINVAL;
	/* A default route of a family that the container does not have. */
	if (!text && dst.prefix == 0)
		return 0;
	route.gateway = text ? &gateway : NULL;
	route.dst = dst.prefix == 0 ? NULL : &dst;
	r = route_add(nl, index, &route, err);
	return r == -EEXIST ? 0 : r;
}

int inside_configure(const struct netns *netns, const char *ifname, const struct cni_result *result,
	struct error *err)
{
	AUTO(netlink_close) struct netlink *nl = NULL;
	const struct link_change up = {.up = true};
	int index = 0, r = netns_enter(netns, err);

	if (r == 0)
		r = netlink_open(&nl, err);
	if (r == 0) {
		index = link_get(nl, ifname, NULL, err);
		r = index < 0 ? index : 0;
	}
	if (r == 0)
		r = add_addresses(nl, index, ifname, result, err);
	if (r == 0)
		r = link_set(nl, index, &up, err);
	for (size_t i = 0; r == 0 && i < result->route_count; i++)
		r = add_route(nl, index, result, &result->routes[i], err);
	return r;
}

int inside_check(const struct netns *netns, const char *ifname, const struct cni_result *result,
	struct error *err)
{
	AUTO(netlink_close) struct netlink *nl = NULL;
	struct link_info info = {0};
	int index = 0, r = netns_enter(netns, err);

	if (r == 0)
		r = netlink_open(&nl, err);
	if (r == 0) {
		index = link_get(nl, ifname, &info, err);
		r = index < 0 ? index : 0;
	}
	if (r == 0 && !info.up)
		return error_set(err, EIO, "interface %s of the container is down", ifname);
	for (size_t i = 0; r == 0 && i < result->ip_count; i++) {
		struct netlink_address address;

		r = netlink_address_parse(result->ips[i].address, &address, err);
		if (r == 0)
			r = address_find(nl, index, &address, err);
		if (r == 0)
			return error_set(err, EIO, "interface %s of the container has lost %s",
				ifname, result->ips[i].address);
		r = r < 0 ? r : 0;
	}
	return r;
}

int inside_delete(const struct netns *netns, const char *ifname, struct error *err)
{
	AUTO(netlink_close) struct netlink *nl = NULL;
	struct link_info info;
	int index, r = netns_enter(netns, err);

	if (r == 0)
		r = netlink_open(&nl, err);
	if (r < 0)
		return r;
	index = link_get(nl, ifname, &info, NULL);
	/* Only what a plugin can have made: in a namespace that is not a container's it may be
	 * real. */
	return index > 0 && str_eq(info.kind, "veth") ? link_delete(nl, index, err) : 0;
}
