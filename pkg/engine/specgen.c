/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/specgen.h"

#include <errno.h>
#include <stdio.h>

#include "container/log-options.h"
#include "container/restart-policy.h"
#include "network/choice.h"
#include "spec/defaults.h"
#include "storage/store.h"
#include "sys/process.h"

#define SHORT_ID_LEN 12

void specgen_output_release(struct specgen_output *output)
{
	container_record_free(output->record);
	spec_release(&output->spec);
	strv_free(output->warnings);
	*output = (struct specgen_output){0};
}

static const char *first_set(const char *one, const char *two, const char *fallback)
{
	if (!str_is_empty(one))
		return one;
	return str_is_empty(two) ? fallback : two;
}

/* A path that is not absolute is below the root (docker does so for WorkingDir "app"). */
static char *absolute(const char *path)
{
	return *path == '/' ? xstrdup(path) : xasprintf("/%s", path);
}

static void set_command(const struct specgen_input *in, struct container_record *record)
{
	const struct run_request *req = in->request;
	const struct image_run_config *config = &in->config->config;
	char *const *entrypoint = req->has_entrypoint ? req->entrypoint : config->entrypoint;
	char *const *command = req->command;

	/* A new entrypoint makes the image's Cmd, its default arguments, meaningless. */
	if (!strv_len(command) && !req->has_entrypoint)
		command = config->cmd;
	record->entrypoint = strv_dup(entrypoint);
	record->command = strv_dup(command);
}

static int set_ports(const struct specgen_input *in, struct specgen_output *out, struct error *err)
{
	const struct run_request *req = in->request;
	struct container_record *record = out->record;
	int r = 0;

	for (size_t i = 0; r == 0 && req->publish && req->publish[i]; i++)
		r = port_parse(req->publish[i], &record->ports, err);
	strv_add_all(&record->exposed, in->config->config.exposed_ports);
	for (size_t i = 0; r == 0 && req->expose && req->expose[i]; i++) {
		struct port_list checked = {0};

		r = port_parse_exposed(req->expose[i], &checked, err);
		port_list_release(&checked);
		if (r == 0 && !strv_has(record->exposed, req->expose[i]))
			strv_add(&record->exposed, req->expose[i]);
	}
	record->publish_all = req->publish_all;
	for (size_t i = 0; r == 0 && req->publish_all && record->exposed && record->exposed[i]; i++)
		r = port_parse_exposed(record->exposed[i], &record->ports, err);
	return r < 0 ? r : port_list_check(&record->ports, err);
}

static int set_network(
	const struct specgen_input *in, struct specgen_output *out, struct error *err)
{
	AUTO(network_choice_release) struct network_choice choice = {0};
	const struct run_request *req = in->request;
	int r;

	if (strv_len(req->networks) > 1)
		return error_set(err, EINVAL, "only one network can be given");
	r = network_choice_parse(req->networks ? req->networks[0] : "slirp", &choice, err);
	if (r == 0)
		r = set_ports(in, out, err);
	if (r < 0)
		return r;
	out->record->network = network_choice_format(&choice);
	if (out->record->ports.count && choice.mode != NETWORK_MODE_SLIRP &&
		choice.mode != NETWORK_MODE_NAMED) {
		strv_take(&out->warnings,
			xasprintf("ports are not published: network %s has none of its own",
				network_mode_name(choice.mode)));
		port_list_release(&out->record->ports);
		out->record->ports = (struct port_list){0};
	}
	return 0;
}

static int check_stop_signal(const char *text, struct error *err)
{
	int sig;

	if (signal_parse(text, &sig) < 0)
		return error_set(err, EINVAL, "invalid stop signal \"%s\"", text);
	return 0;
}

static int check_log(const struct container_record *record, struct error *err)
{
	struct log_options options;
	int r = log_driver_check(record->log_driver, err);

	return r < 0 ? r : log_options_parse(&record->log_options, &options, err);
}

static int set_restart(
	const struct run_request *req, struct container_record *record, struct error *err)
{
	struct restart_policy policy = {0};
	int r = restart_policy_parse(req->restart, &policy, err);

	if (r == 0 && policy.mode != RESTART_NO && req->auto_remove)
		return error_set(err, EINVAL,
			"the --rm option conflicts with --restart, when the restartPolicy is not "
			"\"\" and \"no\"");
	record->restart = xstrdup(req->restart);
	return r;
}

static void copy_identity(const struct specgen_input *in, struct container_record *record)
{
	const struct run_request *req = in->request;

	record->version = CONTAINER_FORMAT;
	record->id = xstrdup(in->id);
	record->name = xstrdup(in->name);
	record->created_ns = in->now_ns;
	record->image = xstrdup(req->image);
	record->image_name = xstrdup(in->image_name ? in->image_name : "");
	record->image_id = xstrdup(in->image_id);
	record->image_digest = xstrdup(in->image_digest ? in->image_digest : "");
	record->layers = strv_dup(in->layers);
	record->driver = xstrdup(in->driver);
}

/* What the image says, unless the request does. Labels add up. */
static void merge_config(const struct specgen_input *in, struct container_record *record)
{
	const struct run_request *req = in->request;
	const struct image_run_config *config = &in->config->config;

	set_command(in, record);
	record->user = xstrdup(first_set(req->user, config->user, ""));
	record->working_dir = absolute(first_set(req->workdir, config->working_dir, "/"));
	record->stop_signal = xstrdup(first_set(req->stop_signal, config->stop_signal, "SIGTERM"));
	strmap_copy(&record->labels, &config->labels);
	strmap_copy(&record->labels, &req->labels);
}

static void copy_request(const struct specgen_input *in, struct container_record *record)
{
	const struct run_request *req = in->request;

	record->group_add = strv_dup(req->group_add);
	record->hostname = req->hostname ? xstrdup(req->hostname) : xstrndup(in->id, SHORT_ID_LEN);
	record->tty = req->tty;
	record->interactive = req->interactive;
	record->auto_remove = req->auto_remove;
	record->init = req->init;
	record->privileged = req->privileged;
	record->read_only = req->read_only;
	record->userns = xstrdup(req->userns ? req->userns : "");
	record->log_driver = xstrdup(first_set(req->log_driver, NULL, "k8s-file"));
	strmap_copy(&record->log_options, &req->log_options);
	record->stop_timeout_s = (uint32_t)req->stop_timeout_s;
	record->pidfile = xstrdup(req->pidfile);
	record->sdnotify = xstrdup(req->sdnotify ? req->sdnotify : "container");
	record->detach_keys = xstrdup(req->detach_keys);
	strmap_copy(&record->annotations, &req->annotations);
	record->create_command = strv_dup(req->create_command);
	record->dns = strv_dup(req->dns);
	record->dns_search = strv_dup(req->dns_search);
	record->dns_options = strv_dup(req->dns_options);
	record->add_hosts = strv_dup(req->add_hosts);
	record->no_hosts = req->no_hosts;
}

static int make_record(
	const struct specgen_input *in, struct specgen_output *out, struct error *err)
{
	struct container_record *record = xnew(struct container_record);
	int r;

	out->record = record;
	copy_identity(in, record);
	merge_config(in, record);
	copy_request(in, record);
	r = check_stop_signal(record->stop_signal, err);
	if (r == 0)
		r = set_restart(in->request, record, err);
	if (r == 0)
		r = specgen_health(in, record, err);
	if (r == 0)
		r = check_log(record, err);
	return r < 0 ? r : set_network(in, out, err);
}

static int check_namespace_names(const struct specgen_input *in, struct error *err)
{
	const char *userns = in->request->userns;

	if (str_is_empty(userns) || str_eq(userns, "host") || str_eq(userns, "nomap") ||
		str_eq(userns, "keep-id") || str_after(userns, "keep-id:"))
		return 0;
	return error_set(err, EINVAL, "userns \"%s\" is not one of host, keep-id, nomap", userns);
}

static void map_without(struct idmap *map, uint64_t total, uint32_t kept)
{
	/* One id of the container is the caller (0 outside); the others follow from 1 on. */
	if (kept)
		idmap_add(map, 0, 1, kept);
	idmap_add(map, kept, 0, 1);
	if (total > (uint64_t)kept + 1)
		idmap_add(map, kept + 1, kept + 1, (uint32_t)(total - kept - 1));
}

static int keep_ids(const struct specgen_input *in, uint32_t *uid, uint32_t *gid, struct error *err)
{
	const char *options = str_after(in->request->userns, "keep-id:");
	AUTO(strv_free) char **words = options ? strv_split(options, ',') : NULL;

	*uid = in->userns->owner_uid;
	*gid = in->userns->owner_gid;
	for (size_t i = 0; words && words[i]; i++) {
		const char *text = str_after(words[i], "uid=");
		uint32_t *target = uid;
		uint64_t value;

		if (!text) {
			text = str_after(words[i], "gid=");
			target = gid;
		}
		if (!text || str_to_u64(text, 10, &value) < 0 || value >= UINT32_MAX)
			return error_set(err, EINVAL, "userns: invalid option \"%s\"", words[i]);
		*target = (uint32_t)value;
	}
	return 0;
}

static int set_user_namespace(const struct specgen_input *in, struct spec *spec, struct error *err)
{
	uint64_t uids = idmap_size(&in->userns->uids), gids = idmap_size(&in->userns->gids);
	const char *mode = in->request->userns;
	uint32_t uid = 0, gid = 0;
	int r;

	if (str_is_empty(mode) || str_eq(mode, "host"))
		return 0;
	spec_add_namespace(spec, "user", NULL);
	if (str_eq(mode, "nomap")) {
		if (uids < 2 || gids < 2)
			return error_set(err, EINVAL, "userns nomap: needs subordinate ids");
		idmap_add(&spec->linux.uid_mappings, 0, 1, (uint32_t)uids - 1);
		idmap_add(&spec->linux.gid_mappings, 0, 1, (uint32_t)gids - 1);
		return 0;
	}
	r = keep_ids(in, &uid, &gid, err);
	if (r < 0)
		return r;
	if (uid >= uids || gid >= gids) {
		/* Too few ids to fill the gap below: the caller alone, under its own number. */
		idmap_add(&spec->linux.uid_mappings, uid, 0, 1);
		idmap_add(&spec->linux.gid_mappings, gid, 0, 1);
		return 0;
	}
	map_without(&spec->linux.uid_mappings, uids, uid);
	map_without(&spec->linux.gid_mappings, gids, gid);
	return 0;
}

int specgen_namespaces(
	const struct specgen_input *in, struct specgen_output *out, struct error *err)
{
	static const char *const always[] = {"pid", "mount", "ipc", "uts", "cgroup"};
	AUTO(network_choice_release) struct network_choice choice = {0};
	struct spec *spec = &out->spec;
	int r = network_choice_parse(out->record->network, &choice, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		spec_add_namespace(spec, always[i], NULL);
	/* container:ID is turned into a path when it is started: it may not run yet. */
	if (choice.mode == NETWORK_MODE_NS)
		spec_add_namespace(spec, "network", choice.target);
	else if (choice.mode != NETWORK_MODE_HOST)
		spec_add_namespace(spec, "network", NULL);
	if (network_choice_is_private(&choice))
		strmap_set(&spec->linux.sysctl, "net.ipv4.ping_group_range", "0 0");
	return set_user_namespace(in, spec, err);
}

/* keep-id runs as the caller unless told otherwise, as podman does. */
static int resolve_user(
	const struct specgen_input *in, const char *text, struct user *ret, struct error *err)
{
	autofree char *kept = NULL;
	int r;

	if (str_is_empty(text) && in->request->userns &&
		str_after(in->request->userns, "keep-id")) {
		uint32_t uid, gid;

		r = keep_ids(in, &uid, &gid, err);
		if (r < 0)
			return r;
		kept = xasprintf("%u:%u", uid, gid);
		text = kept;
	}
	return user_resolve(text, in->passwd, in->group, in->request->group_add, ret, err);
}

int specgen_make(const struct specgen_input *input, struct specgen_output *ret, struct error *err)
{
	struct user user = {0};
	int r = check_namespace_names(input, err);

	if (r == 0)
		r = make_record(input, ret, err);
	if (r < 0)
		return r;
	ret->spec.oci_version = xstrdup(SPEC_VERSION);
	ret->spec.root.path = xstrdup("rootfs");
	ret->spec.root.readonly = input->request->read_only;
	ret->spec.hostname = xstrdup(ret->record->hostname);
	strmap_copy(&ret->spec.annotations, &ret->record->annotations);
	r = resolve_user(input, ret->record->user, &user, err);
	if (r < 0)
		return r;
	ret->spec.process.user.uid = user.uid;
	ret->spec.process.user.gid = user.gid;
	for (size_t i = 0; i < user.group_count; i++)
		spec_add_group(&ret->spec.process.user, user.groups[i]);
	r = specgen_namespaces(input, ret, err);
	if (r == 0)
		r = specgen_process(input, ret, err);
	if (r == 0 && !strv_env_get(ret->spec.process.env, "HOME")) {
		ret->record->default_home = true;
		strv_env_set(&ret->spec.process.env, "HOME", user.home);
	}
	if (r == 0)
		r = specgen_security(input, &user, ret, err);
	if (r == 0)
		r = specgen_resources(input, ret, err);
	if (r == 0)
		r = specgen_mounts(input, &user, ret, err);
	user_release(&user);
	return r;
}
