/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_COMMIT_IMAGE_H
#define ENGINE_COMMIT_IMAGE_H

#include "container/record.h"
#include "engine/commit.h"
#include "image/config.h"
#include "image/manifest.h"

/* Configuration and manifest of a committed image: pure functions. */

/*
 * commit_config - what the container is called with becomes the image's default.
 * @config: of the container's image; changed into that of the new one, but for its layers
 * @env:    of the container's process (strv)
 * Returns 0; -EINVAL for a change that is none.
 */
int commit_config(struct image_config *config, const struct container_record *record,
	char *const *env, const struct engine_commit *commit, int64_t now_ns, struct error *err);
/* Adds the new layer and its line of history; with commit->squash it is the only one. */
void commit_config_layer(struct image_config *config, const struct container_record *record,
	const struct engine_commit *commit, const char *diff_id);

/*
 * commit_manifest - as text, owned by the caller.
 * @base: of the container's image, whose layers come first; NULL: squashed
 * Returns 0; -ENOTSUP when a layer has no name in the format.
 */
int commit_manifest(const struct manifest *base, const struct packed_layer *layer,
	const char *config, bool docker, char **ret, struct error *err);

#endif
