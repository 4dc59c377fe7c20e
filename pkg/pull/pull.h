/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PULL_PULL_H
#define PULL_PULL_H

#include <stdbool.h>

#include "base/error.h"
#include "image/platform.h"
#include "pull/progress.h"
#include "registry/client.h"
#include "storage/store.h"

enum pull_policy {
	PULL_ALWAYS = 0, /* ask the registry, fetch what the store lacks */
	PULL_MISSING,    /* only when the store has no such image */
	PULL_NEWER, /* as always, but a registry that fails is no error when there is an image */
	PULL_NEVER, /* the store must have it */
};

/* "always", "missing", "newer", "never" and podman's "ifnotpresent"; -EINVAL else. */
int pull_policy_parse(const char *text, enum pull_policy *ret);

/* Blobs that are fetched at once unless a request says otherwise. */
#define PULL_PARALLEL 4

struct pull_request {
	struct store *store;
	const char *reference; /* as typed, with or without docker:// */
	enum pull_policy policy;
	const struct platform *platform;         /* NULL: this machine's */
	const struct registry_options *registry; /* credentials, TLS, retries */
	unsigned parallel;                       /* blobs at once; 0: PULL_PARALLEL */
	struct progress *progress;
};

struct pull_result {
	char *image_id; /* 64 hex digits */
	char *name;     /* full name it was stored under */
	char *digest;   /* of the manifest that was selected */
};
void pull_result_release(struct pull_result *result);
static inline void auto_pull_result_release(struct pull_result *result)
{
	pull_result_release(result);
}

/*
 * pull_image - bring an image from a registry into the store.
 *
 * Reference, registry candidates (short names, mirrors), manifest (through an index by platform),
 * configuration, layers: those which the store lacks are fetched several at once and unpacked
 * while they arrive. Everything is verified before anything refers to it, and the image gets its
 * names last. Several processes may pull the same at once: the blobs are locked, the second
 * waits and uses what the first one brought.
 *
 * Must run in the user namespace that owns the store, in a process that ignores SIGPIPE.
 * On failure nothing is left but partial blobs, which the next pull resumes.
 * Returns 0; -EINVAL for a bad reference; -ENOENT where no registry has the image or policy
 * "never" finds none in the store; -EBADMSG where the registry sent something malformed; else as
 * from registry and storage.
 */
int pull_image(const struct pull_request *request, struct pull_result *ret, struct error *err);

#endif
