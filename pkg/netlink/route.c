/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/str.h"
#include "netlink/netlink-private.h"

static void put_metrics(struct nlmsghdr *request, const struct route *route)
{
	struct nlattr *metrics;

	if (!route->mtu && !route->advmss)
		return;
	metrics = netlink_nest_begin(request, RTA_METRICS);
	if (route->mtu)
		netlink_put_u32(request, RTAX_MTU, route->mtu);
	if (route->advmss)
		netlink_put_u32(request, RTAX_ADVMSS, route->advmss);
	netlink_nest_end(request, metrics);
}

static uint8_t scope_of(const struct route *route)
{
	if (route->has_scope)
		return route->scope;
	return route->gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
}

static int route_error(int code, const struct netlink_address *dst, struct error *err)
{
	autofree char *text = dst ? netlink_address_format(dst) : NULL;

	if (!dst)
		return error_sys(err, code, "add the default route");
	return error_sys(err, code, "add route to %s/%u", text, dst->prefix);
}

int route_add(struct netlink *nl, int index, const struct route *route, struct error *err)
{
	const struct netlink_address *dst = route->dst;
	struct rtmsg header = {.rtm_family = (uint8_t)(dst ? dst->family : route->gateway->family),
		.rtm_dst_len = dst ? dst->prefix : 0,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = scope_of(route),
		.rtm_type = RTN_UNICAST};
	struct nlmsghdr *request = netlink_request(
		nl, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &header, sizeof(header));
	int r;

	if (dst)
		netlink_put_address(request, RTA_DST, dst);
	if (route->gateway)
		netlink_put_address(request, RTA_GATEWAY, route->gateway);
	netlink_put_u32(request, RTA_OIF, (uint32_t)index);
	if (route->priority)
		netlink_put_u32(request, RTA_PRIORITY, route->priority);
	/* Wins over the header's, which has room for 255 tables. */
	if (route->table)
		netlink_put_u32(request, RTA_TABLE, route->table);
	put_metrics(request, route);
	r = netlink_talk(nl, request, NULL, NULL);
	return r < 0 ? route_error(-r, dst, err) : 0;
}
