/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/digest.h"
#include "engine/commit-image.h"

/* Names of the same thing in the two families (image-spec, media-types.md). */
static const struct {
	const char *oci;
	const char *docker; /* NULL: it has none */
} layer_types[] = {
	{MEDIA_OCI_LAYER, MEDIA_DOCKER_LAYER},
	{MEDIA_OCI_LAYER_GZIP, MEDIA_DOCKER_LAYER_GZIP},
	{MEDIA_OCI_LAYER_ZSTD, "application/vnd.docker.image.rootfs.diff.tar.zstd"},
	{"application/vnd.oci.image.layer.nondistributable.v1.tar",
		"application/vnd.docker.image.rootfs.foreign.diff.tar"},
	{"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
		"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"},
};

static int convert(const char *type, bool docker, char **ret, struct error *err)
{
	const char *name = NULL;

	for (size_t i = 0; !name && i < ARRAY_SIZE(layer_types); i++) {
		if (str_eq(type, layer_types[i].oci) || str_eq(type, layer_types[i].docker))
			name = docker ? layer_types[i].docker : layer_types[i].oci;
	}
	if (!name && (docker || !str_after(type, "application/vnd.oci.")))
		return error_set(err, ENOTSUP, "layers of type %s have no name in %s format", type,
			docker ? "docker" : "oci");
	*ret = xstrdup(name ? name : type);
	return 0;
}

static int add_layer(
	struct manifest *manifest, const struct descriptor *layer, bool docker, struct error *err)
{
	struct descriptor *copy;

	manifest->layers =
		list_grow(manifest->layers, manifest->layer_count, sizeof(*manifest->layers));
	copy = &manifest->layers[manifest->layer_count++];
	*copy = (struct descriptor){.digest = xstrdup(layer->digest), .size = layer->size};
	return convert(layer->media_type, docker, &copy->media_type, err);
}

int commit_manifest(const struct manifest *base, const struct packed_layer *layer,
	const char *config, bool docker, char **ret, struct error *err)
{
	AUTO(manifest_release) struct manifest manifest = {.schema_version = 2};
	const struct descriptor top = {
		.media_type = (char *)layer->media_type,
		.digest = layer->digest,
		.size = layer->size,
	};
	int r = 0;

	manifest.media_type = xstrdup(docker ? MEDIA_DOCKER_MANIFEST : MEDIA_OCI_MANIFEST);
	manifest.config.media_type = xstrdup(docker ? MEDIA_DOCKER_CONFIG : MEDIA_OCI_CONFIG);
	manifest.config.digest = digest_of(config, strlen(config));
	manifest.config.size = strlen(config);
	for (size_t i = 0; r == 0 && base && i < base->layer_count; i++)
		r = add_layer(&manifest, &base->layers[i], docker, err);
	if (r == 0)
		r = add_layer(&manifest, &top, docker, err);
	if (r == 0)
		*ret = manifest_write(&manifest);
	return r;
}
