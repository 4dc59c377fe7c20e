/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <json-c/json.h>

#include "network/chain.h"
#include "network/host-netns.h"
#include "network/network-private.h"
#include "sys/file.h"

struct network_attachment {
	bool has_plugins;
	int dirfd;         /* of the records */
	int host_netns_fd; /* -1: plugins run where we are */
	struct network_lock lock;
	struct cni_list list;
	struct network_record record;
	char *state_dir;
	char **plugin_dirs;
	unsigned timeout_ms;
	struct plugin_run *run; /* the plugin at work, or NULL */
};

static void attachment_free(struct network_attachment *attachment)
{
	network_unlock(&attachment->lock);
	close_fd(&attachment->dirfd);
	close_fd(&attachment->host_netns_fd);
	cni_list_release(&attachment->list);
	record_release(&attachment->record);
	strv_free(attachment->plugin_dirs);
	free(attachment->state_dir);
	plugin_cancel(attachment->run);
	free(attachment);
}
DEFINE_AUTO(struct network_attachment *, attachment_free);

static struct chain attachment_chain(const struct network_attachment *attachment)
{
	return (struct chain){.list = &attachment->list,
		.record = &attachment->record,
		.plugin_dirs = attachment->plugin_dirs,
		.netns = attachment->record.netns,
		.host_netns_fd = attachment->host_netns_fd >= 0 ? &attachment->host_netns_fd : NULL,
		.timeout_ms = attachment->timeout_ms};
}

static int add_ports(struct json_object *args, const struct port_list *given, struct error *err)
{
	AUTO(port_list_release) struct port_list ports = {0};
	AUTO(json_free) struct json_object *encoded = NULL;
	int r;

	if (!given || given->count == 0)
		return 0;
	port_list_copy(&ports, given);
	r = port_list_check(&ports, err);
	if (r == 0)
		r = port_list_assign(&ports, err);
	if (r < 0)
		return r;
	encoded = json_encode(port_list_fields, &ports);
	json_object_object_add(
		args, "portMappings", json_object_get(json_get(encoded, "portMappings")));
	return 0;
}

/* Values by capability (CONVENTIONS.md); a plugin gets those that it declares. */
static int make_args(
	const struct network_request *request, struct json_object **ret, struct error *err)
{
	AUTO(json_free) struct json_object *args = json_object_new_object();
	int r = add_ports(args, request->ports, err);

	if (r < 0)
		return r;
	if (request->mac)
		json_object_object_add(args, "mac", json_object_new_string(request->mac));
	if (request->aliases && request->aliases[0]) {
		struct json_object *aliases = json_object_new_array();

		for (size_t i = 0; request->aliases[i]; i++)
			json_object_array_add(aliases, json_object_new_string(request->aliases[i]));
		json_object_object_add(args, "aliases", aliases);
	}
	*ret = take_ptr(args);
	return 0;
}

/* slirp works on the container's namespace from the real host; others want to be where bridges are.
 */
static bool needs_host_netns(const struct cni_list *list)
{
	return list->plugin_count > 0 && !str_eq(list->plugins[0].type, "slirp") &&
	       host_netns_is_needed();
}

static int fill_record(struct network_attachment *attachment, const struct network_request *request,
	struct error *err)
{
	struct network_record *record = &attachment->record;

	record->kind = xstrdup(NETWORK_RECORD_KIND);
	record->container_id = xstrdup(request->container_id);
	record->network = xstrdup(attachment->list.name);
	record->ifname = xstrdup(request_ifname(request));
	record->netns = xstrdup(request->netns_path);
	record->host_netns = needs_host_netns(&attachment->list);
	record->config = cni_list_encode(&attachment->list);
	return make_args(request, &record->args, err);
}

/* A port that no plugin publishes must not look as if it were published. */
static int check_ports_served(const struct network_attachment *attachment, struct error *err)
{
	if (!json_get(attachment->record.args, "portMappings"))
		return 0;
	for (size_t i = 0; i < attachment->list.plugin_count; i++) {
		if (strv_has(attachment->list.plugins[i].capabilities, "portMappings"))
			return 0;
	}
	return error_set(err, EOPNOTSUPP, "network %s: no plugin of it publishes ports",
		attachment->list.name);
}

static int begin(const struct network_request *request, struct network_attachment *attachment,
	struct error *err)
{
	struct chain chain;
	int r;

	if (!cni_name_is_valid(request->container_id) || !request->netns_path)
		return error_set(err, EINVAL, "network: no container or namespace given");
	r = request_load_list(request, &attachment->list, err);
	if (r == 0)
		r = fill_record(attachment, request, err);
	if (r == 0)
		r = check_ports_served(attachment, err);
	if (r < 0)
		return r;
	/* What a crash left behind would make ADD fail. */
	r = network_detach(request, err);
	if (r < 0)
		return r;
	attachment->dirfd = record_dir_open(request->state_dir, err);
	if (attachment->dirfd < 0)
		return attachment->dirfd;
	r = network_lock(attachment->dirfd, request->container_id, &attachment->lock, err);
	if (r == 0)
		r = record_write(attachment->dirfd, &attachment->record, err);
	if (r == 0 && attachment->record.host_netns)
		r = host_netns_join(request, &attachment->host_netns_fd, err);
	if (r < 0)
		return r;
	chain = attachment_chain(attachment);
	return chain_start(&chain, CNI_COMMAND_ADD, 0, NULL, &attachment->run, err);
}

static void leave_host_netns(const struct network_attachment *attachment)
{
	const struct network_request request = {.container_id = attachment->record.container_id,
		.state_dir = attachment->state_dir,
		.plugin_dirs = attachment->plugin_dirs,
		.timeout_ms = attachment->timeout_ms};

	if (attachment->record.host_netns)
		host_netns_leave(&request, NULL);
}

/* Where plugins should have run in a namespace that could not be had, none did. */
static int roll_back(const struct network_attachment *attachment)
{
	struct chain chain = attachment_chain(attachment);

	if (attachment->record.host_netns && attachment->host_netns_fd < 0)
		return 0;
	return chain_roll_back(&chain);
}

/* Undoes what plugins did. The record stays when that fails, for another try later. */
static void undo(struct network_attachment *attachment)
{
	struct network_record *record = &attachment->record;
	autofree char *name = NULL;
	autofree char *lock_name = NULL;

	if (attachment->dirfd < 0 || !record->network || !record->ifname)
		return;
	name = record_name(record->network, record->container_id, record->ifname);
	lock_name = xasprintf(".lock-%s", record->container_id);
	if (attachment->lock.container_fd >= 0 && roll_back(attachment) == 0) {
		record_remove(attachment->dirfd, name, NULL);
		record_remove(attachment->dirfd, lock_name, NULL);
		leave_host_netns(attachment);
	}
}

int network_attach_begin(
	const struct network_request *request, struct network_attachment **ret, struct error *err)
{
	AUTO(attachment_free)
	struct network_attachment *attachment = xnew(struct network_attachment);
	int r = 0;

	attachment->dirfd = -1;
	attachment->host_netns_fd = -1;
	attachment->lock = (struct network_lock)NETWORK_LOCK_NONE;
	attachment->has_plugins = request_has_plugins(request);
	attachment->timeout_ms = request_timeout_ms(request);
	attachment->state_dir = xstrdup(request->state_dir);
	if (attachment->has_plugins) {
		attachment->plugin_dirs = request_plugin_dirs(request->plugin_dirs);
		r = begin(request, attachment, err);
		if (r < 0) {
			undo(attachment);
			return r;
		}
	}
	*ret = take_ptr(attachment);
	return 0;
}

/* The plugins after the one that runs; each sees the result so far. */
static int finish_chain(struct network_attachment *attachment, struct error *err)
{
	struct chain chain = attachment_chain(attachment);

	for (size_t i = 0; i < attachment->list.plugin_count; i++) {
		struct json_object *result = NULL;
		int r = 0;

		if (i > 0)
			r = chain_start(&chain, CNI_COMMAND_ADD, i, attachment->record.result,
				&attachment->run, err);
		if (r == 0)
			r = chain_finish_add(take_ptr(attachment->run), &result, err);
		if (r < 0)
			return r;
		json_object_put(attachment->record.result);
		attachment->record.result = result;
	}
	return record_write(attachment->dirfd, &attachment->record, err);
}

static char **host_nameservers(const char *state_dir)
{
	AUTO(network_result_release) struct network_result host = {0};
	char **nameservers = NULL;

	if (host_netns_result(state_dir, &host, NULL) == 0)
		nameservers = take_ptr(host.nameservers);
	return nameservers;
}

int network_attach_finish(
	struct network_attachment *given, struct network_result *ret, struct error *err)
{
	AUTO(attachment_free) struct network_attachment *attachment = given;
	int r;

	if (!attachment->has_plugins)
		return 0;
	r = finish_chain(attachment, err);
	if (r == 0)
		r = result_from_record(&attachment->record, ret, err);
	/* Who is behind the host's namespace asks whom that asks. */
	if (r == 0 && attachment->record.host_netns && !ret->nameservers)
		ret->nameservers = host_nameservers(attachment->state_dir);
	if (r < 0)
		undo(attachment);
	return r;
}

void network_attach_cancel(struct network_attachment *attachment)
{
	if (!attachment)
		return;
	plugin_cancel(take_ptr(attachment->run));
	undo(attachment);
	attachment_free(attachment);
}

int network_attach(
	const struct network_request *request, struct network_result *ret, struct error *err)
{
	struct network_attachment *attachment;
	int r = network_attach_begin(request, &attachment, err);

	return r < 0 ? r : network_attach_finish(attachment, ret, err);
}
