/* SPDX-License-Identifier: Apache-2.0 */
#include "network/network.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <unistd.h>

#include "base/log.h"
#include "network/chain.h"
#include "network/host-netns.h"
#include "network/network-private.h"
#include "sys/file.h"

/* The list as it was at ADD. */
static int record_load_list(
	const struct network_record *record, struct cni_list *ret, struct error *err)
{
	const char *text = json_object_to_json_string_ext(record->config, JSON_C_TO_STRING_PLAIN);
	int r = cni_list_parse(text, strlen(text), record->network, ret, err);

	return r < 0 ? error_wrap(err, r, "network state") : 0;
}

/* A container that has other networks still needs the namespace of their bridges. */
static int leave_if_last(int dirfd, const struct network_request *request, struct error *err)
{
	AUTO(strv_free) char **others = NULL;
	int r = record_list(dirfd, request->container_id, &others, err);

	return r < 0 || (others && others[0]) ? r : host_netns_leave(request, err);
}

/* DEL for what a record says was attached. */
static int detach_known(const struct network_record *record, const struct cni_list *list,
	const struct network_request *request, struct error *err)
{
	AUTO(strv_free) char **plugin_dirs = request_plugin_dirs(request->plugin_dirs);
	autoclose int host_netns = -1;
	struct chain chain = {.list = list,
		.record = record,
		.plugin_dirs = plugin_dirs,
		.netns = request->netns_path,
		.host_netns_fd = record->host_netns ? &host_netns : NULL,
		.timeout_ms = request_timeout_ms(request)};
	int r = record->host_netns ? host_netns_open(request, &host_netns, err) : 0;

	return r < 0 ? r : chain_del(&chain, err);
}

static int detach_record(
	int dirfd, const char *name, const struct network_request *request, struct error *err)
{
	AUTO(record_release) struct network_record record = {0};
	AUTO(cni_list_release) struct cni_list list = {0};
	struct error problem = {0};
	int r = record_read(dirfd, name, &record, &problem);

	if (r == 0)
		return 0;
	if (r > 0)
		r = record_load_list(&record, &list, &problem);
	if (r < 0) {
		/* Nothing can be undone with it, and it would be in the way for ever. */
		log_warn("network state %s is removed unused: %s", name, error_text(&problem));
		return record_remove(dirfd, name, err);
	}
	r = detach_known(&record, &list, request, err);
	if (r == 0)
		r = record_remove(dirfd, name, err);
	return r < 0 || !record.host_netns ? r : leave_if_last(dirfd, request, err);
}

static int detach_all(int dirfd, const struct network_request *request, struct error *err)
{
	AUTO(strv_free) char **names = NULL;
	int r = 0;

	if (request->choice)
		strv_take(&names, record_name(request_network_name(request), request->container_id,
					  request_ifname(request)));
	else
		r = record_list(dirfd, request->container_id, &names, err);
	for (size_t i = 0; r == 0 && names && names[i]; i++)
		r = detach_record(dirfd, names[i], request, err);
	return r;
}

int network_detach(const struct network_request *request, struct error *err)
{
	AUTO(network_unlock) struct network_lock lock = NETWORK_LOCK_NONE;
	autofree char *lock_name = xasprintf(".lock-%s", request->container_id);
	autofree char *path = xasprintf("%s/results", request->state_dir);
	autoclose int dirfd = -1;
	int r;

	if (request->choice && !request_has_plugins(request))
		return 0;
	dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return errno == ENOENT ? 0 : error_sys(err, errno, "network state: open %s", path);
	r = network_lock(dirfd, request->container_id, &lock, err);
	if (r == 0)
		r = detach_all(dirfd, request, err);
	/* Whoever waits for it will find nothing to do, and a new one is made with the next ADD. */
	if (r == 0)
		r = record_remove(dirfd, lock_name, err);
	return r;
}

/* The record of a request whose ADD is complete. */
static int load_attached(int dirfd, const struct network_request *request,
	struct network_record *ret, struct error *err)
{
	autofree char *name = record_name(
		request_network_name(request), request->container_id, request_ifname(request));
	int r = record_read(dirfd, name, ret, err);

	if (r < 0)
		return r;
	if (r == 0 || !ret->result)
		return error_set(err, ENOENT, "network %s: container %s is not attached",
			request_network_name(request), request->container_id);
	return 0;
}

int network_check(const struct network_request *request, struct error *err)
{
	AUTO(strv_free) char **plugin_dirs = NULL;
	AUTO(network_unlock) struct network_lock lock = NETWORK_LOCK_NONE;
	AUTO(record_release) struct network_record record = {0};
	AUTO(cni_list_release) struct cni_list list = {0};
	autoclose int dirfd = -1, host_netns = -1;
	struct chain chain;
	int r;

	if (!request_has_plugins(request))
		return 0;
	dirfd = record_dir_open(request->state_dir, err);
	if (dirfd < 0)
		return dirfd;
	r = network_lock(dirfd, request->container_id, &lock, err);
	if (r == 0)
		r = load_attached(dirfd, request, &record, err);
	if (r == 0)
		r = record_load_list(&record, &list, err);
	if (r < 0)
		return r;
	plugin_dirs = request_plugin_dirs(request->plugin_dirs);
	if (record.host_netns && host_netns_open(request, &host_netns, err) < 0)
		return -EIO;
	chain = (struct chain){.list = &list,
		.record = &record,
		.plugin_dirs = plugin_dirs,
		.netns = request->netns_path ? request->netns_path : record.netns,
		.host_netns_fd = record.host_netns ? &host_netns : NULL,
		.timeout_ms = request_timeout_ms(request)};
	return chain_check(&chain, err);
}

int network_status(const struct network_request *request, struct error *err)
{
	AUTO(strv_free) char **plugin_dirs = NULL;
	AUTO(cni_list_release) struct cni_list list = {0};
	struct chain chain;
	int r;

	if (!request_has_plugins(request))
		return 0;
	r = request_load_list(request, &list, err);
	if (r < 0)
		return r;
	plugin_dirs = request_plugin_dirs(request->plugin_dirs);
	chain = (struct chain){.list = &list,
		.plugin_dirs = plugin_dirs,
		.timeout_ms = request_timeout_ms(request)};
	return chain_status(&chain, err);
}

int network_result_load(const char *state_dir, const char *container_id, struct network_result *ret,
	struct error *err)
{
	AUTO(record_release) struct network_record record = {0};
	AUTO(strv_free) char **names = NULL;
	autoclose int dirfd = record_dir_open(state_dir, err);
	int r = dirfd;

	if (r >= 0)
		r = record_list(dirfd, container_id, &names, err);
	if (r >= 0 && names)
		r = record_read(dirfd, names[0], &record, err);
	if (r < 0)
		return r;
	if (!record.result)
		return error_set(err, ENOENT, "container %s has no network", container_id);
	return result_from_record(&record, ret, err);
}
