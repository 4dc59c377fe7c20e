/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <json-c/json.h>

#include "network/chain.h"
#include "network/default.h"
#include "network/host-netns.h"
#include "network/network-private.h"
#include "sys/file.h"

/* Splits the records into those of living containers, as GC wants them, and ids of the dead. */
static int sort_records(int dirfd, char *const *alive, struct json_object *valid, char ***ret_dead,
	struct error *err)
{
	AUTO(strv_free) char **names = NULL;
	int r = record_list(dirfd, NULL, &names, err);

	for (size_t i = 0; r >= 0 && names && names[i]; i++) {
		AUTO(record_release) struct network_record record = {0};
		struct json_object *item;

		if (record_read(dirfd, names[i], &record, NULL) <= 0) {
			record_remove(dirfd, names[i], NULL);
			continue;
		}
		if (!strv_has(alive, record.container_id) &&
			!str_eq(record.container_id, HOST_NETNS_ID)) {
			strv_add(ret_dead, record.container_id);
			continue;
		}
		item = json_object_new_object();
		json_object_object_add(
			item, "containerID", json_object_new_string(record.container_id));
		json_object_object_add(item, "ifname", json_object_new_string(record.ifname));
		json_object_array_add(valid, item);
	}
	return r;
}

static int collect_default(const char *state_dir, struct json_object *valid,
	char *const *plugin_dirs, struct error *err)
{
	AUTO(cni_list_release) struct cni_list list = {0};
	struct strmap no_options = {0};
	struct chain chain = {
		.list = &list, .plugin_dirs = plugin_dirs, .timeout_ms = NETWORK_PLUGIN_TIMEOUT_MS};
	int r = network_default_list(&no_options, state_dir, &list, err);

	return r < 0 ? r : chain_gc(&chain, valid, err);
}

int network_collect_garbage(
	const char *state_dir, char *const *alive, char *const *given_dirs, struct error *err)
{
	AUTO(strv_free) char **plugin_dirs = request_plugin_dirs(given_dirs);
	AUTO(strv_free) char **dead = NULL;
	AUTO(json_free) struct json_object *valid = json_object_new_array();
	AUTO(network_unlock) struct network_lock lock = NETWORK_LOCK_NONE;
	autoclose int dirfd = record_dir_open(state_dir, err);
	int r, result = 0;

	if (dirfd < 0)
		return dirfd;
	r = network_lock(dirfd, NULL, &lock, err);
	if (r == 0)
		r = sort_records(dirfd, alive, valid, &dead, err);
	if (r == 0)
		result = collect_default(state_dir, valid, plugin_dirs, err);
	network_unlock(&lock);
	for (size_t i = 0; r == 0 && dead && dead[i]; i++) {
		struct network_request request = {.container_id = dead[i],
			.state_dir = state_dir,
			.plugin_dirs = plugin_dirs};
		int one = network_detach(&request, result < 0 ? NULL : err);

		result = result < 0 ? result : one;
	}
	/* Users without a record: their ADD had not begun, or was undone. */
	if (r == 0) {
		int one =
			host_netns_collect(state_dir, alive, plugin_dirs, result < 0 ? NULL : err);

		result = result < 0 ? result : one;
	}
	return r < 0 ? r : result;
}
