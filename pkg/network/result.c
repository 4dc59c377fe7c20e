/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <json-c/json.h>

#include "network/network-private.h"

const struct json_field network_result_fields[] = {
	JSON_STRINGS(struct network_result, ips, "ips"),
	JSON_STRING(struct network_result, gateway, "gateway"),
	JSON_STRINGS(struct network_result, nameservers, "nameservers"),
	JSON_STRINGS(struct network_result, dns_search, "dnsSearch"),
	JSON_STRINGS(struct network_result, dns_options, "dnsOptions"),
	JSON_STRING(struct network_result, ifname, "interface"),
	JSON_STRING(struct network_result, mac, "mac"),
	JSON_OBJECT(struct network_result, ports, "ports", port_list_fields),
	JSON_STRING(struct network_result, json, "result"),
	JSON_END,
};

void network_result_release(struct network_result *result)
{
	json_release(network_result_fields, result);
	*result = (struct network_result){0};
}

/* The interface inside the namespace: the one of our name, else the first that has a sandbox. */
static const struct cni_interface *find_interface(const struct cni_result *cni, const char *ifname)
{
	const struct cni_interface *first = NULL;

	for (size_t i = 0; i < cni->interface_count; i++) {
		const struct cni_interface *interface = &cni->interfaces[i];

		if (str_is_empty(interface->sandbox))
			continue;
		if (str_eq(interface->name, ifname))
			return interface;
		if (!first)
			first = interface;
	}
	return first;
}

static void copy_addresses(const struct cni_result *cni, struct network_result *ret)
{
	for (size_t i = 0; i < cni->ip_count; i++) {
		strv_add(&ret->ips, cni->ips[i].address);
		if (!ret->gateway && !str_is_empty(cni->ips[i].gateway))
			ret->gateway = xstrdup(cni->ips[i].gateway);
	}
}

int result_from_record(
	const struct network_record *record, struct network_result *ret, struct error *err)
{
	AUTO(network_result_release) struct network_result result = {0};
	AUTO(cni_result_release) struct cni_result cni = {0};
	const struct cni_interface *interface;
	int r;

	result.json =
		xstrdup(json_object_to_json_string_ext(record->result, JSON_C_TO_STRING_PLAIN));
	r = cni_result_parse(result.json, strlen(result.json), &cni, err);
	if (r == 0 && record->args)
		r = json_decode(
			record->args, record->container_id, port_list_fields, &result.ports, err);
	if (r < 0)
		return error_wrap(err, r, "network state");
	interface = find_interface(&cni, record->ifname);
	result.ifname = xstrdup(interface ? interface->name : record->ifname);
	result.mac = xstrdup(interface ? interface->mac : NULL);
	copy_addresses(&cni, &result);
	result.nameservers = take_ptr(cni.dns.nameservers);
	result.dns_search = take_ptr(cni.dns.search);
	result.dns_options = take_ptr(cni.dns.options);
	*ret = result;
	result = (struct network_result){0};
	return 0;
}
