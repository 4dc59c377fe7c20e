/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_DIFF_OBJECT_H
#define ENGINE_DIFF_OBJECT_H

#include "container/container.h"
#include "spec/spec.h"
#include "storage/diff.h"
#include "storage/image-store.h"

/* struct diff_object - what a struct diff_tree refers to, kept while it is in use. Zeroed: none. */
struct diff_object {
	struct container *ctr; /* or */
	struct image_record *image;
	struct spec spec;
	char *dir;
	char **mount_points; /* strv */
	struct diff_tree tree;
};
void diff_object_release(struct diff_object *object);
static inline void auto_diff_object_release(struct diff_object *object)
{
	diff_object_release(object);
}

/* @ctr: taken over on success. The object stays where it is: parts of it refer to others. */
int diff_object_of_container(struct container *ctr, struct diff_object *ret, struct error *err);
/* @image: taken over */
void diff_object_of_image(struct image_record *image, struct diff_object *ret);

#endif
