/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/diff.h"

#include <errno.h>

#include "engine/diff-object.h"
#include "engine/internal.h"
#include "engine/mount-root.h"

void diff_object_release(struct diff_object *object)
{
	container_free(object->ctr);
	image_record_free(object->image);
	spec_release(&object->spec);
	free(object->dir);
	strv_free(object->mount_points);
	*object = (struct diff_object){0};
}

int diff_object_of_container(struct container *ctr, struct diff_object *ret, struct error *err)
{
	const struct spec_linux *linux = &ret->spec.linux;
	int r = container_read_spec(ctr, &ret->spec, err);

	if (r < 0)
		return r;
	ret->ctr = ctr;
	ret->dir = xasprintf("containers/%s", ctr->record->id);
	for (size_t i = 0; i < ret->spec.mount_count; i++)
		strv_add(&ret->mount_points, ret->spec.mounts[i].destination);
	/* Not a mount of the spec: the runtime's own, and what fills the holes below /dev. */
	strv_add(&ret->mount_points, "/run/.containerenv");
	strv_add(&ret->mount_points, "/etc/mtab");
	ret->tree = (struct diff_tree){
		.layers = ctr->record->layers,
		.container = ret->dir,
		.uids = linux->uid_mappings.count ? &linux->uid_mappings : NULL,
		.gids = linux->gid_mappings.count ? &linux->gid_mappings : NULL,
	};
	/* A nested map is beyond the kernel's overlayfs (storage/mount.h). */
	ret->tree.by_fuse = ret->tree.uids || str_eq(ctr->record->driver, "fuse-overlayfs");
	return 0;
}

void diff_object_of_image(struct image_record *image, struct diff_object *ret)
{
	ret->image = image;
	ret->tree.layers = image->layers;
}

static int find_object(
	struct engine *engine, const char *name, struct diff_object *ret, struct error *err)
{
	struct container *ctr = NULL;
	struct image_record *image = NULL;
	struct error ignored = {0};
	int r = engine_container_open(engine, name, &ctr, &ignored);

	if (r == 0) {
		r = diff_object_of_container(ctr, ret, err);
		if (r < 0)
			container_free(ctr);
		return r;
	}
	if (r == -ENOENT)
		r = image_resolve(engine->store, name, &image, &ignored);
	if (r == 0)
		diff_object_of_image(image, ret);
	else if (r == -ENOENT)
		return error_set(err, ENOENT, "%s not found: no such container or image", name);
	else if (err)
		*err = ignored;
	return r;
}

int engine_diff(struct engine *engine, const char *name, const char *other, struct diff_report *ret,
	struct error *err)
{
	AUTO(diff_object_release) struct diff_object object = {0}, other_object = {0};
	AUTO(diff_free) struct diff *diff = NULL;
	int r = find_object(engine, name, &object, err);

	if (r == 0 && other)
		r = find_object(engine, other, &other_object, err);
	if (r == 0)
		r = diff_open(engine->store, &object.tree, other ? &other_object.tree : NULL,
			object.mount_points, &diff, err);
	return r < 0 ? r : diff_list(diff, ret, err);
}
