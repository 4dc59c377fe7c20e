/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "registry/config.h"

/* docker.io is a name, not a machine. */
#define DOCKER_HUB_HOST "registry-1.docker.io"

static void candidate_release(struct registry_candidate *candidate)
{
	reference_release(&candidate->ref);
	free(candidate->host);
	free(candidate->repository);
	free(candidate->auth_key);
}

void registry_candidates_release(struct registry_candidates *candidates)
{
	for (size_t i = 0; i < candidates->count; i++)
		candidate_release(&candidates->items[i]);
	free(candidates->items);
	memset(candidates, 0, sizeof(*candidates));
}

/* How much of @name the prefix covers; 0 when it does not match. */
static size_t prefix_match(const char *prefix, const char *name)
{
	size_t len = strlen(prefix);

	if (prefix[0] == '*') {
		/* "*.example.com/x": the host must be a subdomain. */
		const char *found = strstr(name, prefix + 1);
		const char *slash = strchr(name, '/');
		const char *rest;

		if (!found || found == name || (slash && found > slash))
			return 0;
		rest = found + len - 1;
		return !*rest || strchr("/:@", *rest) ? len : 0;
	}
	if (strncmp(name, prefix, len) != 0)
		return 0;
	return !name[len] || strchr("/:@", name[len]) ? len : 0;
}

const struct registry_entry *registries_config_find(
	const struct registries_config *config, const struct reference *ref)
{
	autofree char *name = reference_format(ref);
	const struct registry_entry *best = NULL;
	size_t best_len = 0;

	for (size_t i = 0; i < config->entry_count; i++) {
		size_t len = prefix_match(config->entries[i].prefix, name);

		if (len > best_len) {
			best = &config->entries[i];
			best_len = len;
		}
	}
	return best;
}

/* "host/path" -> candidate; @location replaces the part that @prefix covers. */
static int add_candidate(struct registry_candidates *list, const struct reference *ref,
	const char *name, bool insecure, bool is_mirror, struct error *err)
{
	const char *slash = strchr(name, '/');
	struct registry_candidate candidate = {0};

	if (!slash || slash == name || !reference_path_is_valid(slash + 1))
		return error_set(err, EINVAL,
			"registries.conf turns the name into \"%s\", which is invalid", name);
	reference_copy(&candidate.ref, ref);
	candidate.host = xstrndup(name, (size_t)(slash - name));
	candidate.repository = xstrdup(slash + 1);
	candidate.auth_key = xstrdup(name);
	candidate.insecure = insecure;
	candidate.is_mirror = is_mirror;
	if (str_eq(candidate.host, REFERENCE_DEFAULT_DOMAIN)) {
		free(candidate.host);
		candidate.host = xstrdup(DOCKER_HUB_HOST);
	}
	list->items = list_grow(list->items, list->count, sizeof(candidate));
	list->items[list->count++] = candidate;
	return 0;
}

/* The name with the covered part replaced. Owned by the caller. */
static char *rewrite(const struct reference *ref, const char *prefix, const char *location)
{
	autofree char *name = reference_name(ref);
	size_t len = strlen(prefix);

	if (prefix[0] == '*') {
		/* The wildcard covers the whole host, however deep the subdomain is. */
		const char *found = strstr(name, prefix + 1);

		if (!*location)
			return take_ptr(name);
		return xasprintf("%s%s", location, found ? found + len - 1 : "");
	}
	/* A prefix may cover the tag as well; then there is no path left over. */
	return xasprintf("%s%s", location, len < strlen(name) ? name + len : "");
}

static bool mirror_serves(const struct registry_mirror *mirror, const struct reference *ref)
{
	if (mirror->pull == MIRROR_PULL_DIGEST_ONLY)
		return ref->digest;
	if (mirror->pull == MIRROR_PULL_TAG_ONLY)
		return !ref->digest;
	return true;
}

/* Mirrors in their order, then the place itself, for a full name. */
static int resolve_full(const struct registries_config *config, const struct reference *ref,
	struct registry_candidates *list, struct error *err)
{
	const struct registry_entry *entry = registries_config_find(config, ref);
	autofree char *name = NULL;
	int r = 0;

	if (!entry) {
		name = reference_name(ref);
		return add_candidate(list, ref, name, false, false, err);
	}
	if (entry->blocked)
		return error_set(
			err, EPERM, "registry %s is blocked in registries.conf", entry->prefix);
	for (size_t i = 0; r == 0 && i < entry->mirror_count; i++) {
		const struct registry_mirror *mirror = &entry->mirrors[i];
		autofree char *at_mirror = NULL;

		if (!mirror_serves(mirror, ref))
			continue;
		at_mirror = rewrite(ref, entry->prefix, mirror->location);
		r = add_candidate(list, ref, at_mirror, mirror->insecure, true, err);
	}
	if (r < 0)
		return r;
	name = rewrite(ref, entry->prefix, entry->location);
	return add_candidate(list, ref, name, entry->insecure, false, err);
}

/* @host "/" @short's path and tag, normalized. */
static int qualify(const struct reference *short_ref, const char *host, struct reference *ret,
	struct error *err)
{
	autofree char *tail = reference_format(short_ref);
	autofree char *text = xasprintf("%s/%s", host, tail);

	return reference_parse_normalized(text, ret, err);
}

static int resolve_alias(const struct registries_config *config, const struct reference *ref,
	struct registry_candidates *list, struct error *err)
{
	AUTO(reference_release) struct reference full = {0};
	const char *target = strmap_get(&config->aliases, ref->path);
	int r;

	if (str_is_empty(target))
		return 0;
	r = reference_parse(target, &full, err);
	if (r < 0)
		return r;
	full.tag = xstrdup(ref->tag);
	full.digest = xstrdup(ref->digest);
	reference_normalize(&full);
	r = resolve_full(config, &full, list, err);
	return r < 0 ? r : 1;
}

static int resolve_short(const struct registries_config *config, const struct reference *ref,
	struct registry_candidates *list, struct error *err)
{
	static char *const fallback[] = {(char *)REFERENCE_DEFAULT_DOMAIN, NULL};
	char *const *search = config->search && *config->search ? config->search : fallback;
	int r = 0;

	if (config->short_name_mode != SHORT_NAME_DISABLED) {
		r = resolve_alias(config, ref, list, err);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	if (config->short_name_mode == SHORT_NAME_ENFORCING && strv_len(search) > 1)
		return error_set(err, EINVAL,
			"short name \"%s\" could mean several registries: write it in full, such "
			"as %s/%s",
			ref->path, search[0], ref->path);
	for (; r == 0 && *search; search++) {
		AUTO(reference_release) struct reference full = {0};

		r = qualify(ref, *search, &full, err);
		if (r == 0)
			r = resolve_full(config, &full, list, err);
	}
	return r;
}

int registry_resolve(const struct registries_config *config, const struct reference *ref,
	struct registry_candidates *ret, struct error *err)
{
	AUTO(registry_candidates_release) struct registry_candidates list = {0};
	int r;

	if (!ref->domain) {
		r = resolve_short(config, ref, &list, err);
	} else {
		AUTO(reference_release) struct reference full = {0};

		reference_copy(&full, ref);
		reference_normalize(&full);
		r = resolve_full(config, &full, &list, err);
	}
	if (r < 0)
		return r;
	*ret = list;
	memset(&list, 0, sizeof(list));
	return 0;
}
