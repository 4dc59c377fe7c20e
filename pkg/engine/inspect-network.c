/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "engine/inspect.h"
#include "network/choice.h"
#include "network/network.h"

/* {"80/tcp":[{"HostIp","HostPort"}]}, null for ports that are only exposed. */
struct json_object *inspect_ports(const struct port_list *ports, char *const *exposed)
{
	struct json_object *obj = json_object_new_object();

	for (size_t i = 0; exposed && exposed[i]; i++) {
		autofree char *key = strchr(exposed[i], '/') ? xstrdup(exposed[i])
							     : xasprintf("%s/tcp", exposed[i]);

		json_object_object_add(obj, key, NULL);
	}
	for (size_t i = 0; i < ports->count; i++) {
		const struct port_mapping *port = &ports->items[i];
		autofree char *key = xasprintf("%u/%s", port->container_port, port->protocol);
		autofree char *number = xasprintf("%u", port->host_port);
		struct json_object *list = json_get(obj, key);
		struct json_object *item = json_object_new_object();

		if (!list) {
			list = json_object_new_array();
			json_object_object_add(obj, key, list);
		}
		json_add_string(item, "HostIp", port->host_ip ? port->host_ip : "0.0.0.0");
		json_add_string(item, "HostPort", number);
		json_object_array_add(list, item);
	}
	return obj;
}

/* "10.0.2.100/24" into address and prefix length; the first of each family. */
static void add_addresses(struct json_object *obj, char *const *ips)
{
	const char *v4 = "", *v6 = "";
	int64_t v4_len = 0, v6_len = 0;
	autofree char *v4_text = NULL, *v6_text = NULL;

	for (size_t i = 0; ips && ips[i]; i++) {
		const char *slash = strchr(ips[i], '/');
		bool is_v6 = strchr(ips[i], ':') != NULL;
		char **text = is_v6 ? &v6_text : &v4_text;

		if (!slash || *text)
			continue;
		*text = xstrndup(ips[i], (size_t)(slash - ips[i]));
		str_to_i64(slash + 1, is_v6 ? &v6_len : &v4_len);
	}
	if (v4_text)
		v4 = v4_text;
	if (v6_text)
		v6 = v6_text;
	json_add_string(obj, "IPAddress", v4);
	json_add_int(obj, "IPPrefixLen", v4_len);
	json_add_string(obj, "GlobalIPv6Address", v6);
	json_add_int(obj, "GlobalIPv6PrefixLen", v6_len);
}

/* What the whole container and each of its networks have. */
static void add_endpoint(struct json_object *obj, const struct network_result *result)
{
	json_add_string(obj, "EndpointID", "");
	json_add_string(obj, "Gateway", result->gateway);
	json_add_string(obj, "IPv6Gateway", "");
	json_add_string(obj, "MacAddress", result->mac);
	add_addresses(obj, result->ips);
}

/* Where its network namespace can be found while it runs. */
static void add_sandbox(struct json_object *obj, const struct container *ctr)
{
	autofree char *path = xasprintf("/proc/%" PRId64 "/ns/net", ctr->state.init.pid);

	json_add_string(obj, "SandboxID", "");
	json_add_string(obj, "SandboxKey", ctr->state.init.pid ? path : "");
	json_add_string(obj, "Bridge", "");
	json_add_bool(obj, "HairpinMode", false);
	json_add_string(obj, "LinkLocalIPv6Address", "");
	json_add_int(obj, "LinkLocalIPv6PrefixLen", 0);
}

static struct json_object *networks_json(
	const struct container *ctr, const struct network_result *result)
{
	AUTO(network_choice_release) struct network_choice choice = {0};
	struct json_object *networks = json_object_new_object();
	struct json_object *entry;
	const char *name;

	if (network_choice_parse(ctr->record->network, &choice, NULL) < 0)
		return networks;
	name = choice.mode == NETWORK_MODE_NAMED ? choice.target : network_mode_name(choice.mode);
	entry = json_object_new_object();
	add_endpoint(entry, result);
	json_add_string(entry, "NetworkID", name);
	json_object_object_add(entry, "DriverOpts", NULL);
	json_object_object_add(entry, "IPAMConfig", NULL);
	json_object_object_add(entry, "Links", NULL);
	json_object_object_add(entry, "Aliases", json_object_new_array());
	json_object_object_add(networks, name, entry);
	return networks;
}

struct json_object *inspect_network(const struct container *ctr)
{
	struct json_object *obj = json_object_new_object();
	struct network_result result = {0};
	bool has_result = ctr->state.network && json_decode(ctr->state.network, "network",
							network_result_fields, &result, NULL) == 0;

	add_endpoint(obj, &result);
	add_sandbox(obj, ctr);
	json_object_object_add(obj, "Ports",
		inspect_ports(
			has_result ? &result.ports : &ctr->record->ports, ctr->record->exposed));
	json_object_object_add(obj, "Networks",
		has_result ? networks_json(ctr, &result) : json_object_new_object());
	network_result_release(&result);
	return obj;
}
