/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REGISTRY_CLIENT_H
#define REGISTRY_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "image/manifest.h"
#include "registry/config.h"

/*
 * The pull side of the OCI distribution specification 1.1. One process, no threads of ours:
 * transfers run on one libcurl multi handle inside the calls below, which return when their work
 * is done. Call registry_global_init() after the user namespace was entered: libcurl's resolver
 * may start threads.
 */
enum tristate {
	TRISTATE_UNSET = 0,
	TRISTATE_FALSE,
	TRISTATE_TRUE,
};

/* struct registry_options - what a command line says about registries. All borrowed. */
struct registry_options {
	const char *authfile;     /* --authfile; NULL: $REGISTRY_AUTH_FILE, then the usual places */
	const char *creds;        /* --creds "user[:password]"; NULL: from the auth files */
	const char *cert_dir;     /* --cert-dir; NULL: the certs.d directories */
	enum tristate tls_verify; /* --tls-verify; FALSE also allows plain http */
	int retries;              /* tries after the first; 0: REGISTRY_DEFAULT_RETRIES, -1: none */
	bool has_retry_delay;     /* pause @retry_delay_ns before each, else longer and longer */
	int64_t retry_delay_ns;
	unsigned stall_timeout_s; /* give up on a silent server; 0: REGISTRY_STALL_TIMEOUT_S */
	const char *user_agent;   /* NULL: "coracle" */
};
#define REGISTRY_DEFAULT_RETRIES 3
#define REGISTRY_STALL_TIMEOUT_S 30

/* Once per process, before the rest. */
int registry_global_init(struct error *err);

/* struct registry - one repository at one endpoint, with what was learned about it. */
struct registry;

/*
 * registry_open - prepare to talk to a candidate of registry_resolve(). No traffic yet.
 * @options, @candidate: may go away after the call
 */
int registry_open(const struct registry_options *options,
	const struct registry_candidate *candidate, struct registry **ret, struct error *err);
void registry_close(struct registry *registry);
DEFINE_AUTO(struct registry *, registry_close);

/* struct registry_manifest - the exact bytes of a manifest or index. */
struct registry_manifest {
	char *bytes; /* NUL-terminated */
	size_t len;
	char *media_type; /* of the reply, without parameters; NULL when it named none */
	char *digest;     /* sha256 (or what was asked for) of the bytes, computed here */
};
void registry_manifest_release(struct registry_manifest *manifest);
static inline void auto_registry_manifest_release(struct registry_manifest *manifest)
{
	registry_manifest_release(manifest);
}

/*
 * registry_get_manifest - fetch a manifest or index by tag or digest.
 * @reference: "latest" or "sha256:…"; a digest is verified
 *
 * Returns 0; -ENOENT "manifest unknown"; -EACCES "unauthorized: authentication required" or
 * denied; -EBADMSG when the bytes are not what was asked for; -EFBIG beyond 4 MiB;
 * -EPROTONOSUPPORT for docker schema 1; -EIO and others when the server cannot be reached.
 */
int registry_get_manifest(struct registry *registry, const char *reference,
	struct registry_manifest *ret, struct error *err);

/*
 * registry_head_manifest - the digest that a tag has now (Docker-Content-Digest), as the server
 * says it: a hint for "is there something newer", never proof.
 * *@ret NULL when the server does not tell. Errors as above.
 */
int registry_head_manifest(
	struct registry *registry, const char *reference, char **ret, struct error *err);

/*
 * struct registry_blob - one download. Bytes are handed over in order, each once, though a broken
 * connection may be resumed in between.
 */
struct registry_blob {
	const char *digest;   /* borrowed */
	uint64_t size;        /* from the descriptor: more is refused, less is an error */
	uint64_t offset;      /* bytes the caller has already from an earlier pull; 0 normally */
	bool caller_verifies; /* the caller checks the digest; needed with an offset, saves time */
	/*
	 * Hands over bytes; may block. A negative errno ends all transfers with that code (the
	 * caller knows why). Must not call into the registry.
	 */
	int (*write)(void *data, const void *bytes, size_t len);
	/* Called once when the last byte was written and, unless the caller does, verified. */
	int (*done)(void *data); /* may be NULL; result as write's */
	void *data;
};

/* Called now and then, and whenever a blob advanced; a negative result cancels with that code. */
typedef int (*registry_progress)(void *data, size_t blob, uint64_t bytes);

/*
 * registry_get_blobs - fetch blobs, several at once.
 * @parallel: most transfers at a time, at least 1
 * @progress: may be NULL; @bytes counts from the beginning of the blob, offset included
 *
 * Sizes are checked, digests are verified unless the caller does. Interrupted transfers resume
 * with Range; servers that ignore it are skipped forward. The first error ends all transfers.
 * Returns 0; -ENOENT "blob unknown"; -EBADMSG for wrong size or digest; as for manifests else.
 */
int registry_get_blobs(struct registry *registry, const struct registry_blob *blobs, size_t count,
	unsigned parallel, registry_progress progress, void *progress_data, struct error *err);

/*
 * registry_login_check - GET /v2/ with these credentials, as `login` does before it saves them.
 * @host: "quay.io", "localhost:5000"
 * A registry that registries.conf calls insecure is treated so. Nothing is saved.
 * Returns 0; -EACCES "unauthorized: authentication required" (or the server's words) when refused.
 */
int registry_login_check(const struct registry_options *options, const char *host,
	const char *username, const char *password, struct error *err);

#endif
