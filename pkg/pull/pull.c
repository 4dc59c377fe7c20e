/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/pull.h"

#include <errno.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/str.h"
#include "image/chain-id.h"
#include "image/config.h"
#include "image/reference.h"
#include "pull/layers.h"
#include "pull/source.h"
#include "registry/config.h"
#include "storage/image-store.h"

/* Starts anew when another process removes what we build on; it will not do so for ever. */
#define PULL_MAX_TRIES 3

int pull_policy_parse(const char *text, enum pull_policy *ret)
{
	static const struct {
		const char *name;
		enum pull_policy policy;
	} policies[] = {
		{"always", PULL_ALWAYS},
		{"true", PULL_ALWAYS},
		{"missing", PULL_MISSING},
		{"ifnotpresent", PULL_MISSING},
		{"newer", PULL_NEWER},
		{"ifnewer", PULL_NEWER},
		{"never", PULL_NEVER},
		{"false", PULL_NEVER},
	};

	for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
		if (str_eq(policies[i].name, text)) {
			*ret = policies[i].policy;
			return 0;
		}
	}
	return -EINVAL;
}

void pull_result_release(struct pull_result *result)
{
	free(result->image_id);
	free(result->name);
	free(result->digest);
	*result = (struct pull_result){0};
}

/* Without docker://; other transports are told apart from names that contain a colon. */
static int strip_transport(const char *text, const char **ret, struct error *err)
{
	static const char *const others[] = {"atomic:", "containers-storage:", "dir:",
		"docker-archive:", "docker-daemon:", "oci:", "oci-archive:", "ostree:", "sif:"};
	const char *rest = str_after(text, "docker://");

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (str_after(text, others[i]))
			return error_set(err, EINVAL,
				"%s: transport %.*s is not supported by pull, only docker://", text,
				(int)strlen(others[i]) - 1, others[i]);
	}
	*ret = rest ? rest : text;
	return 0;
}

static void want_platform(const struct pull_request *request, struct platform *ret)
{
	if (request->platform)
		platform_copy(ret, request->platform);
	else
		platform_host(ret);
}

/* Is a configuration of the store for the platform that was asked for by name? */
static bool is_for_platform(const struct pull_request *request, const struct image_record *image)
{
	AUTO(image_config_release) struct image_config config = {0};
	AUTO(platform_release) struct platform have = {0};

	if (!request->platform)
		return true;
	if (image_config_parse(image->config, image->config_len, &config, NULL) < 0)
		return false;
	image_config_platform(&config, &have);
	return platform_matches(request->platform, &have);
}

/* 1 and the result when the store has the image, else 0. */
static int find_in_store(const struct pull_request *request, const char *text,
	struct pull_result *ret, struct error *err)
{
	AUTO(image_record_free) struct image_record *image = NULL;
	autofree char *name = NULL;
	int r = image_resolve_name(request->store, text, &image, &name, err);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (!is_for_platform(request, image))
		return 0;
	*ret = (struct pull_result){
		.image_id = xstrdup(image->id),
		.name = name ? take_ptr(name) : xstrdup(text),
		.digest = xstrdup(image->digest),
	};
	return 1;
}

/* The configuration is in the store where the image is, by another name perhaps. */
static int get_config(
	const struct pull_request *request, struct pull_source *source, struct error *err)
{
	const struct descriptor *config = &source->manifest.config;
	AUTO(image_record_free) struct image_record *image = NULL;
	size_t row = progress_add(request->progress, "config", config->digest, config->size);
	int r;

	if (str_after(config->digest, "sha256:") &&
		image_open(request->store, digest_hex(config->digest), &image, NULL) == 0 &&
		image->config_len == config->size)
		r = pull_source_take_config(
			source, take_ptr(image->config), image->config_len, err);
	else
		r = pull_source_fetch_config(source, err);
	if (r >= 0)
		progress_finish(request->progress, row, image ? "skipped: already exists" : "done");
	return r;
}

static void warn_of_platform(const struct pull_source *source, const struct platform *want)
{
	AUTO(platform_release) struct platform have = {0};
	autofree char *have_text = NULL;
	autofree char *want_text = NULL;

	image_config_platform(&source->config, &have);
	if (platform_matches(want, &have))
		return;
	have_text = platform_format(&have);
	want_text = platform_format(want);
	log_warn("image platform (%s) does not match the expected platform (%s)", have_text,
		want_text);
}

static int tag_digest(struct store *store, const char *name, const char *digest, const char *id,
	const char *manifest_digest, struct error *err)
{
	autofree char *full = xasprintf("%s@%s", name, digest);

	return image_tag(store, full, id, manifest_digest, err);
}

/* A name with a digest gets no tag: nobody has checked that the tag means this image. */
static int add_names(struct store *store, const struct pull_source *source,
	struct pull_result *result, struct error *err)
{
	const struct reference *ref = &source->candidate->ref;
	autofree char *name = reference_name(ref);
	int r = 0;

	if (source->index_digest)
		r = tag_digest(
			store, name, source->index_digest, result->image_id, result->digest, err);
	if (r >= 0)
		r = tag_digest(store, name, result->digest, result->image_id, result->digest, err);
	if (r < 0)
		return r;
	if (ref->digest) {
		result->name = xasprintf("%s@%s", name, ref->digest);
		return 0;
	}
	result->name = xasprintf("%s:%s", name, ref->tag);
	return image_tag(store, result->name, result->image_id, result->digest, err);
}

static int store_image(const struct pull_request *request, const struct pull_source *source,
	char *const *chains, struct pull_result *ret, struct error *err)
{
	AUTO(pull_result_release) struct pull_result result = {0};
	struct image_add_request add = {
		.config = source->config_bytes,
		.config_len = source->config_len,
		.manifest = source->raw.bytes,
		.manifest_len = source->raw.len,
		.layers = chains,
	};
	int r;

	if (source->config.created)
		(void)time_parse(source->config.created, &add.created_ns);
	r = image_add(request->store, &add, &result.image_id, &result.digest, err);
	if (r >= 0)
		r = add_names(request->store, source, &result, err);
	if (r < 0)
		return r;
	*ret = result;
	result = (struct pull_result){0};
	return 0;
}

static int pull_layers_and_store(const struct pull_request *request,
	const struct pull_source *source, bool *ret_resumed, struct pull_result *ret,
	struct error *err)
{
	AUTO(strv_free) char **chains = chain_ids(source->config.rootfs.diff_ids);
	struct layers_request layers = {
		.store = request->store,
		.source = source,
		.chains = chains,
		.parallel = request->parallel ? request->parallel : PULL_PARALLEL,
		.progress = request->progress,
	};
	struct layer_job *jobs = NULL;
	int r = layers_pull(&layers, &jobs, ret_resumed, err);

	if (r < 0)
		return r;
	progress_note(request->progress, "Writing manifest to image destination");
	r = store_image(request, source, chains, ret, err);
	layer_jobs_free(jobs, source->manifest.layer_count);
	return r;
}

/* What an interrupted pull left may be damaged, and others may remove images: both are cured by
 * starting again. */
static int pull_content(const struct pull_request *request, const struct pull_source *source,
	struct pull_result *ret, struct error *err)
{
	int r;

	for (int tries = 1;; tries++) {
		struct error this_err = {0};
		bool has_resumed = false;

		r = pull_layers_and_store(request, source, &has_resumed, ret, &this_err);
		if (r >= 0)
			return 0;
		if (tries < PULL_MAX_TRIES && (r == -ESTALE || (r == -EBADMSG && has_resumed))) {
			log_debug("starting again: %s", error_text(&this_err));
			continue;
		}
		/* Layers that no image refers to. */
		(void)image_collect_garbage(request->store, NULL);
		if (err)
			*err = this_err;
		return r;
	}
}

/* @ret_started: true once the candidate had the image. */
static int pull_from(const struct pull_request *request, const struct registry_candidate *candidate,
	bool *ret_started, struct pull_result *ret, struct error *err)
{
	AUTO(pull_source_release) struct pull_source source = {0};
	AUTO(platform_release) struct platform want = {0};
	autofree char *name = reference_format(&candidate->ref);
	int r;

	want_platform(request, &want);
	*ret_started = false;
	if (!candidate->is_mirror)
		progress_note(request->progress, "Trying to pull %s...", name);
	r = pull_source_open(request->registry, candidate, &want, &source, err);
	if (r >= 0) {
		*ret_started = true;
		r = get_config(request, &source, err);
	}
	if (r >= 0) {
		warn_of_platform(&source, &want);
		r = pull_content(request, &source, ret, err);
	}
	return r < 0 ? error_wrap(err, r, "%s", name) : 0;
}

/* Our own disk and memory are the same whatever the registry. */
static bool is_local_failure(int result)
{
	return result == -ENOSPC || result == -EDQUOT || result == -EROFS || result == -EMFILE;
}

static int pull_candidates(const struct pull_request *request,
	const struct registry_candidates *candidates, struct pull_result *ret, struct error *err)
{
	AUTO(strbuf_release) struct strbuf failures = STRBUF_INIT;
	int result = -ENOENT;

	for (size_t i = 0; i < candidates->count; i++) {
		const struct registry_candidate *candidate = &candidates->items[i];
		struct error this_err = {0};
		bool has_started;
		int r = pull_from(request, candidate, &has_started, ret, &this_err);

		if (r >= 0)
			return 0;
		if (candidate->is_mirror && i + 1 < candidates->count && !is_local_failure(r)) {
			log_info("mirror %s: %s", candidate->host, error_text(&this_err));
			continue;
		}
		if (failures.len)
			strbuf_adds(&failures, "; ");
		strbuf_adds(&failures, error_text(&this_err));
		result = r;
		/* The next search registry is for images that this one does not have. */
		if (has_started || is_local_failure(r))
			break;
	}
	return error_set(err, -result, "%s", strbuf_get(&failures));
}

static int pull_remote(const struct pull_request *request, const char *text,
	struct pull_result *ret, struct error *err)
{
	AUTO(registries_config_release) struct registries_config config = {0};
	AUTO(registry_candidates_release) struct registry_candidates candidates = {0};
	AUTO(reference_release) struct reference ref = {0};
	int r;

	r = reference_parse(text, &ref, err);
	if (r < 0)
		return error_wrap(err, r, "%s", text);
	r = registries_config_load(&config, err);
	if (r >= 0)
		r = registry_resolve(&config, &ref, &candidates, err);
	if (r < 0)
		return r;
	return pull_candidates(request, &candidates, ret, err);
}

int pull_image(const struct pull_request *request, struct pull_result *ret, struct error *err)
{
	AUTO(pull_result_release) struct pull_result present = {0};
	const char *text = NULL;
	int r;

	r = strip_transport(request->reference, &text, err);
	if (r < 0)
		return r;
	if (request->policy != PULL_ALWAYS) {
		r = find_in_store(request, text, &present, err);
		if (r < 0)
			return r;
		if (r == 0 && request->policy == PULL_NEVER)
			return error_set(err, ENOENT, "%s: image not known", text);
	}
	if (!present.image_id || request->policy == PULL_NEWER) {
		struct error remote_err = {0};

		r = pull_remote(request, text, ret, &remote_err);
		if (r >= 0)
			return 0;
		if (!present.image_id) {
			if (err)
				*err = remote_err;
			return r;
		}
		log_warn("using the image in the store: %s", error_text(&remote_err));
	}
	*ret = present;
	present = (struct pull_result){0};
	return 0;
}
