/* SPDX-License-Identifier: Apache-2.0 */
#include "cni/request.h"

#include <errno.h>
#include <json-c/json.h>

#include "cni/failure.h"
#include "cni/result.h"

/* Which variables and keys each command needs. */
enum need { NEED_ID = 1, NEED_NETNS = 2, NEED_IFNAME = 4, NEED_PATH = 8, NEED_NAME = 16 };

static const struct {
	const char *name;
	unsigned needs;
} command_table[] = {
	[CNI_COMMAND_NONE] = {"", 0},
	[CNI_COMMAND_ADD] = {"ADD", NEED_ID | NEED_NETNS | NEED_IFNAME | NEED_NAME},
	[CNI_COMMAND_DEL] = {"DEL", NEED_ID | NEED_IFNAME | NEED_NAME},
	[CNI_COMMAND_CHECK] = {"CHECK", NEED_ID | NEED_NETNS | NEED_IFNAME | NEED_NAME},
	[CNI_COMMAND_GC] = {"GC", NEED_PATH | NEED_NAME},
	[CNI_COMMAND_STATUS] = {"STATUS", NEED_NAME},
	[CNI_COMMAND_VERSION] = {"VERSION", 0},
};

const char *cni_command_name(enum cni_command command)
{
	return command_table[command].name;
}

static void add_runtime_config(
	struct json_object *doc, const struct cni_plugin *plugin, struct json_object *args)
{
	struct json_object *config = NULL;

	for (size_t i = 0; plugin->capabilities && plugin->capabilities[i]; i++) {
		struct json_object *value = args ? json_get(args, plugin->capabilities[i]) : NULL;

		if (!value)
			continue;
		if (!config)
			config = json_object_new_object();
		json_object_object_add(config, plugin->capabilities[i], json_object_get(value));
	}
	json_object_object_del(doc, "runtimeConfig");
	if (config)
		json_object_object_add(doc, "runtimeConfig", config);
}

char *cni_request_write(const struct cni_list *list, size_t plugin, struct json_object *args,
	struct json_object *prev, struct json_object *extra)
{
	AUTO(json_free) struct json_object *doc = json_object_new_object();

	/* Members are shared with the list, not copied: the new object only adds its own. */
	json_object_object_foreach(list->plugins[plugin].conf, key, value)
	{
		if (strcmp(key, "capabilities") != 0)
			json_object_object_add(doc, key, json_object_get(value));
	}
	json_object_object_add(doc, "cniVersion", json_object_new_string(list->version));
	json_object_object_add(doc, "name", json_object_new_string(list->name));
	add_runtime_config(doc, &list->plugins[plugin], args);
	json_object_object_del(doc, "prevResult");
	if (prev)
		json_object_object_add(doc, "prevResult", json_object_get(prev));
	if (extra) {
		json_object_object_foreach(extra, extra_key, extra_value)
		{
			json_object_object_add(doc, extra_key, json_object_get(extra_value));
		}
	}
	return xstrdup(json_object_to_json_string_ext(doc, JSON_C_TO_STRING_PLAIN));
}

static int bad_variable(unsigned *ret_code, const char *name, const char *value, struct error *err)
{
	*ret_code = CNI_BAD_ENVIRONMENT;
	if (str_is_empty(value))
		return error_set(err, EINVAL, "%s is not set", name);
	return error_set(err, EINVAL, "%s=%s is not valid", name, value);
}

static int parse_environment(
	char *const *env, struct cni_request *request, unsigned *ret_code, struct error *err)
{
	const char *command = strv_env_get(env, "CNI_COMMAND");
	unsigned needs;

	for (size_t i = 1; command && i < ARRAY_SIZE(command_table); i++) {
		if (strcmp(command, command_table[i].name) == 0)
			request->command = (enum cni_command)i;
	}
	if (request->command == CNI_COMMAND_NONE)
		return bad_variable(ret_code, "CNI_COMMAND", command, err);
	needs = command_table[request->command].needs;
	request->container_id = xstrdup(strv_env_get(env, "CNI_CONTAINERID"));
	request->netns = xstrdup(strv_env_get(env, "CNI_NETNS"));
	request->ifname = xstrdup(strv_env_get(env, "CNI_IFNAME"));
	request->args = xstrdup(strv_env_get(env, "CNI_ARGS"));
	request->path = xstrdup(strv_env_get(env, "CNI_PATH"));
	if ((needs & NEED_ID) && !cni_name_is_valid(request->container_id))
		return bad_variable(ret_code, "CNI_CONTAINERID", request->container_id, err);
	if ((needs & NEED_NETNS) && (!request->netns || request->netns[0] != '/'))
		return bad_variable(ret_code, "CNI_NETNS", request->netns, err);
	if ((needs & NEED_IFNAME) && !cni_ifname_is_valid(request->ifname))
		return bad_variable(ret_code, "CNI_IFNAME", request->ifname, err);
	if ((needs & NEED_PATH) && str_is_empty(request->path))
		return bad_variable(ret_code, "CNI_PATH", request->path, err);
	return 0;
}

static int parse_document(const char *text, size_t len, struct cni_request *request,
	unsigned *ret_code, struct error *err)
{
	const char *version, *name;
	int r;

	*ret_code = CNI_DECODE;
	if (len > CNI_MAX_CONFIG_BYTES)
		return error_set(
			err, EBADMSG, "configuration: larger than %u bytes", CNI_MAX_CONFIG_BYTES);
	r = json_parse(text, len, &request->conf, err);
	if (r < 0)
		return error_wrap(err, r, "configuration");
	if (!json_object_is_type(request->conf, json_type_object))
		return error_set(err, EBADMSG, "configuration: not an object");
	version = json_get_string(request->conf, "cniVersion");
	name = json_get_string(request->conf, "name");
	request->version = xstrdup(version ? version : CNI_VERSION);
	request->name = xstrdup(name);
	if (request->command == CNI_COMMAND_VERSION)
		return 0;
	if (!cni_version_is_supported(request->version)) {
		*ret_code = CNI_INCOMPATIBLE_VERSION;
		return error_set(err, EPROTONOSUPPORT,
			"configuration: CNI version %s is not supported (%s and older are)",
			request->version, CNI_VERSION);
	}
	*ret_code = CNI_INVALID_CONFIG;
	if ((command_table[request->command].needs & NEED_NAME) && !cni_name_is_valid(name))
		return error_set(err, EBADMSG, "configuration: name: %s",
			name ? "not the name of a network" : "missing");
	return 0;
}

int cni_request_parse(char *const *env, const char *text, size_t len, struct cni_request *ret,
	unsigned *ret_code, struct error *err)
{
	AUTO(cni_request_release) struct cni_request request = {0};
	int r = parse_environment(env, &request, ret_code, err);

	if (r == 0)
		r = parse_document(text, len, &request, ret_code, err);
	if (r < 0)
		return r;
	*ret_code = CNI_OK;
	*ret = request;
	request = (struct cni_request){0};
	return 0;
}

void cni_request_release(struct cni_request *request)
{
	free(request->container_id);
	free(request->netns);
	free(request->ifname);
	free(request->args);
	free(request->path);
	free(request->version);
	free(request->name);
	json_object_put(request->conf);
	*request = (struct cni_request){0};
}
