/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETWORK_HOST_NETNS_H
#define NETWORK_HOST_NETNS_H

#include "network/network.h"

/*
 * The network namespace that plays the host's part for plugins that make bridges and the like,
 * where the host's own is not ours to configure: one per user, made for the first container that
 * needs it and ended with the last. A process of nothing holds it; the slirp plugin joins it to the
 * host.
 *
 * <state_dir>/host/ has lock, holder.json (the process) and a file users/ID for each container.
 * What a crash leaves there is noticed by whoever comes next: a holder is known by pid and start
 * time, and users that are not alive are dropped by network_collect_garbage().
 */

/* Under this container id the namespace itself is attached to the slirp network. */
#define HOST_NETNS_ID "host-netns"

/* Whether the network namespace we are in belongs to somebody with more rights than we have. */
bool host_netns_is_needed(void);

/*
 * host_netns_join - make the namespace when there is none, and let a container be a user of it.
 * @request: of the container; its state_dir, plugin_dirs and timeout_ms are used
 * @ret_fd:  the namespace
 * Returns 0; what slirp says when the namespace cannot be joined to the host.
 */
int host_netns_join(const struct network_request *request, int *ret_fd, struct error *err);

/*
 * host_netns_open - the namespace for a DEL; made, but not joined to the host, where it is gone:
 * plugins find nothing to undo then, and undo it somewhere harmless.
 */
int host_netns_open(const struct network_request *request, int *ret_fd, struct error *err);

/* The container is no user any more; the last one ends the namespace. Success when it was none. */
int host_netns_leave(const struct network_request *request, struct error *err);

/* host_netns_leave() for all users that are not in @alive. */
int host_netns_collect(
	const char *state_dir, char *const *alive, char *const *plugin_dirs, struct error *err);

/* What slirp gave the namespace, its name servers above all; -ENOENT. */
int host_netns_result(const char *state_dir, struct network_result *ret, struct error *err);

#endif
