/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETWORK_PRIVATE_H
#define NETWORK_PRIVATE_H

#include "network/network.h"
#include "network/record.h"

/* What a record with a result says; -EBADMSG when damaged. On failure @ret is as before. */
int result_from_record(
	const struct network_record *record, struct network_result *ret, struct error *err);

/*
 * struct network_lock - held while plugins run. Operations on one container exclude each other
 * and garbage collection, which excludes everything (CNI spec 1.1, GC).
 */
struct network_lock {
	int all_fd;
	int container_fd;
};
#define NETWORK_LOCK_NONE \
	{ \
		-1, -1 \
	}
/* @container_id NULL: the exclusive lock of garbage collection. */
int network_lock(int dirfd, const char *container_id, struct network_lock *ret, struct error *err);
/* Releases at once, also what a clone made meanwhile has inherited. Safe on NETWORK_LOCK_NONE. */
void network_unlock(struct network_lock *lock);
static inline void auto_network_unlock(struct network_lock *lock)
{
	network_unlock(lock);
}

/* The configuration list a request names; only for modes with plugins. */
int request_load_list(
	const struct network_request *request, struct cni_list *ret, struct error *err);
bool request_has_plugins(const struct network_request *request);
const char *request_network_name(const struct network_request *request);
const char *request_ifname(const struct network_request *request);
/* The request's own list of directories, or the default; owned by the caller. */
char **request_plugin_dirs(char *const *given);
unsigned request_timeout_ms(const struct network_request *request);

#endif
