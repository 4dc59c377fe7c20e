/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_STORE_H
#define STORAGE_STORE_H

#include <stdbool.h>

#include "base/error.h"

/*
 * The store on disk. Objects are directories made below staging/ and renamed into place; names are
 * symlinks. What lies in staging/ and has no living owner is garbage.
 *
 *   format                                version of this layout
 *   blobs/sha256/HEX                      layers as they came, complete and verified
 *   partial/HEX, HEX.owner                blobs on their way; who writes one holds flock(HEX.owner)
 *   layers/HEX/{diff/,layer.json}         unpacked layers by ChainID
 *   images/HEX/..., names/...             image-store.h
 *   volumes/NAME/{volume.json,_data/}
 *   mount-points-1/                       mount-points.h
 *   staging/PID-START-BOOT-RANDOM/
 */
struct store_options {
	const char *root;    /* NULL: dirs_data_root() */
	const char *runroot; /* NULL: dirs_run_root() */
	const char *driver;  /* "overlay", "fuse-overlayfs", "copy" (or "vfs"); NULL: probe */
	bool no_events;      /* what happens is not written to the log of events */
};

struct store {
	int rootfd;    /* directory of durable data */
	int runfd;     /* directory of run state, gone after a reboot */
	int events_fd; /* runfd, for event_log_write(); -1: no events are wanted */
	char *root;    /* absolute paths of the same */
	char *run;
	char *driver; /* as asked for; NULL: probe */
};

/*
 * store_open - open the store, making it first where there is none (all directories 0700).
 *
 * Must be called as the user that owns it or as id 0 of a user namespace in which that user is 0.
 * Returns 0; -EINVAL for an unknown driver; -EPROTONOSUPPORT when a newer coracle has written it;
 * -EPERM when it belongs to somebody else; else as from the kernel.
 */
int store_open(const struct store_options *options, struct store **ret, struct error *err);
void store_close(struct store *store);
DEFINE_AUTO(struct store *, store_close);

/*
 * store_staging_name - a free name in staging/ that this process owns, for renaming what is to be
 * deleted. @ret_path: relative to rootfd, owned by the caller.
 */
int store_staging_name(char **ret_path, struct error *err);

/*
 * store_staging_new - an empty directory (0700) that this process owns.
 * @ret_path: its path relative to rootfd ("staging/…"), owned by the caller
 *
 * Renamed to its final place with renameat2() below rootfd, or removed with dir_remove_all_at();
 * when the process dies first, store_collect_garbage() of any later command removes it.
 * Returns an O_RDONLY | O_DIRECTORY descriptor, to be kept open that long: a shared flock() on it
 * tells commands in other pid namespaces that the owner lives.
 */
int store_staging_new(struct store *store, char **ret_path, struct error *err);

/*
 * store_collect_garbage - remove what dead processes left in staging/, and partial blobs that
 * nobody has touched for a week. Cheap when there is nothing. Failures are logged at debug level.
 */
void store_collect_garbage(struct store *store);

/* store_sync - everything written to the store's file system so far is on disk afterwards. */
int store_sync(struct store *store, struct error *err);

/* store_reset - remove all images, layers, blobs and volumes; containers are the caller's. */
int store_reset(struct store *store, struct error *err);

#endif
