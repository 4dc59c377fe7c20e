/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <json-c/json.h>

#include "base/str.h"
#include "sys/dirs.h"

#define DEFAULT_CIDR "10.0.2.0/24"
#define DEFAULT_CIDR6 "fd00::/64"
#define DEFAULT_MTU 65520
#define MIN_MTU 1280
#define MAX_MTU 65521 /* libslirp's IF_MTU_MAX */

struct raw_port {
	uint32_t host_port, container_port;
	char *protocol, *host_ip;
};

struct raw_runtime {
	struct raw_port *ports;
	size_t port_count;
	char *mac;
};

struct raw_config {
	char *state_dir, *cidr, *cidr6, *dns_upstream, *outbound, *outbound6;
	uint32_t mtu;
	bool ipv6, has_ipv6, allow_host_loopback;
	struct raw_runtime runtime;
};

static const struct json_field port_fields[] = {
	JSON_U32(struct raw_port, host_port, "hostPort", JSON_REQUIRED),
	JSON_U32(struct raw_port, container_port, "containerPort", JSON_REQUIRED),
	JSON_STRING(struct raw_port, protocol, "protocol"),
	JSON_STRING(struct raw_port, host_ip, "hostIP"),
	JSON_END,
};

static const struct json_field runtime_fields[] = {
	JSON_OBJECTS(struct raw_runtime, ports, port_count, "portMappings", port_fields),
	JSON_STRING(struct raw_runtime, mac, "mac"),
	JSON_END,
};

static const struct json_field raw_fields[] = {
	JSON_STRING(struct raw_config, state_dir, "stateDir"),
	JSON_STRING(struct raw_config, cidr, "cidr"),
	JSON_STRING(struct raw_config, cidr6, "cidr6"),
	JSON_STRING(struct raw_config, dns_upstream, "dnsUpstream"),
	JSON_STRING(struct raw_config, outbound, "outboundAddr"),
	JSON_STRING(struct raw_config, outbound6, "outboundAddr6"),
	JSON_U32(struct raw_config, mtu, "mtu"),
	JSON_HAS(BOOL, struct raw_config, ipv6, has_ipv6, "ipv6"),
	JSON_BOOL(struct raw_config, allow_host_loopback, "allowHostLoopback"),
	JSON_OBJECT(struct raw_config, runtime, "runtimeConfig", runtime_fields),
	JSON_END,
};

static inline void auto_raw_release(struct raw_config *raw)
{
	json_release(raw_fields, raw);
}

static struct netlink_address host_of(const struct slirp_config *config, uint32_t number)
{
	struct netlink_address address = {.family = AF_INET, .prefix = config->prefix};

	address.ip.v4.s_addr = config->network.s_addr | htonl(number);
	return address;
}

static struct netlink_address host6_of(const struct slirp_config *config, uint8_t high, uint8_t low)
{
	struct netlink_address address = {.family = AF_INET6, .prefix = 64};

	address.ip.v6 = config->network6;
	address.ip.v6.s6_addr[14] = high;
	address.ip.v6.s6_addr[15] = low;
	return address;
}

static int parse_networks(
	const struct raw_config *raw, struct slirp_config *config, struct error *err)
{
	const char *cidr = raw->cidr ? raw->cidr : DEFAULT_CIDR;
	const char *cidr6 = raw->cidr6 ? raw->cidr6 : DEFAULT_CIDR6;
	struct netlink_address net, net6;

	if (netlink_address_parse(cidr, &net, err) < 0 || net.family != AF_INET || net.prefix < 8 ||
		net.prefix > 25)
		return error_set(err, EINVAL, "cidr %s: not an IPv4 network from /8 to /25", cidr);
	config->prefix = net.prefix;
	config->netmask.s_addr = htonl(~UINT32_C(0) << (32 - net.prefix));
	config->network.s_addr = net.ip.v4.s_addr & config->netmask.s_addr;
	config->guest = host_of(config, 100);
	config->gateway = host_of(config, 2);
	config->nameserver = host_of(config, 3);
	if (netlink_address_parse(cidr6, &net6, err) < 0 || net6.family != AF_INET6 ||
		net6.prefix != 64)
		return error_set(err, EINVAL, "cidr6 %s: not an IPv6 network of /64", cidr6);
	config->network6 = net6.ip.v6;
	memset(&config->network6.s6_addr[8], 0, 8);
	config->guest6 = host6_of(config, 1, 0);
	config->gateway6 = host6_of(config, 0, 2);
	config->nameserver6 = host6_of(config, 0, 3);
	return 0;
}

/* First address of @family on the interface @name. */
static int address_of_interface(const char *name, int family, struct netlink_address *ret)
{
	struct ifaddrs *list;
	int r = -EADDRNOTAVAIL;

	if (getifaddrs(&list) < 0)
		return -errno;
	for (struct ifaddrs *at = list; at && r < 0; at = at->ifa_next) {
		if (!at->ifa_addr || at->ifa_addr->sa_family != family ||
			strcmp(at->ifa_name, name) != 0)
			continue;
		ret->family = family;
		if (family == AF_INET)
			ret->ip.v4 = ((struct sockaddr_in *)(void *)at->ifa_addr)->sin_addr;
		else
			ret->ip.v6 = ((struct sockaddr_in6 *)(void *)at->ifa_addr)->sin6_addr;
		r = 0;
	}
	freeifaddrs(list);
	return r;
}

static int parse_source(const char *key, const char *value, int family, struct netlink_address *ret,
	struct error *err)
{
	int r = netlink_address_parse(value, ret, NULL);

	if (r < 0)
		r = address_of_interface(value, family, ret);
	if (r < 0 || ret->family != family)
		return error_set(err, EINVAL,
			"%s %s: neither an %s address nor an interface that has one", key, value,
			family == AF_INET ? "IPv4" : "IPv6");
	return 0;
}

static int parse_outbound(
	const struct raw_config *raw, struct slirp_config *config, struct error *err)
{
	struct netlink_address source;
	int r;

	if (raw->outbound) {
		r = parse_source("outboundAddr", raw->outbound, AF_INET, &source, err);
		if (r < 0)
			return r;
		config->has_outbound = true;
		config->outbound.sin_family = AF_INET;
		config->outbound.sin_addr = source.ip.v4;
	}
	if (raw->outbound6) {
		r = parse_source("outboundAddr6", raw->outbound6, AF_INET6, &source, err);
		if (r < 0)
			return r;
		config->has_outbound6 = true;
		config->outbound6.sin6_family = AF_INET6;
		config->outbound6.sin6_addr = source.ip.v6;
	}
	return 0;
}

static int parse_port(const struct raw_port *raw, struct slirp_config *config, struct error *err)
{
	const char *protocol = raw->protocol ? raw->protocol : "tcp";
	const char *ip = str_is_empty(raw->host_ip) ? "0.0.0.0" : raw->host_ip;
	struct slirp_port port = {.udp = str_eq(protocol, "udp")};

	if (!port.udp && strcmp(protocol, "tcp") != 0)
		return error_set(err, EOPNOTSUPP,
			"publish port %u: protocol %s is not supported by slirp (tcp and udp are)",
			raw->host_port, protocol);
	if (!raw->host_port || raw->host_port > 65535 || !raw->container_port ||
		raw->container_port > 65535)
		return error_set(err, EINVAL, "publish port %u to %u: not from 1 to 65535",
			raw->host_port, raw->container_port);
	if (strchr(ip, '/') || netlink_address_parse(ip, &port.host, NULL) < 0)
		return error_set(err, EINVAL, "publish port %u: hostIP %s is not an address",
			raw->host_port, ip);
	if (port.host.family == AF_INET6 && !config->ipv6)
		return error_set(err, EOPNOTSUPP,
			"publish port %u: hostIP %s: IPv6 is switched off for this network",
			raw->host_port, ip);
	if (port.host.family == AF_INET6)
		config->ipv6_required = true;
	port.host_port = (uint16_t)raw->host_port;
	port.guest_port = (uint16_t)raw->container_port;
	config->ports = list_grow(config->ports, config->port_count, sizeof(*config->ports));
	config->ports[config->port_count++] = port;
	return 0;
}

static int fill(const struct raw_config *raw, struct slirp_config *config, struct error *err)
{
	struct netlink_address upstream;
	int r;

	config->mtu = raw->mtu ? raw->mtu : DEFAULT_MTU;
	if (config->mtu < MIN_MTU || config->mtu > MAX_MTU)
		return error_set(
			err, EINVAL, "mtu %u: not from %d to %d", config->mtu, MIN_MTU, MAX_MTU);
	if (raw->state_dir && raw->state_dir[0] != '/')
		return error_set(err, EINVAL, "stateDir %s: not an absolute path", raw->state_dir);
	if (raw->dns_upstream &&
		(strchr(raw->dns_upstream, '/') ||
			netlink_address_parse(raw->dns_upstream, &upstream, NULL) < 0))
		return error_set(err, EINVAL, "dnsUpstream %s: not an address", raw->dns_upstream);
	if (raw->runtime.mac && mac_parse(raw->runtime.mac, config->mac) < 0)
		return error_set(
			err, EINVAL, "mac %s: not the address of an interface", raw->runtime.mac);
	config->has_mac = raw->runtime.mac;
	config->dns_upstream = xstrdup(raw->dns_upstream);
	config->ipv6 = raw->has_ipv6 ? raw->ipv6 : true;
	config->ipv6_required = raw->has_ipv6 && raw->ipv6;
	config->allow_host_loopback = raw->allow_host_loopback;
	r = parse_networks(raw, config, err);
	if (r == 0)
		r = parse_outbound(raw, config, err);
	for (size_t i = 0; r == 0 && i < raw->runtime.port_count; i++)
		r = parse_port(&raw->runtime.ports[i], config, err);
	return r;
}

int slirp_config_parse(
	const struct cni_request *request, struct slirp_config *ret, struct error *err)
{
	AUTO(raw_release) struct raw_config raw = {0};
	AUTO(slirp_config_release) struct slirp_config config = {0};
	int r = json_decode(request->conf, "configuration", raw_fields, &raw, err);

	if (r == 0)
		r = fill(&raw, &config, err);
	if (r < 0)
		return r == -EBADMSG ? -EINVAL : r;
	if (raw.state_dir) {
		config.state_dir = take_ptr(raw.state_dir);
	} else {
		autofree char *run = dirs_run_root();

		config.state_dir = xasprintf("%s/network/slirp", run);
	}
	*ret = config;
	config = (struct slirp_config){0};
	return 0;
}

char *slirp_port_format(const struct slirp_port *port)
{
	autofree char *ip = netlink_address_format(&port->host);
	bool v6 = port->host.family == AF_INET6;

	return xasprintf("%s%s%s:%u/%s", v6 ? "[" : "", ip, v6 ? "]" : "", port->host_port,
		port->udp ? "udp" : "tcp");
}

void slirp_config_release(struct slirp_config *config)
{
	free(config->state_dir);
	free(config->dns_upstream);
	free(config->ports);
	*config = (struct slirp_config){0};
}
