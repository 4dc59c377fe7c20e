/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REGISTRY_AUTH_HELPER_H
#define REGISTRY_AUTH_HELPER_H

#include "registry/auth.h"

/*
 * Credential helpers: the program docker-credential-NAME with a verb (docker-credential-helpers,
 * README). @host is turned into the URL that helpers expect for docker.io.
 */

/* 1 found, 0 none; -ENOENT when there is no such program; -EIO when it fails. */
int auth_helper_get(const char *name, const char *host, struct auth *ret, struct error *err);
/* 0; errors as above. */
int auth_helper_store(
	const char *name, const char *host, const struct auth *auth, struct error *err);
/* 1 erased, 0 there was nothing; errors as above. */
int auth_helper_erase(const char *name, const char *host, struct error *err);

#endif
