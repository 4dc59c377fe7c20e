/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/str.h"
#include "netlink/netlink-private.h"

int netlink_open(struct netlink **ret, struct error *err)
{
	AUTO(netlink_close) struct netlink *nl = xnew(struct netlink);
	/* The socket is connected to the kernel; nobody else's messages are taken. */
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};

	nl->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (nl->fd < 0 || connect(nl->fd, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return error_sys(err, errno, "open a netlink socket");
	*ret = take_ptr(nl);
	return 0;
}

void netlink_close(struct netlink *nl)
{
	if (!nl)
		return;
	close_fd(&nl->fd);
	free(nl);
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
