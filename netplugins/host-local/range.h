/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOST_LOCAL_RANGE_H
#define HOST_LOCAL_RANGE_H

#include <stddef.h>

#include "base/ip.h"
#include "base/json.h"

/* Addresses from @first to @last of one network, except its gateway. */
struct ip_range {
	struct ip_network network;
	struct ip_address first, last;
	struct ip_address gateway;
};

/* A container gets one address of each set. */
struct range_set {
	struct ip_range *items;
	size_t count;
};

struct range_sets {
	struct range_set *items;
	size_t count;
};

/* As a range is written; all may be NULL. */
struct raw_range {
	char *subnet, *first, *last, *gateway;
};
#define RANGE_FIELDS(type, prefix) \
	JSON_STRING(type, prefix subnet, "subnet"), JSON_STRING(type, prefix first, "rangeStart"), \
		JSON_STRING(type, prefix last, "rangeEnd"), \
		JSON_STRING(type, prefix gateway, "gateway")

/* A set of one range. -EINVAL for what cannot be, or overlaps what is there. */
int range_sets_add(struct range_sets *sets, const struct raw_range *raw, struct error *err);
/* @array: [[{"subnet":…},…],…], one set in each; may be NULL. */
int range_sets_add_json(struct range_sets *sets, struct json_object *array, struct error *err);
void range_sets_release(struct range_sets *sets);

/* The range of @set that has @address, or NULL. */
const struct ip_range *range_set_find(
	const struct range_set *set, const struct ip_address *address);
/* "10.1.0.1-10.1.0.254,10.2.0.1-10.2.0.254", owned by the caller. */
char *range_set_format(const struct range_set *set);

#endif
