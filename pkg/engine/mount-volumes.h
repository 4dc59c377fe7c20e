/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_MOUNT_VOLUMES_H
#define ENGINE_MOUNT_VOLUMES_H

#include "container/container.h"
#include "spec/spec.h"

/*
 * container_mount_volumes - volumes and binds of a container onto its mounted root file system, as
 * its next start would. What it has of tmpfs is empty then, and is left out; so is a bind whose
 * source has gone.
 * @rootfd: O_PATH; in a mount namespace that is ours
 */
int container_mount_volumes(
	const struct container *ctr, const struct spec *spec, int rootfd, struct error *err);

#endif
