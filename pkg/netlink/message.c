/* SPDX-License-Identifier: Apache-2.0 */
/* The form of netlink messages (netlink(7)): header, fixed header of the type, attributes. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink/netlink-private.h"

struct nlmsghdr *netlink_request(
	struct netlink *nl, uint16_t type, uint16_t flags, const void *header, size_t size)
{
	struct nlmsghdr *request = (struct nlmsghdr *)(void *)nl->buffer;

	memset(request, 0, NLMSG_SPACE(size));
	request->nlmsg_len = NLMSG_SPACE(size);
	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | flags;
	request->nlmsg_seq = ++nl->sequence;
	memcpy(NLMSG_DATA(request), header, size);
	return request;
}

/* The attribute with room for its value, which is zeroed as is the padding. */
static struct nlattr *add_attribute(struct nlmsghdr *request, uint16_t type, size_t size)
{
	struct nlattr *attr = (struct nlattr *)(void *)((char *)request + request->nlmsg_len);
	size_t space = NLA_HDRLEN + NLA_ALIGN(size);

	assert(request->nlmsg_len + space <= NETLINK_BUFFER_BYTES);
	memset(attr, 0, space);
	attr->nla_type = type;
	attr->nla_len = (uint16_t)(NLA_HDRLEN + size);
	request->nlmsg_len += (uint32_t)space;
	return attr;
}

void netlink_put(struct nlmsghdr *request, uint16_t type, const void *value, size_t size)
{
	struct nlattr *attr = add_attribute(request, type, size);

	memcpy((char *)attr + NLA_HDRLEN, value, size);
}

void netlink_put_u32(struct nlmsghdr *request, uint16_t type, uint32_t value)
{
	netlink_put(request, type, &value, sizeof(value));
}

void netlink_put_address(
	struct nlmsghdr *request, uint16_t type, const struct netlink_address *address)
{
	netlink_put(request, type, &address->ip,
		address->family == AF_INET ? sizeof(address->ip.v4) : sizeof(address->ip.v6));
}

void netlink_put_raw(struct nlmsghdr *request, const void *value, size_t size)
{
	assert(request->nlmsg_len + NLA_ALIGN(size) <= NETLINK_BUFFER_BYTES);
	memset((char *)request + request->nlmsg_len, 0, NLA_ALIGN(size));
	memcpy((char *)request + request->nlmsg_len, value, size);
	request->nlmsg_len += (uint32_t)NLA_ALIGN(size);
}

struct nlattr *netlink_nest_begin(struct nlmsghdr *request, uint16_t type)
{
	return add_attribute(request, type | NLA_F_NESTED, 0);
}

void netlink_nest_end(struct nlmsghdr *request, struct nlattr *nest)
{
	nest->nla_len = (uint16_t)((char *)request + request->nlmsg_len - (char *)nest);
}

const void *netlink_header(const struct nlmsghdr *answer, size_t size)
{
	return answer->nlmsg_len >= NLMSG_LENGTH(size) ? NLMSG_DATA(answer) : NULL;
}

/* The first attribute of @type among those in @len bytes, or NULL. */
static const struct nlattr *find_attribute(const char *base, size_t len, uint16_t type)
{
	size_t at = 0;

	while (at + NLA_HDRLEN <= len) {
		const struct nlattr *attr = (const struct nlattr *)(const void *)(base + at);

		if (attr->nla_len < NLA_HDRLEN || attr->nla_len > len - at)
			return NULL;
		if ((attr->nla_type & NLA_TYPE_MASK) == type)
			return attr;
		at += NLA_ALIGN(attr->nla_len);
	}
	return NULL;
}

static const struct nlattr *find_outer(
	const struct nlmsghdr *answer, size_t header_size, uint16_t type)
{
	size_t start = NLMSG_SPACE(header_size);

	if (answer->nlmsg_len < start)
		return NULL;
	return find_attribute((const char *)answer + start, answer->nlmsg_len - start, type);
}

const void *netlink_get(
	const struct nlmsghdr *answer, size_t header_size, uint16_t type, size_t size)
{
	const struct nlattr *attr = find_outer(answer, header_size, type);

	return attr && attr->nla_len == NLA_HDRLEN + size ? (const char *)attr + NLA_HDRLEN : NULL;
}

void netlink_get_nested_text(const struct nlmsghdr *answer, size_t header_size, uint16_t outer,
	uint16_t inner, char *ret, size_t size)
{
	const struct nlattr *attr = find_outer(answer, header_size, outer);

	if (attr)
		attr = find_attribute(
			(const char *)attr + NLA_HDRLEN, attr->nla_len - NLA_HDRLEN, inner);
	snprintf(ret, size, "%.*s", attr ? (int)(attr->nla_len - NLA_HDRLEN) : 0,
		attr ? (const char *)attr + NLA_HDRLEN : "");
}

/* 1: the exchange goes on; 0: it ended well; negative errno. */
static int take_message(const struct nlmsghdr *message, netlink_reader reader, void *data)
{
	const struct nlmsgerr *error;

	if (message->nlmsg_type == NLMSG_DONE)
		return 0;
	if (message->nlmsg_type == NLMSG_ERROR) {
		error = netlink_header(message, sizeof(*error));
		return error ? error->error : -EBADMSG;
	}
	if (reader && message->nlmsg_type >= NLMSG_MIN_TYPE)
		reader(message, data);
	return 1;
}

static int take_messages(
	const struct netlink *nl, size_t len, uint32_t sequence, netlink_reader reader, void *data)
{
	size_t at = 0;
	int r = 1;

	while (r == 1 && at + NLMSG_HDRLEN <= len) {
		const struct nlmsghdr *message =
			(const struct nlmsghdr *)(const void *)(nl->buffer + at);

		if (message->nlmsg_len < NLMSG_HDRLEN || message->nlmsg_len > len - at)
			return -EBADMSG;
		/* What is left of an exchange that was broken off has another number. */
		if (message->nlmsg_seq == sequence)
			r = take_message(message, reader, data);
		at += NLMSG_ALIGN(message->nlmsg_len);
	}
	return r;
}

int netlink_talk(
	struct netlink *nl, const struct nlmsghdr *request, netlink_reader reader, void *data)
{
	uint32_t sequence = request->nlmsg_seq;
	int r = 1;

	if (send(nl->fd, request, request->nlmsg_len, 0) < 0)
		return -errno;
	while (r == 1) {
		/* With MSG_TRUNC the length is that of the whole message. */
		ssize_t len = recv(nl->fd, nl->buffer, sizeof(nl->buffer), MSG_TRUNC);

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -errno;
		if ((size_t)len > sizeof(nl->buffer))
			return -EMSGSIZE;
		r = take_messages(nl, (size_t)len, sequence, reader, data);
	}
	return r;
}
