/* SPDX-License-Identifier: Apache-2.0 */
#include <strings.h>

#include "base/str.h"
#include "image/manifest.h"

/* Compares without parameters and blanks: "a/b; charset=utf-8" is "a/b". Case does not matter. */
static bool type_is(const char *type, const char *name)
{
	size_t len = strlen(name);

	return type && strncasecmp(type, name, len) == 0 &&
	       (!type[len] || type[len] == ';' || type[len] == ' ');
}

/* Which of @names it is; NULL: none. */
static const char *type_in(const char *type, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (type_is(type, names[i]))
			return names[i];
	return NULL;
}

bool media_type_is_index(const char *type)
{
	return type_is(type, MEDIA_OCI_INDEX) || type_is(type, MEDIA_DOCKER_LIST);
}

bool media_type_is_manifest(const char *type)
{
	return type_is(type, MEDIA_OCI_MANIFEST) || type_is(type, MEDIA_DOCKER_MANIFEST);
}

bool media_type_is_schema1(const char *type)
{
	return type_is(type, MEDIA_DOCKER_SCHEMA1) || type_is(type, MEDIA_DOCKER_SCHEMA1_SIGNED);
}

const char *media_type_document(const char *type)
{
	static const char *const names[] = {MEDIA_OCI_INDEX, MEDIA_OCI_MANIFEST, MEDIA_DOCKER_LIST,
		MEDIA_DOCKER_MANIFEST, MEDIA_DOCKER_SCHEMA1, MEDIA_DOCKER_SCHEMA1_SIGNED};

	return type_in(type, names, ARRAY_SIZE(names));
}

bool media_type_is_config(const char *type)
{
	return type_is(type, MEDIA_OCI_CONFIG) || type_is(type, MEDIA_DOCKER_CONFIG);
}

bool media_type_is_layer(const char *type)
{
	static const char *const names[] = {
		MEDIA_OCI_LAYER,
		MEDIA_OCI_LAYER_GZIP,
		MEDIA_OCI_LAYER_ZSTD,
		"application/vnd.oci.image.layer.v1.tar+xz",
		"application/vnd.oci.image.layer.v1.tar+bzip2",
		"application/vnd.oci.image.layer.nondistributable.v1.tar",
		"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
		"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
		MEDIA_DOCKER_LAYER,
		MEDIA_DOCKER_LAYER_GZIP,
		"application/vnd.docker.image.rootfs.diff.tar.zstd",
		"application/vnd.docker.image.rootfs.foreign.diff.tar",
		"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
	};

	return type_in(type, names, ARRAY_SIZE(names));
}
