/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETLINK_PRIVATE_H
#define NETLINK_PRIVATE_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>

#include "netlink/netlink.h"

/* Longest request or answer; the kernel's own answers stay below 32 KiB. */
#define NETLINK_BUFFER_BYTES 32768

struct netlink {
	int fd;
	uint32_t sequence;
	_Alignas(NLMSG_ALIGNTO) char buffer[NETLINK_BUFFER_BYTES];
};

/*
 * netlink_request - begin a request in the buffer.
 * @header: the fixed header of this type of message, copied; it is what comes before attributes
 */
struct nlmsghdr *netlink_request(
	struct netlink *nl, uint16_t type, uint16_t flags, const void *header, size_t size);

/* Attributes behind what the request has so far; a few small ones always fit. */
void netlink_put(struct nlmsghdr *request, uint16_t type, const void *value, size_t size);
void netlink_put_u32(struct nlmsghdr *request, uint16_t type, uint32_t value);
void netlink_put_address(
	struct nlmsghdr *request, uint16_t type, const struct netlink_address *address);
/* Bytes that are no attribute: the header of a message within an attribute. */
void netlink_put_raw(struct nlmsghdr *request, const void *value, size_t size);
/* What is put between the two lies in the attribute. */
struct nlattr *netlink_nest_begin(struct nlmsghdr *request, uint16_t type);
void netlink_nest_end(struct nlmsghdr *request, struct nlattr *nest);

/* What an answer carries: its fixed header, then attributes. */
typedef void (*netlink_reader)(const struct nlmsghdr *answer, void *data);
/* The fixed header, or NULL when the answer is shorter. */
const void *netlink_header(const struct nlmsghdr *answer, size_t size);
/* The first attribute of @type behind a header of @header_size, or NULL when none has @size bytes.
 */
const void *netlink_get(
	const struct nlmsghdr *answer, size_t header_size, uint16_t type, size_t size);

/* The text of an attribute @inner in the attribute @outer, cut to @size; "" when there is none. */
void netlink_get_nested_text(const struct nlmsghdr *answer, size_t header_size, uint16_t outer,
	uint16_t inner, char *ret, size_t size);

/*
 * Sends the request and gives every answer to @reader (NULL: none expected) until the
 * acknowledgement. Returns 0 or negative errno, without a message.
 */
int netlink_talk(
	struct netlink *nl, const struct nlmsghdr *request, netlink_reader reader, void *data);

#endif
