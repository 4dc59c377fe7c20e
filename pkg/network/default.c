/* SPDX-License-Identifier: Apache-2.0 */
#include "network/default.h"

#include <arpa/inet.h>
#include <errno.h>
#include <json-c/json.h>

#include "cni/result.h"

/* What an option of --network slirp:… takes; each makes one value of the plugin's configuration. */
typedef struct json_object *(*option_reader)(const char *value);

static struct json_object *read_bool(const char *value)
{
	bool flag;

	return str_to_bool(value, &flag) == 0 ? json_object_new_boolean(flag) : NULL;
}

static struct json_object *read_mtu(const char *value)
{
	uint64_t mtu;

	/* 1280 is what IPv6 asks of every link; 65521 the most libslirp's buffers hold. */
	if (str_to_u64(value, 10, &mtu) < 0 || mtu < 1280 || mtu > 65521)
		return NULL;
	return json_object_new_int64((int64_t)mtu);
}

static struct json_object *read_cidr(const char *value)
{
	const char *slash = strchr(value, '/');
	uint64_t prefix;

	/* A /25 is the smallest network that has the addresses .2, .3 and .100. */
	if (!cni_is_cidr(value) || strchr(value, ':') || str_to_u64(slash + 1, 10, &prefix) < 0 ||
		prefix < 8 || prefix > 25)
		return NULL;
	return json_object_new_string(value);
}

static struct json_object *read_source(const char *value)
{
	/* Addresses and names of interfaces. */
	if (!cni_is_address(value) && !cni_ifname_is_valid(value))
		return NULL;
	return json_object_new_string(value);
}

static struct json_object *read_dns(const char *value)
{
	return cni_is_address(value) ? json_object_new_string(value) : NULL;
}

static struct json_object *read_handler(const char *value)
{
	/* podman's other choice, rootlessport, is a program that we do not have. */
	return str_eq(value, "slirp4netns") ? json_object_new_boolean(true) : NULL;
}

static const struct {
	const char *option;
	const char *key; /* of the plugin's configuration; NULL: checked only */
	option_reader read;
	const char *takes;
} option_table[] = {
	{"mtu", "mtu", read_mtu, "a number from 1280 to 65521"},
	{"cidr", "cidr", read_cidr, "an IPv4 network from /8 to /25"},
	{"allow_host_loopback", "allowHostLoopback", read_bool, "true or false"},
	{"enable_ipv6", "ipv6", read_bool, "true or false"},
	{"outbound_addr", "outboundAddr", read_source, "an IPv4 address or an interface"},
	{"outbound_addr6", "outboundAddr6", read_source, "an IPv6 address or an interface"},
	{"dns", "dnsUpstream", read_dns, "an address"},
	{"port_handler", NULL, read_handler, "slirp4netns"},
};

static void list_options(struct strbuf *buf)
{
	for (size_t i = 0; i < ARRAY_SIZE(option_table); i++) {
		if (option_table[i].key)
			strbuf_addf(buf, "%s%s", buf->len ? ", " : "", option_table[i].option);
	}
}

int network_default_check(const char *key, const char *value, struct error *err)
{
	AUTO(strbuf_release) struct strbuf known = STRBUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(option_table); i++) {
		AUTO(json_free) struct json_object *read = NULL;

		if (!str_eq(option_table[i].option, key))
			continue;
		read = value ? option_table[i].read(value) : NULL;
		if (!read)
			return error_set(err, EINVAL, "slirp option %s=%s: takes %s", key,
				value ? value : "", option_table[i].takes);
		return 0;
	}
	list_options(&known);
	return error_set(
		err, EINVAL, "slirp option %s is not known (known: %s)", key, strbuf_get(&known));
}

static struct json_object *make_plugin(const struct strmap *options, const char *state_dir)
{
	struct json_object *plugin = json_object_new_object();
	struct json_object *caps = json_object_new_object();
	autofree char *dir = xasprintf("%s/slirp", state_dir);

	json_object_object_add(plugin, "type", json_object_new_string("slirp"));
	json_object_object_add(caps, "portMappings", json_object_new_boolean(true));
	json_object_object_add(caps, "mac", json_object_new_boolean(true));
	json_object_object_add(plugin, "capabilities", caps);
	json_object_object_add(plugin, "stateDir", json_object_new_string(dir));
	for (size_t i = 0; i < ARRAY_SIZE(option_table); i++) {
		const char *value = strmap_get(options, option_table[i].option);

		if (value && option_table[i].key)
			json_object_object_add(
				plugin, option_table[i].key, option_table[i].read(value));
	}
	return plugin;
}

int network_default_list(const struct strmap *options, const char *state_dir, struct cni_list *ret,
	struct error *err)
{
	AUTO(json_free) struct json_object *doc = json_object_new_object();
	struct json_object *plugins = json_object_new_array();
	const char *text;

	for (size_t i = 0; i < options->count; i++) {
		int r = network_default_check(options->items[i].key, options->items[i].value, err);

		if (r < 0)
			return r;
	}
	json_object_object_add(doc, "cniVersion", json_object_new_string(CNI_VERSION));
	json_object_object_add(doc, "name", json_object_new_string(NETWORK_DEFAULT_NAME));
	json_object_object_add(doc, "loadOnlyInlinedPlugins", json_object_new_boolean(true));
	json_object_array_add(plugins, make_plugin(options, state_dir));
	json_object_object_add(doc, "plugins", plugins);
	text = json_object_to_json_string_ext(doc, JSON_C_TO_STRING_PLAIN);
	return cni_list_parse(text, strlen(text), "network slirp", ret, err);
}
