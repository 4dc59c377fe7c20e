/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_SCOPE_USER_MANAGER_H
#define CORACLE_SCOPE_USER_MANAGER_H

#include <stdint.h>

#include "base/error.h"

/* The user's systemd on D-Bus: org.freedesktop.systemd1(5). */
struct user_manager;

/* Its private socket in $XDG_RUNTIME_DIR, else the user's bus; -ENOTCONN. */
int user_manager_open(struct user_manager **ret, struct error *err);
void user_manager_free(struct user_manager *manager);
DEFINE_AUTO(struct user_manager *, user_manager_free);

struct scope_request {
	const char *slice;
	const char *name;
	uint32_t pid;            /* of the process that goes into it */
	char *const *properties; /* "NAME=VALUE", NULL-terminated */
};

/*
 * user_manager_start_scope - make the scope and wait until the process is in it.
 * Returns 0; -EEXIST: there is one of that name; -EINVAL: unknown property.
 */
int user_manager_start_scope(
	struct user_manager *manager, const struct scope_request *req, struct error *err);

/* Moves a process into @subgroup of a delegated scope. */
int user_manager_attach(struct user_manager *manager, const char *scope, const char *subgroup,
	uint32_t pid, struct error *err);

#endif
