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

static int read_link(const struct nlmsghdr *message, void *data)
{
	const struct ifinfomsg *header = mnl_nlmsg_get_payload(message);
	struct link_answer *answer = data;
	const struct nlattr *attr;

	answer->index = header->ifi_index;
	answer->info.up = header->ifi_flags & IFF_UP;
	mnl_attr_for_each(attr, message, sizeof(*header))
	{
		uint16_t type = mnl_attr_get_type(attr);

		if (type == IFLA_MTU && mnl_attr_get_payload_len(attr) == sizeof(uint32_t))
			answer->info.mtu = mnl_attr_get_u32(attr);
		else if (type == IFLA_ADDRESS &&
			 mnl_attr_get_payload_len(attr) == sizeof(answer->info.mac))
			memcpy(answer->info.mac, mnl_attr_get_payload(attr),
				sizeof(answer->info.mac));
	}
	return MNL_CB_OK;
}

int link_index(struct netlink *nl, const char *name, struct error *err)
{
	struct nlmsghdr *request =
		netlink_request(nl, RTM_GETLINK, NLM_F_ACK, sizeof(struct ifinfomsg));
	struct link_answer answer = {0};
	int r;

	mnl_attr_put_strz(request, IFLA_IFNAME, name);
	r = netlink_talk(nl, request, read_link, &answer);
	if (r < 0)
		return error_sys(err, -r, "interface %s", name);
	return answer.index;
}

int link_get(struct netlink *nl, int index, struct link_info *ret, struct error *err)
{
	struct nlmsghdr *request =
		netlink_request(nl, RTM_GETLINK, NLM_F_ACK, sizeof(struct ifinfomsg));
	struct ifinfomsg *header = mnl_nlmsg_get_payload(request);
	struct link_answer answer = {0};
	int r;

	header->ifi_index = index;
	r = netlink_talk(nl, request, read_link, &answer);
	if (r < 0)
		return error_sys(err, -r, "interface %d", index);
	*ret = answer.info;
	return 0;
}

static void put_no_link_local(struct nlmsghdr *request)
{
	struct nlattr *spec = mnl_attr_nest_start(request, IFLA_AF_SPEC);
	struct nlattr *inet6 = mnl_attr_nest_start(request, AF_INET6);

	mnl_attr_put_u8(request, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(request, inet6);
	mnl_attr_nest_end(request, spec);
}

int link_set(struct netlink *nl, int index, const struct link_change *change, struct error *err)
{
	struct nlmsghdr *request =
		netlink_request(nl, RTM_NEWLINK, NLM_F_ACK, sizeof(struct ifinfomsg));
	struct ifinfomsg *header = mnl_nlmsg_get_payload(request);
	int r;

	header->ifi_index = index;
	if (change->up) {
		header->ifi_flags = IFF_UP;
		header->ifi_change = IFF_UP;
	}
	if (change->mtu)
		mnl_attr_put_u32(request, IFLA_MTU, change->mtu);
	if (change->mac)
		mnl_attr_put(request, IFLA_ADDRESS, 6, change->mac);
	if (change->no_link_local)
		put_no_link_local(request);
	r = netlink_talk(nl, request, NULL, NULL);
	if (r < 0)
		return error_sys(err, -r, "change interface %d", index);
	return 0;
}
