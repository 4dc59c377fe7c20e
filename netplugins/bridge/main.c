/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bridge - a CNI plugin that joins containers to a bridge: all of a network reach each other, and
 * the bridge can be their gateway to elsewhere. It works in the network namespace that it is
 * started in and needs no privilege but that of its owner.
 */
#include <errno.h>
#include <json-c/json.h>

#include "add.h"
#include "cni/invoke.h"
#include "config.h"
#include "host.h"
#include "inside.h"

/* Gone with the container's namespace, most times. */
static int delete_veth(const struct cni_request *request, struct error *err)
{
	AUTO(netlink_close) struct netlink *nl = NULL;
	autofree char *name = host_veth_name(request->container_id, request->ifname);
	int index, r = netlink_open(&nl, err);

	if (r < 0)
		return r;
	index = link_get(nl, name, NULL, NULL);
	return index > 0 ? link_delete(nl, index, err) : 0;
}

static int command_del(const struct cni_request *request, char **ret_output, struct error *err)
{
	AUTO(bridge_config_release) struct bridge_config config = {0};
	AUTO(netns_close) struct netns netns = NETNS_NONE;
	int r = bridge_config_parse(request, &config, err);

	(void)ret_output;
	if (r == 0)
		r = delete_veth(request, err);
	if (r == 0 && config.ipam_type)
		r = plugin_delegate(request, CNI_COMMAND_DEL, config.ipam_type, NULL, err);
	if (r < 0 || !request->netns || netns_open(request->netns, &netns, NULL) < 0)
		return r;
	/* What another plugin of this kind has made has another name on our side. */
	return inside_delete(&netns, request->ifname, err);
}

static int check_host(
	const struct cni_request *request, const struct bridge_config *config, struct error *err)
{
	AUTO(netlink_close) struct netlink *nl = NULL;
	autofree char *name = host_veth_name(request->container_id, request->ifname);
	struct link_info info;
	int bridge, r = netlink_open(&nl, err);

	if (r < 0)
		return r;
	bridge = link_get(nl, config->bridge, &info, err);
	if (bridge < 0)
		return bridge;
	if (!info.up)
		return error_set(err, EIO, "bridge %s is down", config->bridge);
	r = link_get(nl, name, &info, err);
	if (r < 0)
		return r;
	if (info.master != bridge || !info.up)
		return error_set(err, EIO, "interface %s is no working port of bridge %s", name,
			config->bridge);
	return 0;
}

static int read_prev_result(
	const struct cni_request *request, struct cni_result *ret, struct error *err)
{
	struct json_object *prev = json_get(request->conf, "prevResult");
	const char *text = prev ? json_object_to_json_string(prev) : NULL;

	if (!text)
		return error_set(err, EINVAL, "prevResult: missing");
	return cni_result_parse(text, strlen(text), ret, err);
}

static int command_check(const struct cni_request *request, char **ret_output, struct error *err)
{
	AUTO(bridge_config_release) struct bridge_config config = {0};
	AUTO(cni_result_release) struct cni_result result = {0};
	AUTO(netns_close) struct netns netns = NETNS_NONE;
	int r = bridge_config_parse(request, &config, err);

	(void)ret_output;
	if (r == 0)
		r = read_prev_result(request, &result, err);
	if (r == 0)
		r = netns_open(request->netns, &netns, err);
	if (r == 0 && config.ipam_type)
		r = plugin_delegate(request, CNI_COMMAND_CHECK, config.ipam_type, NULL, err);
	if (r == 0)
		r = check_host(request, &config, err);
	return r < 0 ? r : inside_check(&netns, request->ifname, &result, err);
}

/*
 * Interfaces need no collection, the kernel deletes them with the namespace of their container.
 * Leases do.
 */
static int command_gc(const struct cni_request *request, char **ret_output, struct error *err)
{
	AUTO(bridge_config_release) struct bridge_config config = {0};
	int r = bridge_config_parse(request, &config, err);

	(void)ret_output;
	if (r < 0 || !config.ipam_type)
		return r;
	return plugin_delegate(request, CNI_COMMAND_GC, config.ipam_type, NULL, err);
}

static int command_status(const struct cni_request *request, char **ret_output, struct error *err)
{
	AUTO(bridge_config_release) struct bridge_config config = {0};
	AUTO(netlink_close) struct netlink *nl = NULL;
	int r = bridge_config_parse(request, &config, err);

	(void)ret_output;
	if (r == 0)
		r = netlink_open(&nl, err);
	if (r == 0 && config.ipam_type)
		r = plugin_delegate(request, CNI_COMMAND_STATUS, config.ipam_type, NULL, err);
	return r;
}

int main(void)
{
	static const struct cni_commands bridge = {
		.add = bridge_add,
		.del = command_del,
		.check = command_check,
		.gc = command_gc,
		.status = command_status,
	};

	return cni_plugin_main(&bridge);
}
