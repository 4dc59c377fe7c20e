/* SPDX-License-Identifier: Apache-2.0 */
#include "network/port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

const struct json_field port_mapping_fields[] = {
	JSON_U32(struct port_mapping, host_port, "hostPort", JSON_ALWAYS),
	JSON_U32(struct port_mapping, container_port, "containerPort", JSON_REQUIRED),
	JSON_STRING(struct port_mapping, protocol, "protocol", JSON_ALWAYS),
	JSON_STRING(struct port_mapping, host_ip, "hostIP"),
	JSON_END,
};

const struct json_field port_list_fields[] = {
	JSON_OBJECTS(struct port_list, items, count, "portMappings", port_mapping_fields),
	JSON_END,
};

/* Ports from @first to @last; both 0: none given. */
struct port_range {
	uint32_t first, last;
};

static int parse_number(const char *text, uint32_t *ret)
{
	uint64_t number;

	if (str_to_u64(text, 10, &number) < 0 || number < 1 || number > 65535)
		return -EINVAL;
	*ret = (uint32_t)number;
	return 0;
}

static int parse_range(const char *text, struct port_range *ret)
{
	const char *dash = strchr(text, '-');
	autofree char *first = dash ? xstrndup(text, (size_t)(dash - text)) : xstrdup(text);
	struct port_range range;

	if (parse_number(first, &range.first) < 0)
		return -EINVAL;
	range.last = range.first;
	if (dash && (parse_number(dash + 1, &range.last) < 0 || range.last < range.first))
		return -EINVAL;
	*ret = range;
	return 0;
}

/* Takes "ip:" off the front of @text; *@ret_rest points behind it. */
static int parse_host_ip(const char *text, char **ret_ip, const char **ret_rest)
{
	struct in6_addr address;
	autofree char *ip = NULL;
	const char *end;

	if (text[0] == '[') {
		end = strchr(text, ']');
		if (!end || end[1] != ':')
			return -EINVAL;
		ip = xstrndup(text + 1, (size_t)(end - text - 1));
		if (inet_pton(AF_INET6, ip, &address) != 1)
			return -EINVAL;
		end++;
	} else {
		end = strchr(text, ':');
		/* One colon parts host and container port; a second one means an address. */
		if (!end || !strchr(end + 1, ':')) {
			*ret_rest = text;
			return 0;
		}
		ip = xstrndup(text, (size_t)(end - text));
		if (*ip && inet_pton(AF_INET, ip, &address) != 1)
			return -EINVAL;
	}
	*ret_rest = end + 1;
	if (*ip)
		*ret_ip = take_ptr(ip);
	return 0;
}

static bool protocol_is_known(const char *text)
{
	return str_eq(text, "tcp") || str_eq(text, "udp") || str_eq(text, "sctp");
}

static void add_mapping(struct port_list *list, const char *ip, uint32_t host, uint32_t container,
	const char *protocol)
{
	list->items = list_grow(list->items, list->count, sizeof(*list->items));
	list->items[list->count++] = (struct port_mapping){.host_ip = xstrdup(ip),
		.host_port = host,
		.container_port = container,
		.protocol = xstrdup(protocol)};
}

/* Splits "…/udp" into the part before and the protocol, tcp when there is none. */
static int split_protocol(const char *text, char **ret_ports, char **ret_protocol)
{
	const char *slash = strchr(text, '/');
	const char *protocol = slash ? slash + 1 : "tcp";

	if (!protocol_is_known(protocol))
		return -EINVAL;
	*ret_ports = slash ? xstrndup(text, (size_t)(slash - text)) : xstrdup(text);
	*ret_protocol = xstrdup(protocol);
	return 0;
}

static int add_ranges(struct port_list *list, const char *ip, struct port_range host,
	struct port_range container, const char *protocol, const char *text, struct error *err)
{
	uint32_t length = container.last - container.first;

	if (host.first && host.last - host.first != length)
		return error_set(err, EINVAL,
			"published port \"%s\": the ranges of host and container differ in length",
			text);
	if (list->count + length + 1 > PORT_MAX_MAPPINGS)
		return error_set(err, EINVAL, "published port \"%s\": too many ports", text);
	for (uint32_t i = 0; i <= length; i++)
		add_mapping(
			list, ip, host.first ? host.first + i : 0, container.first + i, protocol);
	return 0;
}

int port_parse(const char *text, struct port_list *list, struct error *err)
{
	autofree char *ports = NULL, *protocol = NULL, *ip = NULL, *host_text = NULL;
	struct port_range host = {0}, container;
	const char *rest, *colon;

	if (split_protocol(text, &ports, &protocol) < 0)
		return error_set(err, EINVAL,
			"published port \"%s\": the protocol is none of tcp, udp, sctp", text);
	if (parse_host_ip(ports, &ip, &rest) < 0)
		return error_set(err, EINVAL,
			"published port \"%s\": the host part is not an IP address", text);
	colon = strchr(rest, ':');
	if (colon) {
		host_text = xstrndup(rest, (size_t)(colon - rest));
		if (*host_text && parse_range(host_text, &host) < 0)
			return error_set(err, EINVAL,
				"published port \"%s\": \"%s\" is not a port from 1 to 65535", text,
				host_text);
		rest = colon + 1;
	}
	if (parse_range(rest, &container) < 0)
		return error_set(err, EINVAL,
			"published port \"%s\": \"%s\" is not a port from 1 to 65535", text, rest);
	return add_ranges(list, ip, host, container, protocol, text, err);
}

int port_parse_exposed(const char *text, struct port_list *list, struct error *err)
{
	autofree char *ports = NULL, *protocol = NULL;
	struct port_range range, none = {0};

	if (split_protocol(text, &ports, &protocol) < 0 || parse_range(ports, &range) < 0)
		return error_set(
			err, EINVAL, "exposed port \"%s\": not PORT[-END][/PROTOCOL]", text);
	return add_ranges(list, NULL, none, range, protocol, text, err);
}

static int compare_ports(const void *left, const void *right)
{
	const struct port_mapping *one = *(const struct port_mapping *const *)left;
	const struct port_mapping *two = *(const struct port_mapping *const *)right;
	int r;

	if (one->host_port != two->host_port)
		return one->host_port < two->host_port ? -1 : 1;
	r = strcmp(one->protocol, two->protocol);
	if (r)
		return r;
	return strcmp(one->host_ip ? one->host_ip : "", two->host_ip ? two->host_ip : "");
}

int port_list_check(const struct port_list *list, struct error *err)
{
	autofree const struct port_mapping **sorted = xcalloc(list->count + 1, sizeof(*sorted));

	for (size_t i = 0; i < list->count; i++)
		sorted[i] = &list->items[i];
	qsort(sorted, list->count, sizeof(*sorted), compare_ports);
	for (size_t i = 1; i < list->count; i++) {
		if (sorted[i]->host_port && compare_ports(&sorted[i - 1], &sorted[i]) == 0)
			return error_set(err, EINVAL, "host port %u/%s is published twice",
				sorted[i]->host_port, sorted[i]->protocol);
	}
	return 0;
}

/* Asks the kernel for a free port by binding to number 0. */
static int find_free(const struct port_mapping *port, uint32_t *ret)
{
	int type = str_eq(port->protocol, "udp") ? SOCK_DGRAM : SOCK_STREAM;
	bool v6 = port->host_ip && strchr(port->host_ip, ':');
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address = {.any.sa_family = v6 ? AF_INET6 : AF_INET};
	socklen_t size = v6 ? sizeof(address.v6) : sizeof(address.v4);
	autoclose int fd = socket(address.any.sa_family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (port->host_ip)
		inet_pton(address.any.sa_family, port->host_ip,
			v6 ? (void *)&address.v6.sin6_addr : (void *)&address.v4.sin_addr);
	if (bind(fd, &address.any, size) < 0 || getsockname(fd, &address.any, &size) < 0)
		return -errno;
	*ret = ntohs(v6 ? address.v6.sin6_port : address.v4.sin_port);
	return 0;
}

/* True when a mapping of the list other than @self has the same host side. */
static bool is_taken(const struct port_list *list, const struct port_mapping *self)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct port_mapping *other = &list->items[i];

		if (other != self && compare_ports(&other, &self) == 0)
			return true;
	}
	return false;
}

int port_list_assign(struct port_list *list, struct error *err)
{
	for (size_t i = 0; i < list->count; i++) {
		struct port_mapping *port = &list->items[i];
		int r = 0;

		if (port->host_port)
			continue;
		/* What another mapping of this list was given is still free for the kernel. */
		do {
			r = find_free(port, &port->host_port);
		} while (r == 0 && is_taken(list, port));
		if (r < 0) {
			port->host_port = 0;
			return error_sys(err, -r, "find a free port on %s",
				port->host_ip ? port->host_ip : "the host");
		}
	}
	return 0;
}

void port_list_copy(struct port_list *to, const struct port_list *from)
{
	for (size_t i = 0; from && i < from->count; i++)
		add_mapping(to, from->items[i].host_ip, from->items[i].host_port,
			from->items[i].container_port, from->items[i].protocol);
}

void port_list_release(struct port_list *list)
{
	json_release(port_list_fields, list);
	*list = (struct port_list){0};
}

char *port_format(const struct port_mapping *port)
{
	const char *ip = port->host_ip ? port->host_ip : "0.0.0.0";
	bool v6 = strchr(ip, ':');

	return xasprintf("%s%s%s:%u->%u/%s", v6 ? "[" : "", ip, v6 ? "]" : "", port->host_port,
		port->container_port, port->protocol);
}
