/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MONITOR_ROOTFS_H
#define MONITOR_ROOTFS_H

#include "container/container.h"
#include "spec/spec.h"
#include "storage/mount.h"
#include "storage/volume.h"

/* struct rootfs - what the container's child needs to mount its root and fill its volumes. */
struct rootfs {
	const struct container_record *record; /* borrowed */
	struct mount_plan *plan;
	struct volume **volumes; /* one for each mount of the record; NULL for those that are none */
	uint32_t uid, gid;       /* of the container's user, as our namespace sees them */
};

int rootfs_open(struct container *ctr, const struct spec *spec, struct rootfs *ret,
	struct error *err);
void rootfs_release(struct rootfs *rootfs);

/* A runtime_mount_fn: @data is the struct rootfs. */
int rootfs_mount(void *data, const char *target, struct error *err);

#endif
