/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>

#include "base/str.h"
#include "netlink/netlink-private.h"

struct link_answer {
	int index;
	struct link_info info;
};

static void read_link(const struct nlmsghdr *message, void *data)
{
	const struct ifinfomsg *header = netlink_header(message, sizeof(*header));
	struct link_answer *answer = data;
	const void *value;

	if (!header)
		return;
	answer->index = header->ifi_index;
	answer->info.up = header->ifi_flags & IFF_UP;
	value = netlink_get(message, sizeof(*header), IFLA_MTU, sizeof(answer->info.mtu));
	if (value)
		memcpy(&answer->info.mtu, value, sizeof(answer->info.mtu));
	value = netlink_get(message, sizeof(*header), IFLA_ADDRESS, sizeof(answer->info.mac));
	if (value)
		memcpy(answer->info.mac, value, sizeof(answer->info.mac));
	value = netlink_get(message, sizeof(*header), IFLA_MASTER, sizeof(answer->info.master));
	if (value)
		memcpy(&answer->info.master, value, sizeof(answer->info.master));
	netlink_get_nested_text(message, sizeof(*header), IFLA_LINKINFO, IFLA_INFO_KIND,
		answer->info.kind, sizeof(answer->info.kind));
}

int link_get(struct netlink *nl, const char *name, struct link_info *ret, struct error *err)
{
	struct ifinfomsg header = {0};
	struct nlmsghdr *request =
		netlink_request(nl, RTM_GETLINK, NLM_F_ACK, &header, sizeof(header));
	struct link_answer answer = {0};
	int r;

	netlink_put(request, IFLA_IFNAME, name, strlen(name) + 1);
	r = netlink_talk(nl, request, read_link, &answer);
	if (r < 0)
		return error_sys(err, -r, "interface %s", name);
	if (ret)
		*ret = answer.info;
	return answer.index;
}

static void put_no_link_local(struct nlmsghdr *request)
{
	static const uint8_t mode = IN6_ADDR_GEN_MODE_NONE;
	struct nlattr *spec = netlink_nest_begin(request, IFLA_AF_SPEC);
	struct nlattr *inet6 = netlink_nest_begin(request, AF_INET6);

	netlink_put(request, IFLA_INET6_ADDR_GEN_MODE, &mode, sizeof(mode));
	netlink_nest_end(request, inet6);
	netlink_nest_end(request, spec);
}

int link_set(struct netlink *nl, int index, const struct link_change *change, struct error *err)
{
	struct ifinfomsg header = {.ifi_index = index};
	struct nlmsghdr *request;
	int r;

	if (change->up) {
		header.ifi_flags = IFF_UP;
		header.ifi_change = IFF_UP;
	}
	if (change->promiscuous) {
		header.ifi_flags |= IFF_PROMISC;
		header.ifi_change |= IFF_PROMISC;
	}
	request = netlink_request(nl, RTM_NEWLINK, NLM_F_ACK, &header, sizeof(header));
	if (change->mtu)
		netlink_put_u32(request, IFLA_MTU, change->mtu);
	if (change->mac)
		netlink_put(request, IFLA_ADDRESS, change->mac, 6);
	if (change->master)
		netlink_put_u32(request, IFLA_MASTER, (uint32_t)change->master);
	if (change->no_link_local)
		put_no_link_local(request);
	r = netlink_talk(nl, request, NULL, NULL);
	if (r < 0)
		return error_sys(err, -r, "change interface %d", index);
	return 0;
}
