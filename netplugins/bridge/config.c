/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <net/if.h>

#define DEFAULT_BRIDGE "cni0"
#define MIN_MTU 68
#define MAX_MTU 65535

struct raw_config {
	struct bridge_config config;
	char *mac; /* runtimeConfig */
	int64_t vlan;
	bool macspoofchk;
};

static const struct json_field ipam_fields[] = {
	JSON_STRING(struct raw_config, config.ipam_type, "type"),
	JSON_END,
};

static const struct json_field runtime_fields[] = {
	JSON_STRING(struct raw_config, mac, "mac"),
	JSON_END,
};

static const struct json_field raw_fields[] = {
	JSON_STRING(struct raw_config, config.bridge, "bridge"),
	JSON_BOOL(struct raw_config, config.is_gateway, "isGateway"),
	JSON_BOOL(struct raw_config, config.is_default_gateway, "isDefaultGateway"),
	JSON_BOOL(struct raw_config, config.force_address, "forceAddress"),
	JSON_BOOL(struct raw_config, config.masquerade, "ipMasq"),
	JSON_BOOL(struct raw_config, config.hairpin, "hairpinMode"),
	JSON_BOOL(struct raw_config, config.promiscuous, "promiscMode"),
	JSON_BOOL(struct raw_config, config.isolate, "isolate"),
	JSON_BOOL(struct raw_config, config.internal, "internal"),
	JSON_BOOL(struct raw_config, config.port_isolation, "portIsolation"),
	JSON_U32(struct raw_config, config.mtu, "mtu"),
	JSON_I64(struct raw_config, vlan, "vlan"),
	JSON_BOOL(struct raw_config, macspoofchk, "macspoofchk"),
	JSON_OBJECT(struct raw_config, config.dns, "dns", cni_dns_fields),
	{.name = "ipam", .kind = JSON_KIND_OBJECT, .fields = ipam_fields},
	{.name = "runtimeConfig", .kind = JSON_KIND_OBJECT, .fields = runtime_fields},
	JSON_END,
};

static inline void auto_raw_release(struct raw_config *raw)
{
	json_release(raw_fields, raw);
}

/* As the kernel wants it, and without what means something in nftables' language. */
static bool is_interface_name(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len >= IFNAMSIZ || !isalnum((unsigned char)name[0]))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)name[i]) && !strchr("_.-", name[i]))
			return false;
	}
	return true;
}

/* "K8S_POD_NAME=x;MAC=02:…": the way of before there were capabilities. */
static char *mac_of_args(const char *args)
{
	while (args && *args) {
		size_t len = strcspn(args, ";");
		const char *value = str_after(args, "MAC=");

		if (value)
			return xstrndup(value, len - (size_t)(value - args));
		args += len + (args[len] == ';');
	}
	return NULL;
}

static int check(struct raw_config *raw, struct error *err)
{
	struct bridge_config *config = &raw->config;

	if (!config->bridge)
		config->bridge = xstrdup(DEFAULT_BRIDGE);
	if (!is_interface_name(config->bridge))
		return error_set(err, EINVAL, "bridge \"%s\" is not the name of an interface",
			config->bridge);
	if (config->mtu && (config->mtu < MIN_MTU || config->mtu > MAX_MTU))
		return error_set(
			err, EINVAL, "mtu %u: not from %d to %d", config->mtu, MIN_MTU, MAX_MTU);
	if (raw->vlan)
		return error_set(err, EOPNOTSUPP, "vlan: not offered by this plugin");
	if (raw->macspoofchk)
		return error_set(err, EOPNOTSUPP, "macspoofchk: not offered by this plugin");
	if (config->hairpin && config->promiscuous)
		return error_set(err, EINVAL, "hairpinMode and promiscMode exclude each other");
	if (str_is_empty(config->ipam_type)) {
		free(config->ipam_type);
		config->ipam_type = NULL;
	}
	if (config->is_default_gateway)
		config->is_gateway = true;
	return 0;
}

static int parse_mac(const struct cni_request *request, struct raw_config *raw, struct error *err)
{
	autofree char *by_args = raw->mac ? NULL : mac_of_args(request->args);
	const char *mac = raw->mac ? raw->mac : by_args;

	if (str_is_empty(mac))
		return 0;
	raw->config.has_mac = true;
	if (mac_parse(mac, raw->config.mac) < 0)
		return error_set(err, EINVAL, "mac %s: not the address of an interface", mac);
	return 0;
}

int bridge_config_parse(
	const struct cni_request *request, struct bridge_config *ret, struct error *err)
{
	AUTO(raw_release) struct raw_config raw = {0};
	int r = json_decode(request->conf, "configuration", raw_fields, &raw, err);

	if (r == 0)
		r = check(&raw, err);
	if (r == 0)
		r = parse_mac(request, &raw, err);
	if (r < 0)
		return r == -EBADMSG ? -EINVAL : r;
	*ret = raw.config;
	raw.config = (struct bridge_config){0};
	return 0;
}

void bridge_config_release(struct bridge_config *config)
{
	free(config->bridge);
	free(config->ipam_type);
	json_release(cni_dns_fields, &config->dns);
	*config = (struct bridge_config){0};
}
