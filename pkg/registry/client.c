/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/client.h"

#include <errno.h>
#include <time.h>

#include "base/digest.h"
#include "base/str.h"
#include "registry/internal.h"

/* distribution-spec, "Pulling manifests". Schema 1 is asked for only to name it in the error. */
#define MANIFEST_ACCEPT \
	MEDIA_OCI_INDEX ", " MEDIA_OCI_MANIFEST ", " MEDIA_DOCKER_LIST ", " MEDIA_DOCKER_MANIFEST \
			", " MEDIA_DOCKER_SCHEMA1_SIGNED ";q=0.2, " MEDIA_DOCKER_SCHEMA1 ";q=0.1"

int registry_global_init(struct error *err)
{
	CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);

	if (code != CURLE_OK)
		return error_set(err, EIO, "libcurl: %s", curl_easy_strerror(code));
	return 0;
}

void wait_for_ns(int64_t ns)
{
	struct timespec left = {ns / 1000000000, ns % 1000000000};

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

/* "user:password" of --creds. */
static void set_creds(struct registry *registry, const char *creds)
{
	size_t len = strcspn(creds, ":");

	registry->auth.username = xstrndup(creds, len);
	registry->auth.password = xstrdup(creds[len] ? creds + len + 1 : "");
	registry->has_auth = true;
}

static struct registry *registry_new(
	const struct registry_options *options, const char *host, bool insecure)
{
	struct registry *registry = xnew(struct registry);

	registry->multi = curl_multi_init();
	if (!registry->multi)
		abort();
	registry->host = xstrdup(host);
	registry->plain_allowed = options->tls_verify == TRISTATE_FALSE ||
				  (options->tls_verify == TRISTATE_UNSET && insecure);
	registry->authfile = xstrdup(options->authfile);
	registry->user_agent = xstrdup(options->user_agent ? options->user_agent : "coracle");
	registry->retries = options->retries > 0   ? (unsigned)options->retries
			    : options->retries < 0 ? 0
						   : REGISTRY_DEFAULT_RETRIES;
	registry->has_retry_delay = options->has_retry_delay;
	registry->retry_delay_ns = options->retry_delay_ns;
	registry->stall_timeout_s =
		options->stall_timeout_s ? options->stall_timeout_s : REGISTRY_STALL_TIMEOUT_S;
	return registry;
}

int registry_open(const struct registry_options *options,
	const struct registry_candidate *candidate, struct registry **ret, struct error *err)
{
	AUTO(registry_close)
	struct registry *registry = registry_new(options, candidate->host, candidate->insecure);
	int r;

	registry->repository = xstrdup(candidate->repository);
	registry->auth_key = xstrdup(candidate->auth_key);
	/* A mirror is somebody else: what was given for the image's registry is not for it. */
	if (options->creds && !candidate->is_mirror)
		set_creds(registry, options->creds);
	r = tls_files_load(options->cert_dir, registry_name(registry), &registry->tls, err);
	if (r < 0)
		return r;
	*ret = take_ptr(registry);
	return 0;
}

void registry_close(struct registry *registry)
{
	if (!registry)
		return;
	curl_multi_cleanup(registry->multi);
	free(registry->host);
	free(registry->repository);
	free(registry->auth_key);
	tls_files_release(&registry->tls);
	free(registry->authfile);
	free(registry->user_agent);
	auth_release(&registry->auth);
	if (registry->authorization)
		explicit_bzero(registry->authorization, strlen(registry->authorization));
	free(registry->authorization);
	free(registry);
}

/* One exchange on the registry's multi handle, whose connections are kept for the blobs. */
static CURLcode perform(struct registry *registry, struct exchange *exchange)
{
	int running = 1, left;
	CURLMsg *message;

	if (curl_multi_add_handle(registry->multi, exchange->easy) != CURLM_OK)
		return CURLE_FAILED_INIT;
	while (running) {
		CURLMcode code = curl_multi_perform(registry->multi, &running);

		if (code == CURLM_OK && running)
			code = curl_multi_poll(registry->multi, NULL, 0, 1000, NULL);
		if (code != CURLM_OK)
			break;
	}
	message = curl_multi_info_read(registry->multi, &left);
	CURLcode result =
		message && message->msg == CURLMSG_DONE ? message->data.result : CURLE_FAILED_INIT;
	curl_multi_remove_handle(registry->multi, exchange->easy);
	return result;
}

int registry_request(struct registry *registry, struct attempt *attempt, struct exchange *exchange,
	void (*prepare)(struct exchange *exchange), struct error *err)
{
	for (;;) {
		CURLcode code;
		int r;

		if (attempt->wait_ns)
			wait_for_ns(attempt->wait_ns);
		attempt_prepare(attempt, exchange, registry);
		if (prepare)
			prepare(exchange);
		code = perform(registry, exchange);
		if (exchange->body_too_long && exchange_status(exchange) == 200)
			return error_set(err, EFBIG, "larger than %zu bytes", exchange->body_max);
		r = attempt_judge(attempt, exchange, registry, code, err);
		if (r != VERDICT_AGAIN)
			return r;
	}
}

static void prepare_manifest(struct exchange *exchange)
{
	exchange_add_header(exchange, "Accept", MANIFEST_ACCEPT);
}

static void prepare_head(struct exchange *exchange)
{
	prepare_manifest(exchange);
	curl_easy_setopt(exchange->easy, CURLOPT_NOBODY, 1L);
}

void registry_manifest_release(struct registry_manifest *manifest)
{
	free(manifest->bytes);
	free(manifest->media_type);
	free(manifest->digest);
	memset(manifest, 0, sizeof(*manifest));
}

/* Moves the reply over; the digest is of what arrived, whatever the server calls it. */
static int take_manifest(struct exchange *exchange, const char *reference,
	struct registry_manifest *ret, struct error *err)
{
	AUTO(registry_manifest_release) struct registry_manifest manifest = {0};
	bool by_digest = digest_is_valid(reference);
	AUTO(hasher_free) struct hasher *hasher = hasher_new(by_digest ? reference : "sha256");

	hasher_update(hasher, strbuf_get(&exchange->body), exchange->body.len);
	manifest.digest = hasher_finish(hasher);
	if (by_digest && !str_eq(manifest.digest, reference))
		return error_set(err, EBADMSG, "digest mismatch: got %s", manifest.digest);
	if (exchange->content_type)
		manifest.media_type =
			xstrndup(exchange->content_type, strcspn(exchange->content_type, "; \t"));
	if (media_type_is_schema1(manifest.media_type))
		return error_set(err, EPROTONOSUPPORT,
			"docker schema 1 is not supported: push the image again with a current "
			"tool");
	manifest.len = exchange->body.len;
	manifest.bytes = strbuf_take(&exchange->body);
	*ret = manifest;
	memset(&manifest, 0, sizeof(manifest));
	return 0;
}

/* Tags and digests only: the text becomes part of an address. */
static int check_reference(const char *reference, struct error *err)
{
	if (!reference_tag_is_valid(reference) && !digest_is_valid(reference))
		return error_set(err, EINVAL, "\"%s\" is neither tag nor digest", reference);
	return 0;
}

static int request_manifest(struct registry *registry, const char *reference,
	struct exchange *exchange, void (*prepare)(struct exchange *exchange), struct error *err)
{
	autofree char *path = xasprintf("/v2/%s/manifests/%s", registry->repository, reference);
	struct attempt attempt = {.path = path, .what = "manifest", .unknown = "manifest unknown"};
	int r = check_reference(reference, err);

	if (r == 0)
		r = registry_request(registry, &attempt, exchange, prepare, err);
	attempt_release(&attempt);
	return r;
}

static int wrap_manifest(
	struct registry *registry, const char *reference, int result, struct error *err)
{
	if (result < 0)
		return error_wrap(err, result, "reading manifest %s in %s/%s", reference,
			registry_name(registry), registry->repository);
	return result;
}

int registry_get_manifest(struct registry *registry, const char *reference,
	struct registry_manifest *ret, struct error *err)
{
	AUTO(exchange_release) struct exchange exchange;
	int r;

	exchange_init(&exchange);
	exchange.body_max = MANIFEST_MAX_BYTES;
	r = request_manifest(registry, reference, &exchange, prepare_manifest, err);
	if (r == 0)
		r = take_manifest(&exchange, reference, ret, err);
	return wrap_manifest(registry, reference, r, err);
}

int registry_head_manifest(
	struct registry *registry, const char *reference, char **ret, struct error *err)
{
	AUTO(exchange_release) struct exchange exchange;
	int r;

	exchange_init(&exchange);
	r = request_manifest(registry, reference, &exchange, prepare_head, err);
	if (r < 0)
		return wrap_manifest(registry, reference, r, err);
	*ret = exchange.content_digest && digest_is_valid(exchange.content_digest)
		       ? xstrdup(exchange.content_digest)
		       : NULL;
	return 0;
}

/* A host is what may stand before a path in a reference. */
static int check_host(const char *host, struct error *err)
{
	AUTO(reference_release) struct reference ref = {0};
	autofree char *text = xasprintf("%s/x", host);

	/* "docker" alone would be read as the first part of a path, but names a machine here. */
	if (reference_parse(text, &ref, NULL) < 0 || strchr(host, '/') || strchr(host, '@'))
		return error_set(err, EINVAL, "invalid registry name \"%s\"", host);
	return 0;
}

static int host_is_insecure(const char *host, bool *ret, struct error *err)
{
	AUTO(registries_config_release) struct registries_config config = {0};
	struct reference ref = {.domain = (char *)host, .path = (char *)"x"};
	const struct registry_entry *entry;
	int r = registries_config_load(&config, err);

	if (r < 0)
		return r;
	entry = registries_config_find(&config, &ref);
	*ret = entry && entry->insecure;
	return 0;
}

int registry_login_check(const struct registry_options *options, const char *host,
	const char *username, const char *password, struct error *err)
{
	AUTO(exchange_release) struct exchange exchange;
	AUTO(registry_close) struct registry *registry = NULL;
	bool is_hub = str_eq(host, REFERENCE_DEFAULT_DOMAIN) || str_eq(host, "index.docker.io");
	struct attempt attempt = {
		.path = "/v2/", .what = "login", .unknown = "this is no registry (no /v2/)"};
	bool insecure = false;
	int r = check_host(host, err);

	exchange_init(&exchange);
	if (r == 0)
		r = host_is_insecure(host, &insecure, err);
	if (r < 0)
		return r;
	registry = registry_new(options, is_hub ? "registry-1.docker.io" : host, insecure);
	registry->auth_key = xstrdup(host);
	registry->auth.username = xstrdup(username);
	registry->auth.password = xstrdup(password);
	registry->has_auth = true;
	r = tls_files_load(options->cert_dir, registry_name(registry), &registry->tls, err);
	if (r == 0)
		r = registry_request(registry, &attempt, &exchange, NULL, err);
	attempt_release(&attempt);
	return r < 0 ? error_wrap(err, r, "logging into %s", host) : 0;
}
