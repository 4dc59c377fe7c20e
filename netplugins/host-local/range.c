/* SPDX-License-Identifier: Apache-2.0 */
#include "range.h"

#include <errno.h>
#include <json-c/json.h>

static const struct json_field range_fields[] = {
	RANGE_FIELDS(struct raw_range, ),
	JSON_END,
};

static int parse_end(const char *key, const char *text, const struct ip_network *network,
	struct ip_address *ret, struct error *err)
{
	if (!text)
		return 0;
	if (ip_address_parse(text, ret, NULL) < 0 || !ip_network_contains(network, ret))
		return error_set(
			err, EINVAL, "ipam: %s %s is not an address of the subnet", key, text);
	return 0;
}

static int parse_range(const struct raw_range *raw, struct ip_range *ret, struct error *err)
{
	struct ip_range range = {0};
	int r;

	if (!raw->subnet)
		return error_set(err, EINVAL, "ipam: a range has no subnet");
	/* An address with its prefix length is common: "10.1.0.1/24". */
	if (ip_network_parse(raw->subnet, &range.network, &range.first, err) < 0)
		return -EINVAL;
	if (range.network.prefix + 2u > ip_address_bits(&range.network.base))
		return error_set(err, EINVAL,
			"ipam: subnet %s is too small for a gateway and a container", raw->subnet);
	ip_network_hosts(&range.network, &range.first, &range.last);
	range.gateway = range.first;
	r = parse_end("gateway", raw->gateway, &range.network, &range.gateway, err);
	if (r == 0)
		r = parse_end("rangeStart", raw->first, &range.network, &range.first, err);
	if (r == 0)
		r = parse_end("rangeEnd", raw->last, &range.network, &range.last, err);
	if (r == 0 && ip_address_compare(&range.first, &range.last) > 0)
		return error_set(
			err, EINVAL, "ipam: rangeStart of %s is behind rangeEnd", raw->subnet);
	*ret = range;
	return r;
}

static bool overlap(const struct ip_range *left, const struct ip_range *right)
{
	return ip_address_compare(&left->first, &right->last) <= 0 &&
	       ip_address_compare(&right->first, &left->last) <= 0;
}

static int add_range(struct range_sets *sets, struct range_set *set, const struct raw_range *raw,
	struct error *err)
{
	struct ip_range range;
	int r = parse_range(raw, &range, err);

	if (r < 0)
		return r;
	if (set->count > 0 && set->items[0].network.base.family != range.network.base.family)
		return error_set(err, EINVAL, "ipam: a set of ranges has both IPv4 and IPv6");
	for (size_t i = 0; i < sets->count; i++) {
		for (size_t j = 0; j < sets->items[i].count; j++) {
			if (overlap(&sets->items[i].items[j], &range))
				return error_set(err, EINVAL, "ipam: range %s overlaps another",
					raw->subnet);
		}
	}
	set->items = list_grow(set->items, set->count, sizeof(*set->items));
	set->items[set->count++] = range;
	return 0;
}

static struct range_set *add_set(struct range_sets *sets)
{
	sets->items = list_grow(sets->items, sets->count, sizeof(*sets->items));
	sets->items[sets->count] = (struct range_set){0};
	return &sets->items[sets->count++];
}

int range_sets_add(struct range_sets *sets, const struct raw_range *raw, struct error *err)
{
	return add_range(sets, add_set(sets), raw, err);
}

static int add_raw(struct range_sets *sets, struct range_set *set, struct json_object *object,
	struct error *err)
{
	struct raw_range raw = {0};
	int r = json_decode(object, "ipam.ranges", range_fields, &raw, err);

	if (r == 0)
		r = add_range(sets, set, &raw, err);
	json_release(range_fields, &raw);
	return r;
}

/* By hand: tables of fields have no lists of lists. */
int range_sets_add_json(struct range_sets *sets, struct json_object *array, struct error *err)
{
	int r = 0;

	if (!array)
		return 0;
	if (!json_object_is_type(array, json_type_array))
		return error_set(err, EINVAL, "ipam.ranges: not a list");
	for (size_t i = 0; r == 0 && i < json_object_array_length(array); i++) {
		struct json_object *ranges = json_object_array_get_idx(array, i);
		struct range_set *set;

		if (!json_object_is_type(ranges, json_type_array) ||
			json_object_array_length(ranges) == 0)
			return error_set(err, EINVAL, "ipam.ranges[%zu]: not a list of ranges", i);
		set = add_set(sets);
		for (size_t j = 0; r == 0 && j < json_object_array_length(ranges); j++)
			r = add_raw(sets, set, json_object_array_get_idx(ranges, j), err);
	}
	return r;
}

const struct ip_range *range_set_find(const struct range_set *set, const struct ip_address *address)
{
	for (size_t i = 0; i < set->count; i++) {
		if (set->items[i].first.family == address->family &&
			ip_address_compare(&set->items[i].first, address) <= 0 &&
			ip_address_compare(address, &set->items[i].last) <= 0)
			return &set->items[i];
	}
	return NULL;
}

char *range_set_format(const struct range_set *set)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < set->count; i++) {
		char first[IP_TEXT_SIZE], last[IP_TEXT_SIZE];

		ip_address_format(&set->items[i].first, first);
		ip_address_format(&set->items[i].last, last);
		strbuf_addf(&text, "%s%s-%s", i ? "," : "", first, last);
	}
	return strbuf_take(&text);
}

void range_sets_release(struct range_sets *sets)
{
	for (size_t i = 0; i < sets->count; i++)
		free(sets->items[i].items);
	free(sets->items);
	*sets = (struct range_sets){0};
}
