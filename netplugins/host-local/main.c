/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host-local - a CNI plugin for address management: leases addresses of a network's ranges and
 * keeps them in files, so that they survive whoever asked for them (CNI spec 1.1, section 4).
 */
#include <errno.h>
#include <unistd.h>

#include "allocate.h"
#include "resolv.h"

static int command_add(const struct cni_request *request, char **ret_output, struct error *err)
{
	AUTO(host_local_config_release) struct host_local_config config = {0};
	AUTO(cni_result_release) struct cni_result result = {0};
	AUTO(leases_close) struct leases leases = LEASES_CLOSED;
	int r = host_local_config_parse(request, &config, err);

	if (r == 0 && config.resolv_conf)
		r = resolv_read(config.resolv_conf, &result.dns, err);
	if (r == 0)
		r = leases_open(config.data_dir, config.network, &leases, err);
	if (r == 0)
		r = allocate(
			&leases, &config, request->container_id, request->ifname, &result, err);
	if (r < 0)
		return r;
	result.version = xstrdup(request->version);
	result.routes = take_ptr(config.routes);
	result.route_count = config.route_count;
	config.route_count = 0;
	*ret_output = json_write(cni_result_fields, &result, false);
	return 0;
}

static int command_del(const struct cni_request *request, char **ret_output, struct error *err)
{
	AUTO(host_local_config_release) struct host_local_config config = {0};
	AUTO(leases_close) struct leases leases = LEASES_CLOSED;
	int r = host_local_config_parse(request, &config, err);

	(void)ret_output;
	if (r == 0)
		r = leases_open_existing(config.data_dir, config.network, &leases, err);
	if (r < 0 || leases.dirfd < 0)
		return r;
	return leases_end(&leases, request->container_id, request->ifname, err);
}

static int command_check(const struct cni_request *request, char **ret_output, struct error *err)
{
	AUTO(host_local_config_release) struct host_local_config config = {0};
	AUTO(leases_close) struct leases leases = LEASES_CLOSED;
	int r = host_local_config_parse(request, &config, err);

	(void)ret_output;
	if (r == 0)
		r = leases_open_existing(config.data_dir, config.network, &leases, err);
	if (r < 0)
		return r;
	if (leases.dirfd < 0 || leases_count(&leases, request->container_id, request->ifname) == 0)
		return error_set(err, ENOENT, "%s of container %s has no address", request->ifname,
			request->container_id);
	return 0;
}

static int command_gc(const struct cni_request *request, char **ret_output, struct error *err)
{
	AUTO(host_local_config_release) struct host_local_config config = {0};
	AUTO(cni_attachments_release) struct cni_attachments valid = {0};
	AUTO(leases_close) struct leases leases = LEASES_CLOSED;
	int r = host_local_config_parse(request, &config, err);

	(void)ret_output;
	if (r == 0)
		r = cni_attachments_parse(request, &valid, err);
	if (r == 0)
		r = leases_open_existing(config.data_dir, config.network, &leases, err);
	if (r < 0 || leases.dirfd < 0)
		return r;
	return leases_collect(&leases, &valid, err);
}

/* Ready when the leases can be written down. */
static int command_status(const struct cni_request *request, char **ret_output, struct error *err)
{
	AUTO(host_local_config_release) struct host_local_config config = {0};
	AUTO(leases_close) struct leases leases = LEASES_CLOSED;
	int r = host_local_config_parse(request, &config, err);

	(void)ret_output;
	return r < 0 ? r : leases_open(config.data_dir, config.network, &leases, err);
}

int main(void)
{
	static const struct cni_commands host_local = {
		.add = command_add,
		.del = command_del,
		.check = command_check,
		.gc = command_gc,
		.status = command_status,
	};

	return cni_plugin_main(&host_local);
}
