/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOST_LOCAL_CONFIG_H
#define HOST_LOCAL_CONFIG_H

#include "cni/request.h"
#include "cni/result.h"
#include "range.h"

struct host_local_config {
	char *network;          /* name */
	char *data_dir;         /* leases are below it, in a directory for each network */
	char *resolv_conf;      /* NULL: the result has no name servers */
	struct range_sets sets; /* at least one */
	struct cni_route *routes;
	size_t route_count;
	struct ip_address *wanted; /* addresses that were asked for */
	size_t wanted_count;
};

/*
 * host_local_config_parse - the "ipam" object of a network's configuration, with the addresses of
 * runtimeConfig.ips, args.cni.ips and CNI_ARGS (IP=), and the ranges of runtimeConfig.ipRanges.
 * Returns 0; -EINVAL for what cannot be.
 */
int host_local_config_parse(
	const struct cni_request *request, struct host_local_config *ret, struct error *err);
void host_local_config_release(struct host_local_config *config);
static inline void auto_host_local_config_release(struct host_local_config *config)
{
	host_local_config_release(config);
}

#endif
