/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <unistd.h>

#include "cni/result.h"
#include "state.h"
#include "sys/file.h"
#include "tap.h"

/* The state directory, or -1 when it does not exist: then there is nothing to undo. */
static int open_state(
	const struct cni_request *request, struct slirp_config *config, int *ret, struct error *err)
{
	int r = slirp_config_parse(request, config, err);

	if (r < 0)
		return r;
	*ret = open(config->state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*ret < 0 && errno != ENOENT)
		return error_sys(err, errno, "stateDir %s", config->state_dir);
	return 0;
}

int command_del(const struct cni_request *request, char **ret_output, struct error *err)
{
	AUTO(slirp_config_release) struct slirp_config config = {0};
	autofree char *name = state_name(request->container_id, request->ifname);
	autoclose int dirfd = -1;
	int r = open_state(request, &config, &dirfd, err);

	(void)ret_output;
	if (r < 0 || dirfd < 0)
		return r;
	/* Without a name of the namespace it may live on, and the interface would stay in it. */
	return state_end(dirfd, name, request->netns && netns_is_gone(request->netns), err);
}

int command_check(const struct cni_request *request, char **ret_output, struct error *err)
{
	AUTO(slirp_config_release) struct slirp_config config = {0};
	AUTO(state_release) struct slirp_state state = {0};
	AUTO(netns_close) struct netns netns = NETNS_NONE;
	autofree char *name = state_name(request->container_id, request->ifname);
	autoclose int dirfd = -1;
	autoclose int pidfd = -1;
	int r = open_state(request, &config, &dirfd, err);

	(void)ret_output;
	if (r < 0)
		return r;
	r = dirfd < 0 ? 0 : state_read(dirfd, name, &state, err);
	if (r < 0)
		return r;
	if (r == 0)
		return error_set(err, ENOENT, "container %s has no %s", request->container_id,
			request->ifname);
	pidfd = state_process(&state);
	if (pidfd < 0)
		return error_set(err, EIO, "the packet process of container %s is gone",
			request->container_id);
	r = netns_open(request->netns, &netns, err);
	return r < 0 ? r : tap_check(&netns, request->ifname, &config, state.ipv6, err);
}

/* Names of state files are made of both, and are not taken apart again. */
static bool is_valid(const struct cni_attachments *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		autofree char *valid =
			state_name(list->items[i].container_id, list->items[i].ifname);

		if (str_eq(valid, name))
			return true;
	}
	return false;
}

static int collect(
	int dirfd, const char *name, const struct cni_request *request, struct error *err)
{
	AUTO(state_release) struct slirp_state state = {0};

	/* Other networks of this plugin may share the directory. */
	if (state_read(dirfd, name, &state, NULL) == 1 && !str_eq(state.network, request->name))
		return 0;
	return state_end(dirfd, name, false, err);
}

int command_gc(const struct cni_request *request, char **ret_output, struct error *err)
{
	AUTO(slirp_config_release) struct slirp_config config = {0};
	AUTO(cni_attachments_release) struct cni_attachments valid = {0};
	AUTO(strv_free) char **names = NULL;
	autoclose int dirfd = -1;
	int r = open_state(request, &config, &dirfd, err);
	int result = 0;

	(void)ret_output;
	if (r < 0 || dirfd < 0)
		return r;
	r = cni_attachments_parse(request, &valid, err);
	if (r == 0)
		r = dir_list_at(dirfd, ".", &names, err);
	for (size_t i = 0; r >= 0 && names && names[i]; i++) {
		int one;

		if (names[i][0] == '.' || !str_has_suffix(names[i], ".json") ||
			is_valid(&valid, names[i]))
			continue;
		/* The others are collected even if one cannot be; the first error is told. */
		one = collect(dirfd, names[i], request, result < 0 ? NULL : err);
		result = result < 0 ? result : one;
	}
	return r < 0 ? r : result;
}

int command_status(const struct cni_request *request, char **ret_output, struct error *err)
{
	AUTO(slirp_config_release) struct slirp_config config = {0};
	int r = slirp_config_parse(request, &config, err);

	(void)ret_output;
	return r < 0 ? r : tap_probe(err);
}
