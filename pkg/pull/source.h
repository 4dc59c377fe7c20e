/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PULL_SOURCE_H
#define PULL_SOURCE_H

#include "base/error.h"
#include "image/config.h"
#include "image/manifest.h"
#include "image/platform.h"
#include "registry/client.h"
#include "registry/config.h"

/* struct pull_source - one image at one registry: what has to be known before its layers. */
struct pull_source {
	const struct registry_candidate *candidate; /* borrowed, outlives the source */
	struct registry *registry;
	struct registry_manifest raw; /* exact bytes of the image's manifest */
	char *index_digest;           /* of the index it was selected from; NULL: none */
	struct manifest manifest;
	struct image_config config;
	char *config_bytes;
	size_t config_len;
};
void pull_source_release(struct pull_source *source);
static inline void auto_pull_source_release(struct pull_source *source)
{
	pull_source_release(source);
}

/*
 * pull_source_open - ask a candidate for its manifest, through an index by platform.
 * @want: platform; @candidate: borrowed until the source is released
 * @ret:  config is still empty
 *
 * An index that holds an index is followed, a few levels deep. Returns 0; -ENOENT when there is
 * no such image or none for the platform; -EBADMSG; else as from the registry.
 */
int pull_source_open(const struct registry_options *options,
	const struct registry_candidate *candidate, const struct platform *want,
	struct pull_source *ret, struct error *err);

/*
 * pull_source_take_config - verify and parse configuration bytes.
 * @bytes: of the length and digest that the manifest names; owned by the source from here on
 * Returns 0; -EBADMSG, also when it does not go with the manifest's layers.
 */
int pull_source_take_config(struct pull_source *source, char *bytes, size_t len, struct error *err);
/* Fetches the configuration from the registry and takes it. */
int pull_source_fetch_config(struct pull_source *source, struct error *err);

#endif
