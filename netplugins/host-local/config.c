/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <json-c/json.h>

#include "sys/dirs.h"

struct raw_ipam {
	struct raw_range plain; /* the way of before there were "ranges" */
	struct json_object *ranges;
	struct cni_route *routes;
	size_t route_count;
	char *data_dir, *resolv_conf;
};

struct raw_config {
	struct raw_ipam ipam;
	struct json_object *runtime_ranges;
	char **runtime_ips, **args_ips;
};

static const struct json_field ipam_fields[] = {
	RANGE_FIELDS(struct raw_ipam, plain.),
	JSON_RAW(struct raw_ipam, ranges, "ranges"),
	JSON_OBJECTS(struct raw_ipam, routes, route_count, "routes", cni_route_fields),
	JSON_STRING(struct raw_ipam, data_dir, "dataDir"),
	JSON_STRING(struct raw_ipam, resolv_conf, "resolvConf"),
	JSON_END,
};

static const struct json_field runtime_fields[] = {
	JSON_RAW(struct raw_config, runtime_ranges, "ipRanges"),
	JSON_STRINGS(struct raw_config, runtime_ips, "ips"),
	JSON_END,
};

static const struct json_field args_cni_fields[] = {
	JSON_STRINGS(struct raw_config, args_ips, "ips"),
	JSON_END,
};

static const struct json_field args_fields[] = {
	{.name = "cni", .kind = JSON_KIND_OBJECT, .fields = args_cni_fields},
	JSON_END,
};

static const struct json_field raw_fields[] = {
	JSON_OBJECT(struct raw_config, ipam, "ipam", ipam_fields),
	{.name = "runtimeConfig", .kind = JSON_KIND_OBJECT, .fields = runtime_fields},
	{.name = "args", .kind = JSON_KIND_OBJECT, .fields = args_fields},
	JSON_END,
};

static inline void auto_raw_release(struct raw_config *raw)
{
	json_release(raw_fields, raw);
}

static int add_wanted(struct host_local_config *config, const char *text, struct error *err)
{
	autofree char *address = xstrndup(text, strcspn(text, "/"));
	struct ip_address wanted;

	if (ip_address_parse(address, &wanted, err) < 0)
		return -EINVAL;
	for (size_t i = 0; i < config->wanted_count; i++) {
		if (ip_address_compare(&config->wanted[i], &wanted) == 0)
			return 0;
	}
	config->wanted = list_grow(config->wanted, config->wanted_count, sizeof(*config->wanted));
	config->wanted[config->wanted_count++] = wanted;
	return 0;
}

static int add_all_wanted(struct host_local_config *config, char *const *texts, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && texts && texts[i]; i++)
		r = add_wanted(config, texts[i], err);
	return r;
}

/* "IgnoreUnknown=1;IP=10.1.0.9" */
static int add_wanted_by_args(struct host_local_config *config, const char *args, struct error *err)
{
	int r = 0;

	while (r == 0 && args && *args) {
		size_t len = strcspn(args, ";");
		autofree char *pair = xstrndup(args, len);
		const char *value = str_after(pair, "IP=");

		if (!str_is_empty(value))
			r = add_wanted(config, value, err);
		args += len + (args[len] == ';');
	}
	return r;
}

/* Each address that is wanted is one of a set, and a set gives one. */
static int check_wanted(const struct host_local_config *config, struct error *err)
{
	for (size_t i = 0; i < config->wanted_count; i++) {
		char text[IP_TEXT_SIZE];
		bool found = false;

		for (size_t j = 0; j < config->sets.count && !found; j++)
			found = range_set_find(&config->sets.items[j], &config->wanted[i]);
		ip_address_format(&config->wanted[i], text);
		if (!found)
			return error_set(
				err, EINVAL, "requested address %s is not in any range", text);
	}
	return 0;
}

static int fill(const struct cni_request *request, struct raw_config *raw,
	struct host_local_config *config, struct error *err)
{
	int r = range_sets_add_json(&config->sets, raw->runtime_ranges, err);

	if (r == 0 && raw->ipam.plain.subnet)
		r = range_sets_add(&config->sets, &raw->ipam.plain, err);
	if (r == 0)
		r = range_sets_add_json(&config->sets, raw->ipam.ranges, err);
	if (r == 0 && config->sets.count == 0)
		return error_set(err, EINVAL, "ipam: no ranges");
	if (r == 0)
		r = add_all_wanted(config, raw->runtime_ips, err);
	if (r == 0)
		r = add_all_wanted(config, raw->args_ips, err);
	if (r == 0)
		r = add_wanted_by_args(config, request->args, err);
	if (r == 0)
		r = check_wanted(config, err);
	if (r < 0)
		return r;
	config->network = xstrdup(request->name);
	config->resolv_conf = take_ptr(raw->ipam.resolv_conf);
	config->routes = take_ptr(raw->ipam.routes);
	config->route_count = raw->ipam.route_count;
	raw->ipam.route_count = 0;
	config->data_dir = take_ptr(raw->ipam.data_dir);
	if (!config->data_dir) {
		autofree char *run = dirs_run_root();

		config->data_dir = xasprintf("%s/network/host-local", run);
	}
	return 0;
}

int host_local_config_parse(
	const struct cni_request *request, struct host_local_config *ret, struct error *err)
{
	AUTO(raw_release) struct raw_config raw = {0};
	AUTO(host_local_config_release) struct host_local_config config = {0};
	int r = json_decode(request->conf, "configuration", raw_fields, &raw, err);

	if (r == 0)
		r = fill(request, &raw, &config, err);
	if (r < 0)
		return r == -EBADMSG ? -EINVAL : r;
	if (config.data_dir[0] != '/')
		return error_set(
			err, EINVAL, "ipam: dataDir %s: not an absolute path", config.data_dir);
	*ret = config;
	config = (struct host_local_config){0};
	return 0;
}

void host_local_config_release(struct host_local_config *config)
{
	struct cni_result routes = {.routes = config->routes, .route_count = config->route_count};

	range_sets_release(&config->sets);
	free(config->wanted);
	free(config->network);
	free(config->data_dir);
	free(config->resolv_conf);
	cni_result_release(&routes);
	*config = (struct host_local_config){0};
}
