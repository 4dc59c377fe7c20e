/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "netlink/netlink-private.h"

int netlink_open(struct netlink **ret, struct error *err)
{
	struct netlink *nl = xnew(struct netlink);

	nl->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!nl->socket || mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		int code = errno;

		netlink_close(nl);
		return error_sys(err, code, "open a netlink socket");
	}
	*ret = nl;
	return 0;
}

void netlink_close(struct netlink *nl)
{
	if (!nl)
		return;
	if (nl->socket)
		mnl_socket_close(nl->socket);
	free(nl);
}

struct nlmsghdr *netlink_request(struct netlink *nl, uint16_t type, uint16_t flags, size_t payload)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(nl->buffer);

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | flags;
	request->nlmsg_seq = ++nl->sequence;
	mnl_nlmsg_put_extra_header(request, payload);
	return request;
}

int netlink_talk(struct netlink *nl, struct nlmsghdr *request, mnl_cb_t callback, void *data)
{
	unsigned port = mnl_socket_get_portid(nl->socket);
	uint32_t sequence = request->nlmsg_seq;
	int r = MNL_CB_OK;

	if (mnl_socket_sendto(nl->socket, request, request->nlmsg_len) < 0)
		return -errno;
	while (r > MNL_CB_STOP) {
		ssize_t len = mnl_socket_recvfrom(nl->socket, nl->buffer, sizeof(nl->buffer));

		if (len < 0)
			return -errno;
		r = mnl_cb_run(nl->buffer, (size_t)len, sequence, port, callback, data);
	}
	return r < 0 ? -errno : 0;
}

void netlink_put_address(
	struct nlmsghdr *request, uint16_t type, const struct netlink_address *address)
{
	if (address->family == AF_INET)
		mnl_attr_put(request, type, sizeof(address->ip.v4), &address->ip.v4);
	else
		mnl_attr_put(request, type, sizeof(address->ip.v6), &address->ip.v6);
}

int netlink_address_parse(const char *text, struct netlink_address *ret, struct error *err)
{
	const char *slash = strchr(text, '/');
	autofree char *ip = slash ? xstrndup(text, (size_t)(slash - text)) : xstrdup(text);
	struct netlink_address address = {0};
	uint64_t prefix, most;

	if (inet_pton(AF_INET, ip, &address.ip.v4) == 1)
		address.family = AF_INET;
	else if (inet_pton(AF_INET6, ip, &address.ip.v6) == 1)
		address.family = AF_INET6;
	else
		return error_set(err, EINVAL, "\"%s\" is not an address", text);
	most = address.family == AF_INET ? 32 : 128;
	prefix = most;
	if (slash && (str_to_u64(slash + 1, 10, &prefix) < 0 || prefix > most))
		return error_set(err, EINVAL, "\"%s\": bad prefix length", text);
	address.prefix = (uint8_t)prefix;
	*ret = address;
	return 0;
}

char *netlink_address_format(const struct netlink_address *address)
{
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(address->family, &address->ip, text, sizeof(text)))
		abort();
	return xstrdup(text);
}

char *mac_format(const uint8_t mac[6])
{
	return xasprintf(
		"%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

int mac_parse(const char *text, uint8_t ret[6])
{
	AUTO(strv_free) char **parts = strv_split(text, ':');
	uint8_t mac[6];

	if (strv_len(parts) != 6)
		return -EINVAL;
	for (size_t i = 0; i < 6; i++) {
		uint64_t byte;

		if (strlen(parts[i]) != 2 || str_to_u64(parts[i], 16, &byte) < 0)
			return -EINVAL;
		mac[i] = (uint8_t)byte;
	}
	/* A multicast address cannot be an interface's. */
	if (mac[0] & 1)
		return -EINVAL;
	memcpy(ret, mac, sizeof(mac));
	return 0;
}
