/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/if_addr.h>

#include "base/str.h"
#include "netlink/netlink-private.h"

static size_t address_size(int family)
{
	return family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
}

int address_add(
	struct netlink *nl, int index, const struct netlink_address *address, struct error *err)
{
	struct ifaddrmsg header = {.ifa_family = (uint8_t)address->family,
		.ifa_prefixlen = address->prefix,
		.ifa_index = (uint32_t)index,
		.ifa_scope = RT_SCOPE_UNIVERSE};
	struct nlmsghdr *request = netlink_request(
		nl, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &header, sizeof(header));
	int r;

	netlink_put_address(request, IFA_LOCAL, address);
	netlink_put_address(request, IFA_ADDRESS, address);
	if (address->family == AF_INET6)
		netlink_put_u32(request, IFA_FLAGS, IFA_F_NODAD);
	r = netlink_talk(nl, request, NULL, NULL);
	if (r < 0) {
		autofree char *text = netlink_address_format(address);

		return error_sys(err, -r, "add address %s", text);
	}
	return 0;
}

struct address_search {
	int index;
	const struct netlink_address *address;
	bool found;
};

static void compare_address(const struct nlmsghdr *answer, void *data)
{
	const struct ifaddrmsg *header = netlink_header(answer, sizeof(*header));
	struct address_search *search = data;
	size_t size = address_size(search->address->family);
	const void *ip;

	if (!header || (int)header->ifa_index != search->index ||
		header->ifa_family != search->address->family)
		return;
	ip = netlink_get(answer, sizeof(*header), IFA_ADDRESS, size);
	if (ip && memcmp(ip, &search->address->ip, size) == 0)
		search->found = true;
}

int address_find(
	struct netlink *nl, int index, const struct netlink_address *address, struct error *err)
{
	struct ifaddrmsg header = {.ifa_family = (uint8_t)address->family};
	struct nlmsghdr *request =
		netlink_request(nl, RTM_GETADDR, NLM_F_DUMP, &header, sizeof(header));
	struct address_search search = {.index = index, .address = address};
	int r = netlink_talk(nl, request, compare_address, &search);

	if (r < 0)
		return error_sys(err, -r, "list addresses");
	return search.found;
}
