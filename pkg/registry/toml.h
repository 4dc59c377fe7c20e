/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REGISTRY_TOML_H
#define REGISTRY_TOML_H

#include "base/error.h"
#include "base/json.h"

#define TOML_MAX_BYTES (1024 * 1024)
#define TOML_MAX_DEPTH 16

/*
 * toml_parse - the part of TOML 1.0 that container configuration files use, as a JSON tree.
 * @name: of the file, for errors: "registries.conf:12: …"
 *
 * Tables, arrays of tables, inline tables, dotted and quoted keys, one-line strings of both kinds,
 * decimal integers, booleans, arrays over several lines, comments. Multi-line strings, floats,
 * dates and other number bases are refused by name; nothing is guessed.
 * Returns 0 and an object owned by the caller; -EBADMSG.
 */
int toml_parse(const char *text, size_t len, const char *name, struct json_object **ret,
	struct error *err);

#endif
