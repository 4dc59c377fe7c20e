/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/mount-root.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/mount-namespace.h"
#include "engine/mount-record.h"
#include "engine/mount-volumes.h"
#include "storage/mount.h"
#include "sys/file.h"
#include "sys/mount.h"
#include "sys/process.h"

/* How long a container may take to start before we give up on it. */
#define SETTLE_TRIES 1000
#define SETTLE_PAUSE_US 20000
/* And fuse-overlayfs to end when nothing is mounted any more. */
#define UNMOUNT_WAIT_MS 10000

int container_read_spec(const struct container *ctr, struct spec *ret, struct error *err)
{
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(ctr->dirfd, CONTAINER_SPEC_FILE, CONTAINER_MAX_JSON, &text, &len, err);

	return r < 0 ? r : spec_parse(text, len, ret, err);
}

int container_settle(struct engine *engine, const char *name, struct container **ret, int *ret_lock,
	struct error *err)
{
	autofree char *id = NULL;
	int r = container_resolve(engine->store, name, &id, err);

	for (int tries = 0; r == 0 && tries < SETTLE_TRIES; tries++) {
		AUTO(container_free) struct container *ctr = NULL;
		/* A start that nobody attaches to holds it until the process runs. */

		r = container_open_locked(engine->store, id, &ctr, err);
		if (r < 0)
			return r;
		if (!container_is_monitored(ctr)) {
			*ret_lock = take_fd(ctr->lock_fd);
			*ret = take_ptr(ctr);
			return 0;
		}
		if (ctr->state.init.pid &&
			(ctr->state.status != CONTAINER_INITIALIZED || ctr->state.waits)) {
			close_fd(&ctr->lock_fd);
			*ret_lock = -1;
			*ret = take_ptr(ctr);
			return 0;
		}
		close_fd(&ctr->lock_fd);
		usleep(SETTLE_PAUSE_US);
	}
	return r < 0 ? r : error_set(err, ETIMEDOUT, "container %.12s does not start", id);
}

/* What to open in another mount namespace. */
struct visit {
	const char *path;
	enum container_view view;
	int fd;
};

static int open_there(void *data, struct error *err)
{
	struct visit *visit = data;

	visit->fd = open(visit->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (visit->fd < 0)
		return error_sys(err, errno, "open %s", visit->path);
	if (visit->view == VIEW_BARE) {
		/* A copy of the one mount, without those on top of it. */
		int tree = mount_clone(visit->fd, "", false, err);

		close_fd(&visit->fd);
		visit->fd = tree;
	}
	return visit->fd < 0 ? visit->fd : 0;
}

int container_running_root(const struct container *ctr, enum container_view view, struct error *err)
{
	struct visit visit = {.path = "/", .view = view, .fd = -1};
	autoclose int pidfd = process_id_open(&ctr->state.init);
	int r;

	/* The kernel lets nobody look into a process that still is one of ours. */
	if (ctr->state.waits)
		return error_set(err, EBUSY,
			"it is initialized: its files can be reached when it has been started");
	r = pidfd < 0 ? error_set(err, ESRCH, "it has just ended")
		      : mount_namespace_visit(pidfd, open_there, &visit, err);
	return r < 0 ? r : visit.fd;
}

/* 1 opened where `coracle mount` has put it, 0 it is not mounted. */
static int open_mounted(struct container_root *root, struct error *err)
{
	AUTO(mount_record_release) struct mount_record record = {0};
	autoclose int pidfd = -1;
	struct visit visit = {.view = VIEW_FULL, .fd = -1};
	int r = mount_record_read(root->ctr->store, root->ctr->record->id, &record, &pidfd, err);

	if (r <= 0)
		return r;
	visit.path = record.path;
	r = pidfd < 0 ? open_there(&visit, err)
		      : mount_namespace_visit(pidfd, open_there, &visit, err);
	root->fd = visit.fd;
	return r < 0 ? r : 1;
}

int container_plan_mount(const struct container *ctr, const struct mount_request *request,
	struct mount_plan **ret, struct error *err)
{
	struct store *store = ctr->store;
	char *asked = store->driver;
	int r;

	if (!asked && !str_is_empty(ctr->record->driver))
		store->driver = ctr->record->driver;
	r = storage_mount_plan(store, request, ret, err);
	store->driver = asked;
	return r;
}

static int mount_privately(struct container_root *root, enum container_view view, struct error *err)
{
	struct store *store = root->ctr->store;
	autofree char *dir = xasprintf("containers/%s", root->ctr->record->id);
	const struct mount_request request = {
		.layers = root->ctr->record->layers,
		.container = dir,
		.no_sync = root->ctr->record->auto_remove,
		.uids = root->uids,
		.gids = root->gids,
	};
	int r = container_plan_mount(root->ctr, &request, &root->plan, err);

	if (r == 0)
		r = mount_namespace_leave(err);
	if (r < 0)
		return r;
	/* Any directory will do: nobody else sees the mount on it. */
	root->target = xasprintf("%s/staging", store->root);
	r = storage_mount(root->plan, root->target, err);
	if (r < 0) {
		free(take_ptr(root->target));
		return r;
	}
	root->fd = open(root->target, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root->fd < 0)
		return error_sys(err, errno, "open %s", root->target);
	return view == VIEW_FULL ? container_mount_volumes(root->ctr, &root->spec, root->fd, err)
				 : 0;
}

static int open_root(struct container_root *root, enum container_view view, struct error *err)
{
	const struct spec_linux *linux = &root->spec.linux;
	int r = container_read_spec(root->ctr, &root->spec, err);

	if (r < 0)
		return r;
	root->uids = linux->uid_mappings.count ? &linux->uid_mappings : NULL;
	root->gids = linux->gid_mappings.count ? &linux->gid_mappings : NULL;
	if (root->lock < 0) {
		root->fd = container_running_root(root->ctr, view, err);
		return root->fd < 0 ? root->fd : 0;
	}
	r = open_mounted(root, err);
	return r == 0 ? mount_privately(root, view, err) : r < 0 ? r : 0;
}

int container_root_open(struct engine *engine, const char *name, enum container_view view,
	struct container_root *ret, struct error *err)
{
	AUTO(container_root_release) struct container_root root = {.fd = -1, .lock = -1};
	int r = container_settle(engine, name, &root.ctr, &root.lock, err);

	if (r < 0)
		return r;
	r = open_root(&root, view, err);
	if (r < 0)
		return error_wrap(err, r, "container %s", root.ctr->record->name);
	*ret = root;
	/* The maps lie in the spec, which has moved. */
	if (ret->uids)
		ret->uids = &ret->spec.linux.uid_mappings;
	if (ret->gids)
		ret->gids = &ret->spec.linux.gid_mappings;
	root = (struct container_root){.fd = -1, .lock = -1};
	return 0;
}

/* Before the lock is given up: the next one may mount the same directories. */
static void unmount(struct container_root *root)
{
	autoclose int pidfd = -1;

	if (!root->target || umount2(root->target, MNT_DETACH) < 0)
		return;
	pidfd = root->plan->fuse_pid > 0 ? pidfd_open_pid(root->plan->fuse_pid) : -1;
	if (pidfd >= 0)
		pidfd_wait_end(pidfd, UNMOUNT_WAIT_MS);
}

void container_root_release(struct container_root *root)
{
	close_fd(&root->fd);
	unmount(root);
	free(root->target);
	mount_plan_free(root->plan);
	spec_release(&root->spec);
	container_free(root->ctr);
	close_fd(&root->lock);
	*root = (struct container_root){.fd = -1, .lock = -1};
}
