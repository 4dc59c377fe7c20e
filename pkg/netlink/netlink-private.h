/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETLINK_PRIVATE_H
#define NETLINK_PRIVATE_H

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "netlink/netlink.h"

/* Longest request or answer; the kernel's own answers stay below 32 KiB. */
#define NETLINK_BUFFER_BYTES 32768

struct netlink {
	struct mnl_socket *socket;
	uint32_t sequence;
	_Alignas(8) char buffer[NETLINK_BUFFER_BYTES];
};

/* Begins a request in the buffer. @payload: size of the fixed header that follows. */
struct nlmsghdr *netlink_request(struct netlink *nl, uint16_t type, uint16_t flags, size_t payload);
/*
 * Sends the request and feeds every answer to @callback (NULL: none expected) until the
 * acknowledgement. Returns 0 or negative errno, without a message.
 */
int netlink_talk(struct netlink *nl, struct nlmsghdr *request, mnl_cb_t callback, void *data);
void netlink_put_address(
	struct nlmsghdr *request, uint16_t type, const struct netlink_address *address);

#endif
