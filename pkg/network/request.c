/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/file.h>
#include <unistd.h>

#include "network/config.h"
#include "network/default.h"
#include "network/network-private.h"
#include "sys/file.h"

bool request_has_plugins(const struct network_request *request)
{
	return request->choice->mode == NETWORK_MODE_SLIRP ||
	       request->choice->mode == NETWORK_MODE_NAMED;
}

const char *request_network_name(const struct network_request *request)
{
	return request->choice->mode == NETWORK_MODE_SLIRP ? NETWORK_DEFAULT_NAME
							   : request->choice->target;
}

const char *request_ifname(const struct network_request *request)
{
	return request->choice->mode == NETWORK_MODE_SLIRP ? NETWORK_DEFAULT_IFNAME : "eth0";
}

char **request_plugin_dirs(char *const *given)
{
	return given ? strv_dup(given) : network_plugin_dirs();
}

unsigned request_timeout_ms(const struct network_request *request)
{
	return request->timeout_ms ? request->timeout_ms : NETWORK_PLUGIN_TIMEOUT_MS;
}

int request_load_list(
	const struct network_request *request, struct cni_list *ret, struct error *err)
{
	AUTO(strv_free) char **dirs = NULL;

	if (request->choice->mode == NETWORK_MODE_SLIRP)
		return network_default_list(
			&request->choice->options, request->state_dir, ret, err);
	dirs = request->config_dirs ? strv_dup(request->config_dirs) : network_config_dirs();
	return config_load(dirs, request->choice->target, ret, err);
}

int network_lock(int dirfd, const char *container_id, struct network_lock *ret, struct error *err)
{
	AUTO(network_unlock) struct network_lock lock = NETWORK_LOCK_NONE;
	autofree char *name = container_id ? xasprintf(".lock-%s", container_id) : NULL;

	lock.all_fd = lock_open_at(dirfd, ".lock", name != NULL, err);
	if (lock.all_fd < 0)
		return error_wrap(err, lock.all_fd, "network state");
	if (name) {
		lock.container_fd = lock_open_at(dirfd, name, false, err);
		if (lock.container_fd < 0)
			return error_wrap(err, lock.container_fd, "network state");
	}
	*ret = lock;
	lock = (struct network_lock)NETWORK_LOCK_NONE;
	return 0;
}

void network_unlock(struct network_lock *lock)
{
	/* The lock belongs to the open file, and a process cloned meanwhile has that open, too. */
	if (lock->container_fd >= 0)
		flock(lock->container_fd, LOCK_UN);
	if (lock->all_fd >= 0)
		flock(lock->all_fd, LOCK_UN);
	close_fd(&lock->container_fd);
	close_fd(&lock->all_fd);
}
