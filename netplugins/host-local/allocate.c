/* SPDX-License-Identifier: Apache-2.0 */
#include "allocate.h"

#include <errno.h>

/* One allocation under way. */
struct allocation {
	struct leases *leases;
	const struct host_local_config *config;
	const char *container_id;
	const char *ifname;
	struct cni_result *result;
};

static void add_result(
	struct allocation *to, const struct ip_range *range, const struct ip_address *address)
{
	struct cni_ip *ip = cni_result_add_ip(to->result);
	char text[IP_TEXT_SIZE], gateway[IP_TEXT_SIZE];

	ip_address_format(address, text);
	ip_address_format(&range->gateway, gateway);
	ip->address = xasprintf("%s/%u", text, range->network.prefix);
	ip->gateway = xstrdup(gateway);
}

static int take(struct allocation *to, const struct ip_address *address, struct error *err)
{
	return lease_take(to->leases, address, to->container_id, to->ifname, err);
}

/* The address of @set that was asked for. 1: taken; 0: none was asked for. */
static int take_wanted(struct allocation *to, const struct range_set *set, struct error *err)
{
	const struct host_local_config *config = to->config;

	for (size_t i = 0; i < config->wanted_count; i++) {
		const struct ip_address *address = &config->wanted[i];
		const struct ip_range *range = range_set_find(set, address);
		char text[IP_TEXT_SIZE];
		int r;

		if (!range)
			continue;
		ip_address_format(address, text);
		if (ip_address_compare(address, &range->gateway) == 0)
			return error_set(err, EINVAL,
				"requested address %s is the gateway of the network", text);
		r = take(to, address, err);
		if (r == 0)
			return error_set(err, EEXIST, "requested address %s is in use", text);
		if (r > 0)
			add_result(to, range, address);
		return r;
	}
	return 0;
}

/* The address behind @at in the ranges of @set, from the last one to the first. */
static const struct ip_range *step(
	const struct range_set *set, const struct ip_range *range, struct ip_address *at)
{
	if (ip_address_compare(at, &range->last) < 0) {
		*at = ip_address_next(*at);
		return range;
	}
	range = range + 1 < set->items + set->count ? range + 1 : set->items;
	*at = range->first;
	return range;
}

static int no_address(const struct range_set *set, struct error *err)
{
	autofree char *text = range_set_format(set);

	return error_set(err, ENOSPC, "no IP addresses available in range set: %s", text);
}

/* Round the set once, beginning behind what was leased last. */
static int take_next(struct allocation *to, size_t number, struct error *err)
{
	const struct range_set *set = &to->config->sets.items[number];
	const struct ip_range *range = set->items;
	struct ip_address start = range->first, at;
	bool begun = false;

	if (lease_last_read(to->leases, number, &at) == 0 && range_set_find(set, &at)) {
		range = range_set_find(set, &at);
		range = step(set, range, &at);
		start = at;
	}
	for (at = start; !begun || ip_address_compare(&at, &start) != 0;
		range = step(set, range, &at)) {
		int r;

		begun = true;
		if (ip_address_compare(&at, &range->gateway) == 0)
			continue;
		r = take(to, &at, err);
		if (r == 1)
			r = lease_last_write(to->leases, number, &at, err);
		else if (r == 0)
			continue;
		if (r == 0)
			add_result(to, range, &at);
		return r;
	}
	return no_address(set, err);
}

int allocate(struct leases *leases, const struct host_local_config *config,
	const char *container_id, const char *ifname, struct cni_result *ret, struct error *err)
{
	struct allocation to = {leases, config, container_id, ifname, ret};
	int r = 0;

	if (leases_count(leases, container_id, ifname) > 0)
		return error_set(err, EEXIST, "%s of container %s has an address already", ifname,
			container_id);
	for (size_t i = 0; r >= 0 && i < config->sets.count; i++) {
		r = take_wanted(&to, &config->sets.items[i], err);
		if (r == 0)
			r = take_next(&to, i, err);
	}
	if (r < 0)
		leases_end(leases, container_id, ifname, NULL);
	return r < 0 ? r : 0;
}
