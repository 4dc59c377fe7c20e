/* SPDX-License-Identifier: Apache-2.0 */
/* The form of messages; test-netlink.c has a kernel at the other end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "netlink/netlink-private.h"

static struct netlink nl;

static struct nlmsghdr *make_request(void)
{
	struct ifinfomsg header = {.ifi_index = 7};

	return netlink_request(&nl, RTM_NEWLINK, NLM_F_ACK, &header, sizeof(header));
}

static const void *get(const struct nlmsghdr *message, uint16_t type, size_t size)
{
	return netlink_get(message, sizeof(struct ifinfomsg), type, size);
}

static void attributes_come_back(void **state)
{
	struct nlmsghdr *request = make_request();
	const struct ifinfomsg *header = netlink_header(request, sizeof(*header));
	uint32_t mtu;

	(void)state;
	netlink_put(request, IFLA_IFNAME, "eth0", 5);
	netlink_put_u32(request, IFLA_MTU, 1500);
	assert_int_equal(header->ifi_index, 7);
	assert_string_equal(get(request, IFLA_IFNAME, 5), "eth0");
	memcpy(&mtu, get(request, IFLA_MTU, sizeof(mtu)), sizeof(mtu));
	assert_int_equal(mtu, 1500);
	assert_null(get(request, IFLA_ADDRESS, 6));
	/* Of another size than is asked for. */
	assert_null(get(request, IFLA_MTU, 2));
}

static void nests_hold_what_is_put_between(void **state)
{
	struct nlmsghdr *request = make_request();
	struct nlattr *outer = netlink_nest_begin(request, IFLA_AF_SPEC);
	struct nlattr *inner = netlink_nest_begin(request, AF_INET6);

	(void)state;
	netlink_put_u32(request, 1, 2);
	netlink_nest_end(request, inner);
	netlink_nest_end(request, outer);
	assert_int_equal(inner->nla_len, NLA_HDRLEN + 8);
	assert_int_equal(outer->nla_len, NLA_HDRLEN + NLA_HDRLEN + 8);
	assert_int_equal(outer->nla_type, IFLA_AF_SPEC | NLA_F_NESTED);
}

static void nothing_is_read_behind_the_end(void **state)
{
	struct nlmsghdr *request = make_request();
	struct nlattr *attr = (struct nlattr *)(void *)((char *)request + request->nlmsg_len);

	(void)state;
	netlink_put_u32(request, IFLA_MTU, 1500);
	attr->nla_len = 200;
	assert_null(get(request, IFLA_MTU, 4));
	attr->nla_len = 0;
	assert_null(get(request, IFLA_MTU, 4));
	attr->nla_len = 8;
	request->nlmsg_len -= 4;
	assert_null(get(request, IFLA_MTU, 4));
	request->nlmsg_len = NLMSG_HDRLEN + 2;
	assert_null(get(request, IFLA_MTU, 4));
	assert_null(netlink_header(request, sizeof(struct ifinfomsg)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes_come_back),
		cmocka_unit_test(nests_hold_what_is_put_between),
		cmocka_unit_test(nothing_is_read_behind_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
