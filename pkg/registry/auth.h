/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REGISTRY_AUTH_H
#define REGISTRY_AUTH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Credentials for a registry. Empty (all NULL): anonymous. */
struct auth {
	char *username;
	char *password;
	char *identity_token; /* exchanged for access tokens; username is then meaningless */
};
void auth_release(struct auth *auth); /* overwrites the secrets */
static inline void auto_auth_release(struct auth *auth)
{
	auth_release(auth);
}

/* The file that login writes: @authfile, else $REGISTRY_AUTH_FILE, else
 * $XDG_RUNTIME_DIR/containers/auth.json, else ~/.config/containers/auth.json. Owned. */
char *auth_file_path(const char *authfile);

/*
 * auth_lookup - credentials for "host[:port][/namespace[/repository]]" (containers-auth.json(5)).
 * @authfile: --authfile or NULL; when given (or $REGISTRY_AUTH_FILE), only this file is read
 *
 * Order: auth.json, ~/.config/containers/auth.json, ~/.docker/config.json, ~/.dockercfg; in each a
 * credential helper for the host first, then the most specific key. Keys of docker.io's older
 * forms match. An @authfile that does not exist has no credentials.
 * Returns 1 found, 0 none (@ret is empty); -EBADMSG for a malformed file or helper reply.
 */
int auth_lookup(const char *authfile, const char *key, struct auth *ret, struct error *err);

/* One key's credentials out of the text of an auth file; 1, 0 or -EBADMSG. No helpers are run. */
int auth_parse(const char *text, size_t len, const char *key, bool legacy, struct auth *ret,
	struct error *err);

/*
 * auth_store - remember credentials under @key, in the file or the helper it names for the host.
 * The rest of the file is kept. Mode 0600, replaced as a whole.
 */
int auth_store(const char *authfile, const char *key, const struct auth *auth, struct error *err);

/* auth_erase - forget @key, NULL: all. Returns 1 erased, 0 there was nothing. */
int auth_erase(const char *authfile, const char *key, struct error *err);

#endif
