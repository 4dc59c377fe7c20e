/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>

#include "base/str.h"
#include "netlink/netlink-private.h"

static struct nlmsghdr *new_link(struct netlink *nl)
{
	struct ifinfomsg header = {0};

	return netlink_request(
		nl, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &header, sizeof(header));
}

static void put_name(struct nlmsghdr *request, const char *name)
{
	netlink_put(request, IFLA_IFNAME, name, strlen(name) + 1);
}

static void put_kind(struct nlmsghdr *request, const char *kind)
{
	netlink_put(request, IFLA_INFO_KIND, kind, strlen(kind));
}

int link_add_bridge(
	struct netlink *nl, const char *name, const uint8_t *mac, uint32_t mtu, struct error *err)
{
	struct nlmsghdr *request = new_link(nl);
	struct nlattr *info;
	int r;

	put_name(request, name);
	if (mac)
		netlink_put(request, IFLA_ADDRESS, mac, 6);
	if (mtu)
		netlink_put_u32(request, IFLA_MTU, mtu);
	info = netlink_nest_begin(request, IFLA_LINKINFO);
	put_kind(request, "bridge");
	netlink_nest_end(request, info);
	r = netlink_talk(nl, request, NULL, NULL);
	if (r < 0)
		return error_sys(err, -r, "make bridge %s", name);
	return link_get(nl, name, NULL, err);
}

/* The peer is told by a message of its own: header and attributes (drivers/net/veth.c). */
static void put_peer(struct nlmsghdr *request, const struct veth *veth)
{
	struct nlattr *peer = netlink_nest_begin(request, VETH_INFO_PEER);
	struct ifinfomsg header = {0};

	netlink_put_raw(request, &header, sizeof(header));
	put_name(request, veth->peer_name);
	netlink_put_u32(request, IFLA_NET_NS_FD, (uint32_t)veth->peer_netns_fd);
	if (veth->peer_mac)
		netlink_put(request, IFLA_ADDRESS, veth->peer_mac, 6);
	if (veth->mtu)
		netlink_put_u32(request, IFLA_MTU, veth->mtu);
	netlink_nest_end(request, peer);
}

int link_add_veth(struct netlink *nl, const struct veth *veth, struct error *err)
{
	struct nlmsghdr *request = new_link(nl);
	struct nlattr *info, *data;
	int r;

	put_name(request, veth->name);
	if (veth->mtu)
		netlink_put_u32(request, IFLA_MTU, veth->mtu);
	if (veth->master)
		netlink_put_u32(request, IFLA_MASTER, (uint32_t)veth->master);
	info = netlink_nest_begin(request, IFLA_LINKINFO);
	put_kind(request, "veth");
	data = netlink_nest_begin(request, IFLA_INFO_DATA);
	put_peer(request, veth);
	netlink_nest_end(request, data);
	netlink_nest_end(request, info);
	r = netlink_talk(nl, request, NULL, NULL);
	if (r < 0)
		return error_sys(err, -r, "make interfaces %s and %s", veth->name, veth->peer_name);
	return link_get(nl, veth->name, NULL, err);
}

int link_delete(struct netlink *nl, int index, struct error *err)
{
	struct ifinfomsg header = {.ifi_index = index};
	struct nlmsghdr *request =
		netlink_request(nl, RTM_DELLINK, NLM_F_ACK, &header, sizeof(header));
	int r = netlink_talk(nl, request, NULL, NULL);

	return r < 0 && r != -ENODEV ? error_sys(err, -r, "delete interface %d", index) : 0;
}

int bridge_port_set(
	struct netlink *nl, int index, const struct bridge_port *port, struct error *err)
{
	struct ifinfomsg header = {.ifi_family = AF_BRIDGE, .ifi_index = index};
	struct nlmsghdr *request =
		netlink_request(nl, RTM_SETLINK, NLM_F_ACK, &header, sizeof(header));
	uint8_t hairpin = port->hairpin, isolated = port->isolated;
	struct nlattr *info = netlink_nest_begin(request, IFLA_PROTINFO);
	int r;

	netlink_put(request, IFLA_BRPORT_MODE, &hairpin, sizeof(hairpin));
	netlink_put(request, IFLA_BRPORT_ISOLATED, &isolated, sizeof(isolated));
	netlink_nest_end(request, info);
	r = netlink_talk(nl, request, NULL, NULL);
	return r < 0 ? error_sys(err, -r, "change port %d of its bridge", index) : 0;
}
