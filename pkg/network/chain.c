/* SPDX-License-Identifier: Apache-2.0 */
#include "network/chain.h"

#include <errno.h>
#include <json-c/json.h>

#include "base/log.h"
#include "base/str.h"
#include "cni/result.h"

static int start(const struct chain *chain, enum cni_command command, size_t index,
	struct json_object *prev, struct json_object *extra, struct plugin_run **ret,
	struct error *err)
{
	const struct network_record *record = chain->record;
	autofree char *input =
		cni_request_write(chain->list, index, record ? record->args : NULL, prev, extra);
	struct plugin_call call = {.command = command,
		.type = chain->list->plugins[index].type,
		.container_id = record ? record->container_id : NULL,
		.netns = record ? chain->netns : NULL,
		.ifname = record ? record->ifname : NULL,
		.plugin_dirs = chain->plugin_dirs,
		.host_netns_fd = chain->host_netns_fd,
		.timeout_ms = chain->timeout_ms};

	return plugin_start(&call, input, ret, err);
}

int chain_start(const struct chain *chain, enum cni_command command, size_t index,
	struct json_object *prev, struct plugin_run **ret, struct error *err)
{
	return start(chain, command, index, prev, NULL, ret, err);
}

/* One plugin from start to end, for commands without a result. */
static int run_one(const struct chain *chain, enum cni_command command, size_t index,
	struct json_object *prev, struct json_object *extra, struct error *err)
{
	struct plugin_run *run;
	int r = start(chain, command, index, prev, extra, &run, err);

	return r < 0 ? r : plugin_finish(run, NULL, err);
}

int chain_finish_add(struct plugin_run *run, struct json_object **ret, struct error *err)
{
	AUTO(cni_result_release) struct cni_result result = {0};
	AUTO(json_free) struct json_object *raw = NULL;
	autofree char *output = NULL;
	int r = plugin_finish(run, &output, err);

	if (r < 0)
		return r;
	r = json_parse(output, strlen(output), &raw, err);
	if (r < 0)
		return error_wrap(err, r, "network plugin: answer");
	r = cni_result_parse(output, strlen(output), &result, err);
	if (r < 0)
		return error_wrap(err, r, "network plugin");
	*ret = take_ptr(raw);
	return 0;
}

int chain_del(const struct chain *chain, struct error *err)
{
	for (size_t i = chain->list->plugin_count; i-- > 0;) {
		int r = run_one(chain, CNI_COMMAND_DEL, i, chain->record->result, NULL, err);

		if (r < 0)
			return r;
	}
	return 0;
}

int chain_roll_back(const struct chain *chain)
{
	int result = 0;

	for (size_t i = chain->list->plugin_count; i-- > 0;) {
		struct error problem = {0};
		int r = run_one(chain, CNI_COMMAND_DEL, i, chain->record->result, NULL, &problem);

		/* A plugin that is not installed did nothing that needs undoing. */
		if (r < 0 && r != -ENOENT) {
			log_debug("undo network: %s", error_text(&problem));
			result = result < 0 ? result : r;
		}
	}
	return result;
}

int chain_check(const struct chain *chain, struct error *err)
{
	for (size_t i = 0; i < chain->list->plugin_count && !chain->list->disable_check; i++) {
		int r = run_one(chain, CNI_COMMAND_CHECK, i, chain->record->result, NULL, err);

		if (r < 0)
			return r;
	}
	return 0;
}

/* STATUS and GC came with version 1.1.0; older plugins take them for nonsense. */
static bool speaks_1_1(const struct chain *chain)
{
	return strcmp(chain->list->version, "1.1.0") >= 0;
}

int chain_status(const struct chain *chain, struct error *err)
{
	for (size_t i = 0; i < chain->list->plugin_count && speaks_1_1(chain); i++) {
		int r = run_one(chain, CNI_COMMAND_STATUS, i, NULL, NULL, err);

		if (r < 0)
			return r;
	}
	return 0;
}

int chain_gc(const struct chain *chain, struct json_object *valid, struct error *err)
{
	AUTO(json_free) struct json_object *extra = json_object_new_object();
	int result = 0;

	json_object_object_add(extra, "cni.dev/valid-attachments", json_object_get(valid));
	for (size_t i = 0; i < chain->list->plugin_count && speaks_1_1(chain); i++) {
		int r;

		if (chain->list->disable_gc)
			break;
		r = run_one(chain, CNI_COMMAND_GC, i, NULL, extra, result < 0 ? NULL : err);
		result = result < 0 ? result : r;
	}
	return result;
}
