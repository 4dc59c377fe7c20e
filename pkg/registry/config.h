/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REGISTRY_CONFIG_H
#define REGISTRY_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "image/reference.h"

/* containers-registries.conf(5), version 2. */
enum short_name_mode {
	SHORT_NAME_PERMISSIVE = 0,
	SHORT_NAME_ENFORCING,
	SHORT_NAME_DISABLED,
};
enum mirror_pull {
	MIRROR_PULL_ALL = 0,
	MIRROR_PULL_DIGEST_ONLY,
	MIRROR_PULL_TAG_ONLY,
};

struct registry_mirror {
	char *location;
	bool insecure;
	enum mirror_pull pull;
};

struct registry_entry {
	char *prefix;   /* always set: default is location; may begin with "*." */
	char *location; /* "" with a wildcard prefix: the name stays as it is */
	bool insecure;
	bool blocked;
	bool mirror_by_digest_only;
	struct registry_mirror *mirrors;
	size_t mirror_count;
};

/* struct registries_config - the files merged. Zeroed is "no configuration at all". */
struct registries_config {
	char **search; /* unqualified-search-registries */
	enum short_name_mode short_name_mode;
	struct registry_entry *entries;
	size_t entry_count;
	struct strmap aliases; /* short name -> full name; "" was erased */
};
void registries_config_release(struct registries_config *config);
static inline void auto_registries_config_release(struct registries_config *config)
{
	registries_config_release(config);
}

/*
 * registries_config_merge - read one file's text over what is there already.
 * @name: for errors, "registries.conf:12: …"
 * Returns 0; -EBADMSG, with @config possibly changed.
 */
int registries_config_merge(struct registries_config *config, const char *text, size_t len,
	const char *name, struct error *err);

/*
 * registries_config_load - $CONTAINERS_REGISTRIES_CONF, or the user's or else the system's
 * registries.conf, then the drop-ins of /etc and of the user, then the machine's
 * short-name-aliases.conf. Missing files are fine.
 */
int registries_config_load(struct registries_config *ret, struct error *err);

/* The entry with the longest prefix that matches "host/path[:tag][@digest]"; NULL: none. */
const struct registry_entry *registries_config_find(
	const struct registries_config *config, const struct reference *ref);

/* struct registry_candidate - one place to ask for an image. */
struct registry_candidate {
	struct reference ref; /* the image's name, normalized: what is stored and shown */
	char *host;           /* "registry-1.docker.io", "localhost:5000": where to connect */
	char *repository;     /* path at that host */
	char *auth_key;       /* "docker.io/library/debian": for auth_lookup() */
	bool insecure;        /* http and unverified TLS are allowed */
	bool is_mirror;       /* a failure here is worth a note, no more */
};
struct registry_candidates {
	struct registry_candidate *items;
	size_t count;
};
void registry_candidates_release(struct registry_candidates *candidates);
static inline void auto_registry_candidates_release(struct registry_candidates *candidates)
{
	registry_candidates_release(candidates);
}

/*
 * registry_resolve - where to look for an image, in order.
 * @ref: as parsed, short or full
 *
 * Short names: alias, else each search registry (docker.io where none is configured); enforcing
 * mode with several of them is an error, as nobody is asked. Then mirrors and rewritten location of
 * each. Returns 0 with at least one candidate; -EPERM for a blocked registry; -EINVAL for a short
 * name that cannot be resolved.
 */
int registry_resolve(const struct registries_config *config, const struct reference *ref,
	struct registry_candidates *ret, struct error *err);

#endif
