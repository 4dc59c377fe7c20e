/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_MOUNT_POINTS_H
#define STORAGE_MOUNT_POINTS_H

#include "storage/store.h"

/*
 * The lowest layer of every overlay: empty files and directories at the places where every
 * container has something mounted (/proc, /etc/hosts …). Without it they would be made in the
 * container's own upper directory each time, a dozen operations on disk, and would look like
 * changes of the container. What an image has at these places lies above and wins; what it hides
 * by a whiteout is made in the upper directory after all.
 */
#define MOUNT_POINTS_DIR "mount-points-1" /* below rootfd; the number changes with the content */

/* Makes the layer when it is missing; an access() when it is there. */
int mount_points_prepare(struct store *store, struct error *err);

#endif
