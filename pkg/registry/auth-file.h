/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REGISTRY_AUTH_FILE_H
#define REGISTRY_AUTH_FILE_H

#include "base/json.h"
#include "registry/auth.h"

#define AUTH_FILE_MAX_BYTES (1024 * 1024)

/* "https://index.docker.io/v1/" and "index.docker.io" are "docker.io"; URLs lose scheme and path.
 */
char *auth_normalize_key(const char *key);
/* The host part of a key; owned by the caller. */
char *auth_key_host(const char *key);

/* The most specific entry of @auths ({"key":{"auth":…}}) for @key: 1, 0 or -EBADMSG. */
int auths_find(struct json_object *auths, const char *key, struct auth *ret, struct error *err);
/* An entry as auth.json has it; a new reference. */
struct json_object *auths_entry(const struct auth *auth);
/* Removes every spelling of @key; returns how many there were. */
int auths_remove(struct json_object *auths, const char *key);

/* The helper that @doc names for the host of @key (credHelpers); NULL: none. Borrowed. */
const char *auth_file_helper(struct json_object *doc, const char *key);

#endif
