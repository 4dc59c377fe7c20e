/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_IMAGE_ROW_H
#define CORACLE_IMAGE_ROW_H

#include "engine/engine.h"
#include "format/format.h"

/* One name of an image; an image without names has one row, with <none>. */
struct image_row {
	const struct engine_image *image; /* borrowed */
	char *repository;
	char *tag;
};

/* A row for @name, "REPOSITORY:TAG", "REPOSITORY@DIGEST" or NULL. */
void image_row_init(struct image_row *row, const struct engine_image *image, const char *name);
void image_row_release(struct image_row *row);

/* What templates see of rows, which are struct image_row: names of podman and docker. */
struct image_row_context {
	int64_t now_ns;
	bool full; /* whole ids */
};
extern const struct format_type image_row_type;

#endif
