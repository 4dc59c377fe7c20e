/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PULL_LAYERS_H
#define PULL_LAYERS_H

#include <stdbool.h>

#include "base/error.h"
#include "pull/layer-job.h"
#include "pull/progress.h"
#include "pull/source.h"
#include "storage/store.h"

struct layers_request {
	struct store *store;
	const struct pull_source *source; /* with its configuration */
	char *const *chains;              /* ChainIDs of its layers, base first (strv) */
	unsigned parallel;                /* transfers at once */
	struct progress *progress;
};

/*
 * layers_pull - get all layers of an image into the store.
 *
 * What is on disk is unpacked from there, the rest while it arrives. Every layer is held against
 * removal; free the jobs once the image refers to its layers.
 * @ret_jobs:    as many as the manifest has layers; layer_jobs_free() them
 * @ret_resumed: set true, also on failure, when a transfer went on from an earlier pull's bytes
 *
 * Returns 0; -ESTALE when something was removed meanwhile (start again); -EBADMSG for wrong
 * digests and malformed archives, whose bytes are then dropped.
 */
int layers_pull(const struct layers_request *request, struct layer_job **ret_jobs,
	bool *ret_resumed, struct error *err);

#endif
