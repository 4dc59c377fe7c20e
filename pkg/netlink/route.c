/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/str.h"
#include "netlink/netlink-private.h"

int route_add(struct netlink *nl, int index, const struct netlink_address *dst,
	const struct netlink_address *gateway, struct error *err)
{
	struct rtmsg header = {.rtm_family = (uint8_t)(dst ? dst->family : gateway->family),
		.rtm_dst_len = dst ? dst->prefix : 0,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST};
	struct nlmsghdr *request = netlink_request(
		nl, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &header, sizeof(header));
	int r;

	if (dst)
		netlink_put_address(request, RTA_DST, dst);
	if (gateway)
		netlink_put_address(request, RTA_GATEWAY, gateway);
	netlink_put_u32(request, RTA_OIF, (uint32_t)index);
	r = netlink_talk(nl, request, NULL, NULL);
	if (r < 0) {
		autofree char *text = dst ? netlink_address_format(dst) : NULL;

		if (!dst)
			return error_sys(err, -r, "add the default route");
		return error_sys(err, -r, "add route to %s", text);
	}
	return 0;
}
