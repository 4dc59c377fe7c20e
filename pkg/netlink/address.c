/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/if_addr.h>

#include "base/str.h"
#include "netlink/netlink-private.h"

static size_t address_size(int family)
{
	return family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
}

static struct nlmsghdr *address_request(struct netlink *nl, uint16_t type, uint16_t flags,
	int index, const struct netlink_address *address)
{
	struct ifaddrmsg header = {.ifa_family = (uint8_t)address->family,
		.ifa_prefixlen = address->prefix,
		.ifa_index = (uint32_t)index,
		.ifa_scope = RT_SCOPE_UNIVERSE};
	struct nlmsghdr *request =
		netlink_request(nl, type, NLM_F_ACK | flags, &header, sizeof(header));

	netlink_put_address(request, IFA_LOCAL, address);
	netlink_put_address(request, IFA_ADDRESS, address);
	return request;
}

int address_add(
	struct netlink *nl, int index, const struct netlink_address *address, struct error *err)
{
	struct nlmsghdr *request =
		address_request(nl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, index, address);
	int r;

	if (address->family == AF_INET6)
		netlink_put_u32(request, IFA_FLAGS, IFA_F_NODAD);
	r = netlink_talk(nl, request, NULL, NULL);
	if (r < 0) {
		autofree char *text = netlink_address_format(address);

		return error_sys(err, -r, "add address %s", text);
	}
	return 0;
}

int address_delete(
	struct netlink *nl, int index, const struct netlink_address *address, struct error *err)
{
	int r = netlink_talk(nl, address_request(nl, RTM_DELADDR, 0, index, address), NULL, NULL);

	if (r < 0 && r != -EADDRNOTAVAIL && r != -ENODEV) {
		autofree char *text = netlink_address_format(address);

		return error_sys(err, -r, "delete address %s", text);
	}
	return 0;
}

struct address_search {
	int index;
	const struct netlink_address *address;
	bool has_same;
	bool has_other; /* of the same network */
	struct netlink_address other;
};

static bool same_network(const void *left, const void *right, unsigned prefix)
{
	const uint8_t *a = left, *b = right;
	unsigned bytes = prefix / 8, bits = prefix % 8;

	if (memcmp(a, b, bytes) != 0)
		return false;
	return bits == 0 || ((a[bytes] ^ b[bytes]) & (0xff00 >> bits) & 0xff) == 0;
}

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
	if (!ip)
		return;
	if (memcmp(ip, &search->address->ip, size) == 0) {
		search->has_same = true;
	} else if (same_network(ip, &search->address->ip, search->address->prefix)) {
		search->has_other = true;
		search->other = (struct netlink_address){
			.family = header->ifa_family, .prefix = header->ifa_prefixlen};
		memcpy(&search->other.ip, ip, size);
	}
}

static int search_addresses(struct netlink *nl, struct address_search *search, struct error *err)
{
	struct ifaddrmsg header = {.ifa_family = (uint8_t)search->address->family};
	struct nlmsghdr *request =
		netlink_request(nl, RTM_GETADDR, NLM_F_DUMP, &header, sizeof(header));
	int r = netlink_talk(nl, request, compare_address, search);

	return r < 0 ? error_sys(err, -r, "list addresses") : 0;
}

int address_find(
	struct netlink *nl, int index, const struct netlink_address *address, struct error *err)
{
	struct address_search search = {.index = index, .address = address};
	int r = search_addresses(nl, &search, err);

	return r < 0 ? r : search.has_same;
}

int address_find_other(struct netlink *nl, int index, const struct netlink_address *address,
	struct netlink_address *ret, struct error *err)
{
	struct address_search search = {.index = index, .address = address};
	int r = search_addresses(nl, &search, err);

	if (r == 0 && search.has_other)
		*ret = search.other;
	return r < 0 ? r : search.has_other;
}
