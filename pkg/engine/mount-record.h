/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_MOUNT_RECORD_H
#define ENGINE_MOUNT_RECORD_H

#include <stdint.h>

#include "storage/store.h"

/*
 * struct mount_record - where `coracle mount` has mounted a container: in the mount namespace of a
 * `coracle unshare`, with which the mount ends. Lies in the run directory, mounts/ID, and counts
 * only while some process is in that namespace.
 */
struct mount_record {
	char *path;
	uint64_t namespace; /* as mount_namespace_id() has it */
	int64_t count;      /* how often it was mounted */
	char *boot_id;
};
void mount_record_release(struct mount_record *record);
static inline void auto_mount_record_release(struct mount_record *record)
{
	mount_record_release(record);
}

/*
 * mount_record_read - the caller holds the container's lock.
 * @ret_pidfd: a process in the namespace, -1 where that is ours; may be NULL
 * Returns 1 mounted, 0 not; what has ended is removed.
 */
int mount_record_read(struct store *store, const char *id, struct mount_record *ret, int *ret_pidfd,
	struct error *err);
int mount_record_write(
	struct store *store, const char *id, const struct mount_record *record, struct error *err);
/* Ids of containers that have a record (strv). */
int mount_record_list(struct store *store, char ***ret, struct error *err);
void mount_record_remove(struct store *store, const char *id);

#endif
