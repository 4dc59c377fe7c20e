/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/source.h"

#include <errno.h>

#include "base/digest.h"
#include "base/log.h"
#include "base/str.h"

/* An index may name an index (image-spec, image-index.md, "manifests"); nobody nests deeper. */
#define INDEX_MAX_DEPTH 4

void pull_source_release(struct pull_source *source)
{
	registry_close(source->registry);
	registry_manifest_release(&source->raw);
	free(source->index_digest);
	manifest_release(&source->manifest);
	image_config_release(&source->config);
	free(source->config_bytes);
	*source = (struct pull_source){0};
}

/* What to ask for first: a digest is exact, a tag beside it is a remark. */
static const char *first_reference(const struct reference *ref)
{
	return ref->digest ? ref->digest : ref->tag;
}

/* Replaces @source's raw bytes by those of the entry for @want. */
static int follow_index(struct pull_source *source, const struct platform *want, struct error *err)
{
	AUTO(index_release) struct index index = {0};
	struct registry_manifest next = {0};
	const struct descriptor *entry;
	int r;

	r = index_parse(source->raw.bytes, source->raw.len, source->raw.media_type, &index, err);
	if (r < 0)
		return r;
	entry = index_select(&index, want, err);
	if (!entry)
		return -ENOENT;
	r = registry_get_manifest(source->registry, entry->digest, &next, err);
	if (r < 0)
		return r;
	if (next.len != entry->size) {
		registry_manifest_release(&next);
		return error_set(err, EBADMSG,
			"manifest %s has %zu bytes where the index says %llu", entry->digest,
			next.len, (unsigned long long)entry->size);
	}
	if (!source->index_digest)
		source->index_digest = xstrdup(source->raw.digest);
	registry_manifest_release(&source->raw);
	source->raw = next;
	return 0;
}

static int fetch_manifest(
	struct pull_source *source, const struct platform *want, struct error *err)
{
	const char *type;
	int r;

	r = registry_get_manifest(
		source->registry, first_reference(&source->candidate->ref), &source->raw, err);
	for (int depth = 0; r >= 0; depth++) {
		r = manifest_media_type(
			source->raw.bytes, source->raw.len, source->raw.media_type, &type, err);
		if (r < 0)
			break;
		if (!media_type_is_index(type))
			return manifest_parse(source->raw.bytes, source->raw.len,
				source->raw.media_type, &source->manifest, err);
		if (depth == INDEX_MAX_DEPTH)
			return error_set(err, EBADMSG, "indexes are nested too deeply");
		r = follow_index(source, want, err);
	}
	return r;
}

int pull_source_open(const struct registry_options *options,
	const struct registry_candidate *candidate, const struct platform *want,
	struct pull_source *ret, struct error *err)
{
	AUTO(pull_source_release) struct pull_source source = {.candidate = candidate};
	int r;

	r = registry_open(options, candidate, &source.registry, err);
	if (r < 0)
		return r;
	r = fetch_manifest(&source, want, err);
	if (r < 0)
		return r;
	*ret = source;
	source = (struct pull_source){0};
	return 0;
}

int pull_source_take_config(struct pull_source *source, char *bytes, size_t len, struct error *err)
{
	const struct descriptor *config = &source->manifest.config;
	size_t diff_ids;
	int r;

	free(source->config_bytes);
	source->config_bytes = bytes;
	source->config_len = len;
	r = image_config_parse(bytes, len, &source->config, err);
	if (r < 0)
		return error_wrap(err, r, "config %s", config->digest);
	diff_ids = strv_len(source->config.rootfs.diff_ids);
	if (diff_ids != source->manifest.layer_count)
		return error_set(err, EBADMSG,
			"config %s: names %zu layers where the manifest has %zu", config->digest,
			diff_ids, source->manifest.layer_count);
	return 0;
}

static int add_to_buffer(void *data, const void *bytes, size_t len)
{
	strbuf_add(data, bytes, len);
	return 0;
}

int pull_source_fetch_config(struct pull_source *source, struct error *err)
{
	const struct descriptor *config = &source->manifest.config;
	AUTO(strbuf_release) struct strbuf bytes = STRBUF_INIT;
	struct registry_blob blob = {
		.digest = config->digest,
		.size = config->size,
		.write = add_to_buffer,
		.data = &bytes,
	};
	size_t len;
	int r;

	if (config->size > IMAGE_CONFIG_MAX_BYTES)
		return error_set(err, EFBIG, "config %s: %llu bytes are more than %d",
			config->digest, (unsigned long long)config->size, IMAGE_CONFIG_MAX_BYTES);
	r = registry_get_blobs(source->registry, &blob, 1, 1, NULL, NULL, err);
	if (r < 0)
		return error_wrap(err, r, "config %s", config->digest);
	len = bytes.len;
	return pull_source_take_config(source, strbuf_take(&bytes), len, err);
}
