/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_INTERNAL_H
#define ENGINE_INTERNAL_H

#include "container/container.h"
#include "engine/engine.h"
#include "storage/image-store.h"
#include "storage/store.h"
#include "userns/userns.h"

struct specgen_output;
struct engine {
	struct store *store;
	struct userns_info userns;
	char *driver_option;            /* as asked for; NULL: probed */
	engine_monitor_fn *run_monitor; /* NULL: a program of its own */
	engine_exec_monitor_fn *run_exec_monitor;
	bool is_tidy;    /* engine_tidy() has looked */
	char **host_env; /* of the caller, before anything was changed; borrowed */
};

/* store_collect_garbage(), once for a command that takes many containers. */
void engine_tidy(struct engine *engine);

/* What a monitor that was killed could not detach any more; nothing in the usual case. */
void engine_detach_lost_network(struct engine *engine, const struct container_record *record);

/* Removes a container that does not run, with its network where a lost monitor left it. */
int engine_remove(
	struct engine *engine, const struct container *ctr, bool volumes, struct error *err);

/* engine_create() that leaves what it wrote in @out, to be released by the caller. */
int engine_create_kept(struct engine *engine, const struct run_request *req,
	struct specgen_output *out, struct error *err);

/* Waits on a new connection for ATTACH_READY: 0, or -ENOEXEC with the exit code. */
int engine_wait_started(int fd, int *ret_code, struct error *err);

/* Walks through what a container has written; zero where that cannot be found. */
void engine_container_sizes(
	struct engine *engine, const char *id, const char *image_id, struct engine_sizes *ret);

/* Opens a container by name, id or prefix. */
int engine_container_open(
	struct engine *engine, const char *name, struct container **ret, struct error *err);

/*
 * -EBUSY while `coracle mount` has the container's root file system mounted somewhere: mounted
 * twice, it would be damaged. For those who start it; the caller holds the lock.
 */
int engine_check_unmounted(const struct container *ctr, struct error *err);

/* Waits until the monitor has gone, so that everything it had to do is done. */
int container_wait_monitor(const struct container *ctr, int timeout_ms);

/* Reads a file of an image without mounting it; "" when the image has none. Owned by the caller. */
char *image_read_file(struct store *store, char *const *layers, const char *path, size_t limit);

/* Resolves the image of a request, pulling it when the policy says so. */
int engine_find_image(struct engine *engine, const struct run_request *req,
	struct image_record **ret, char **ret_name, struct error *err);

/* How many containers use an image or a volume. */
size_t engine_count_image_users(struct engine *engine, const char *image_id);
/* Names of all volumes that a container uses (strv). */
char **engine_used_volumes(struct engine *engine);

#endif
