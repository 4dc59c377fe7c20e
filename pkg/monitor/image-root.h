/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MONITOR_IMAGE_ROOT_H
#define MONITOR_IMAGE_ROOT_H

#include "container/container.h"
#include "spec/spec.h"
#include "storage/mount.h"
#include "storage/volume.h"

/* struct image_root - what the container's child needs to mount its root and fill its volumes. */
struct image_root {
	const struct container_record *record; /* borrowed */
	struct mount_plan *plan;
	struct volume **volumes; /* one for each mount of the record; NULL for those that are none */
	uint32_t uid, gid;       /* of the container's user, as our namespace sees them */
};

int image_root_open(struct container *ctr, const struct spec *spec, struct image_root *ret,
	struct error *err);
void image_root_release(struct image_root *rootfs);

/* A runtime_mount_fn: @data is the struct image_root. */
int image_root_mount(void *data, const char *target, struct error *err);

#endif
