/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_MANIFEST_H
#define IMAGE_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "image/platform.h"

#define MANIFEST_MAX_BYTES (4 * 1024 * 1024) /* what the distribution spec asks clients to take */
#define MANIFEST_MAX_LAYERS 1000
#define INDEX_MAX_ENTRIES 10000

/* media types (image-spec, media-types.md) and docker's older names for the same */
#define MEDIA_OCI_INDEX "application/vnd.oci.image.index.v1+json"
#define MEDIA_OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define MEDIA_OCI_CONFIG "application/vnd.oci.image.config.v1+json"
#define MEDIA_OCI_LAYER "application/vnd.oci.image.layer.v1.tar"
#define MEDIA_OCI_LAYER_GZIP "application/vnd.oci.image.layer.v1.tar+gzip"
#define MEDIA_OCI_LAYER_ZSTD "application/vnd.oci.image.layer.v1.tar+zstd"
#define MEDIA_DOCKER_LIST "application/vnd.docker.distribution.manifest.list.v2+json"
#define MEDIA_DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define MEDIA_DOCKER_CONFIG "application/vnd.docker.container.image.v1+json"
#define MEDIA_DOCKER_LAYER "application/vnd.docker.image.rootfs.diff.tar"
#define MEDIA_DOCKER_LAYER_GZIP "application/vnd.docker.image.rootfs.diff.tar.gzip"
#define MEDIA_DOCKER_SCHEMA1 "application/vnd.docker.distribution.manifest.v1+json"
#define MEDIA_DOCKER_SCHEMA1_SIGNED "application/vnd.docker.distribution.manifest.v1+prettyjws"

/* True by media type alone; parameters ("; charset=utf-8") are ignored; NULL is nothing. */
bool media_type_is_index(const char *type);
bool media_type_is_manifest(const char *type);
bool media_type_is_schema1(const char *type);
bool media_type_is_config(const char *type);
/* The MEDIA_ constant of a manifest or index of any kind, schema 1 included; NULL for others. */
const char *media_type_document(const char *type);
/* A layer tar that we can unpack, of either family, any compression. */
bool media_type_is_layer(const char *type);

/* struct descriptor - names a blob (image-spec, descriptor.md). Digest and size were checked. */
struct descriptor {
	char *media_type;
	char *digest; /* valid: digest_is_valid() */
	uint64_t size;
	char *artifact_type;
	char **urls; /* strv */
	struct strmap annotations;
	bool has_platform;
	struct platform platform;
};
extern const struct json_field descriptor_fields[];
void descriptor_release(struct descriptor *descriptor);
void descriptor_copy(struct descriptor *to, const struct descriptor *from); /* @to overwritten */

/* struct manifest - one image: its configuration and its layers, base first. */
struct manifest {
	int64_t schema_version;
	char *media_type; /* after parsing one of the MEDIA_ constants, as a copy */
	char *artifact_type;
	struct descriptor config;
	struct descriptor *layers;
	size_t layer_count;
	struct strmap annotations;
};
void manifest_release(struct manifest *manifest);
static inline void auto_manifest_release(struct manifest *manifest)
{
	manifest_release(manifest);
}

/* struct index - a list of manifests, one per platform. */
struct index {
	int64_t schema_version;
	char *media_type; /* after parsing one of the MEDIA_ constants, as a copy */
	char *artifact_type;
	struct descriptor *manifests;
	size_t manifest_count;
	struct strmap annotations;
};
void index_release(struct index *index);
static inline void auto_index_release(struct index *index)
{
	index_release(index);
}

/*
 * manifest_media_type - which of the known documents these bytes are.
 * @content_type: what the server said, NULL when unknown; must agree with the document's own
 *                mediaType member where both are there
 * @ret: one of the MEDIA_ constants, static: a manifest or an index
 *
 * Returns 0; -EBADMSG for malformed or contradicting bytes; -EPROTONOSUPPORT for docker schema 1
 * and for documents that are no image.
 */
int manifest_media_type(const char *bytes, size_t len, const char *content_type, const char **ret,
	struct error *err);

/*
 * manifest_parse - a manifest of an image that can be run.
 * Digests, sizes, number of layers and their media types are checked; artifacts that are no image
 * are refused with -EPROTONOSUPPORT. @content_type as above.
 * Returns 0; -EBADMSG; -EPROTONOSUPPORT.
 */
int manifest_parse(const char *bytes, size_t len, const char *content_type, struct manifest *ret,
	struct error *err);
/* OCI manifest as text, owned by the caller; media_type and schema_version are written as set. */
char *manifest_write(const struct manifest *manifest);

/* index_parse - an index or manifest list; entries of unknown media types are kept. */
int index_parse(const char *bytes, size_t len, const char *content_type, struct index *ret,
	struct error *err);

/*
 * index_select - the entry for a platform: the best rank, the first of equals. Attestations and
 * artifacts are never chosen; entries without platform only when nothing else is there.
 * Returns the entry, borrowed, or NULL with @err saying which platforms there are.
 */
const struct descriptor *index_select(
	const struct index *index, const struct platform *want, struct error *err);

#endif
