/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_COMMIT_H
#define ENGINE_COMMIT_H

#include "engine/engine.h"
#include "storage/pack.h"

struct engine_commit {
	const char *container;
	const char *image;    /* name of the new image; NULL: none */
	const char *author;   /* NULL: the image's */
	const char *message;  /* comment in the history; docker's format only, as with podman */
	char *const *changes; /* Containerfile instructions, strv */
	bool docker;          /* manifest and configuration in docker's format instead of OCI's */
	bool pause;           /* while its files are read */
	bool squash;          /* one layer of all that the container has */
	bool include_volumes; /* its volumes become volumes of the image */
	enum pack_compression compression; /* of the new layer's blob */
};

/*
 * engine_commit - make an image of a container and what it has changed. (Programs that link
 * engine_archive_dep.)
 * @ret_id: 64 hex digits, owned by the caller
 *
 * The container may run. On failure nothing is left behind. Returns 0; -ENOENT; -EINVAL for a bad
 * name, format or change.
 */
int engine_commit(struct engine *engine, const struct engine_commit *commit, char **ret_id,
	struct error *err);

#endif
