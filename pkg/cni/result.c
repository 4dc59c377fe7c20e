/* SPDX-License-Identifier: Apache-2.0 */
#include "cni/result.h"

#include <arpa/inet.h>
#include <errno.h>

static const struct json_field interface_fields[] = {
	JSON_STRING(struct cni_interface, name, "name", JSON_REQUIRED),
	JSON_STRING(struct cni_interface, mac, "mac"),
	JSON_U32(struct cni_interface, mtu, "mtu"),
	JSON_STRING(struct cni_interface, sandbox, "sandbox"),
	JSON_STRING(struct cni_interface, socket_path, "socketPath"),
	JSON_STRING(struct cni_interface, pci_id, "pciID"),
	JSON_END,
};

static const struct json_field ip_fields[] = {
	JSON_STRING(struct cni_ip, address, "address", JSON_REQUIRED),
	JSON_STRING(struct cni_ip, gateway, "gateway"),
	JSON_HAS(U32, struct cni_ip, interface, has_interface, "interface"),
	JSON_END,
};

const struct json_field cni_route_fields[] = {
	JSON_STRING(struct cni_route, dst, "dst", JSON_REQUIRED),
	JSON_STRING(struct cni_route, gw, "gw"),
	JSON_U32(struct cni_route, mtu, "mtu"),
	JSON_U32(struct cni_route, advmss, "advmss"),
	JSON_U32(struct cni_route, priority, "priority"),
	JSON_U32(struct cni_route, table, "table"),
	JSON_HAS(U32, struct cni_route, scope, has_scope, "scope"),
	JSON_END,
};

const struct json_field cni_dns_fields[] = {
	JSON_STRINGS(struct cni_dns, nameservers, "nameservers"),
	JSON_STRING(struct cni_dns, domain, "domain"),
	JSON_STRINGS(struct cni_dns, search, "search"),
	JSON_STRINGS(struct cni_dns, options, "options"),
	JSON_END,
};

const struct json_field cni_result_fields[] = {
	JSON_STRING(struct cni_result, version, "cniVersion", JSON_ALWAYS),
	JSON_OBJECTS(
		struct cni_result, interfaces, interface_count, "interfaces", interface_fields),
	JSON_OBJECTS(struct cni_result, ips, ip_count, "ips", ip_fields),
	JSON_OBJECTS(struct cni_result, routes, route_count, "routes", cni_route_fields),
	JSON_OBJECT(struct cni_result, dns, "dns", cni_dns_fields),
	JSON_END,
};

bool cni_is_address(const char *text)
{
	struct in6_addr address;

	return text && (inet_pton(AF_INET, text, &address) == 1 ||
			       inet_pton(AF_INET6, text, &address) == 1);
}

bool cni_is_cidr(const char *text)
{
	const char *slash = text ? strchr(text, '/') : NULL;
	autofree char *address = slash ? xstrndup(text, (size_t)(slash - text)) : NULL;
	uint64_t length;

	if (!address || !cni_is_address(address) || str_to_u64(slash + 1, 10, &length) < 0)
		return false;
	return length <= (strchr(address, ':') ? 128 : 32);
}

static int check_ips(const struct cni_result *result, struct error *err)
{
	for (size_t i = 0; i < result->ip_count; i++) {
		const struct cni_ip *ip = &result->ips[i];

		if (!cni_is_cidr(ip->address))
			return error_set(err, EBADMSG,
				"plugin result.ips[%zu].address: \"%s\" is no "
				"address with a prefix length",
				i, ip->address);
		if (!str_is_empty(ip->gateway) && !cni_is_address(ip->gateway))
			return error_set(err, EBADMSG,
				"plugin result.ips[%zu].gateway: \"%s\" is no "
				"address",
				i, ip->gateway);
		if (ip->has_interface && ip->interface >= result->interface_count)
			return error_set(err, EBADMSG,
				"plugin result.ips[%zu].interface: there is no "
				"interface %u",
				i, ip->interface);
	}
	return 0;
}

static int check_result(const struct cni_result *result, struct error *err)
{
	for (size_t i = 0; i < result->route_count; i++) {
		const struct cni_route *route = &result->routes[i];

		if (!cni_is_cidr(route->dst) ||
			(!str_is_empty(route->gw) && !cni_is_address(route->gw)))
			return error_set(err, EBADMSG, "plugin result.routes[%zu]: bad address", i);
	}
	for (size_t i = 0; result->dns.nameservers && result->dns.nameservers[i]; i++) {
		if (!cni_is_address(result->dns.nameservers[i]))
			return error_set(err, EBADMSG,
				"plugin result.dns.nameservers[%zu]: \"%s\" is "
				"no address",
				i, result->dns.nameservers[i]);
	}
	return check_ips(result, err);
}

int cni_result_parse(const char *text, size_t len, struct cni_result *ret, struct error *err)
{
	AUTO(cni_result_release) struct cni_result result = {0};
	int r = json_read(text, len, "plugin result", cni_result_fields, &result, err);

	if (r == 0)
		r = check_result(&result, err);
	if (r < 0)
		return r;
	*ret = result;
	result = (struct cni_result){0};
	return 0;
}

struct cni_interface *cni_result_add_interface(struct cni_result *result)
{
	result->interfaces =
		list_grow(result->interfaces, result->interface_count, sizeof(*result->interfaces));
	result->interfaces[result->interface_count] = (struct cni_interface){0};
	return &result->interfaces[result->interface_count++];
}

struct cni_ip *cni_result_add_ip(struct cni_result *result)
{
	result->ips = list_grow(result->ips, result->ip_count, sizeof(*result->ips));
	result->ips[result->ip_count] = (struct cni_ip){0};
	return &result->ips[result->ip_count++];
}

struct cni_route *cni_result_add_route(struct cni_result *result)
{
	result->routes = list_grow(result->routes, result->route_count, sizeof(*result->routes));
	result->routes[result->route_count] = (struct cni_route){0};
	return &result->routes[result->route_count++];
}

void cni_result_release(struct cni_result *result)
{
	json_release(cni_result_fields, result);
	*result = (struct cni_result){0};
}
