/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container/event.h"
#include "engine/mount-namespace.h"
#include "engine/mount-record.h"
#include "engine/mount-root.h"
#include "storage/mount.h"
#include "sys/file.h"
#include "sys/mount.h"
#include "sys/process.h"

#define DIRECTORY "merged" /* in the container's */

bool engine_can_mount(void)
{
	return mount_namespace_is_ours();
}

static int mounted_elsewhere(const struct container *ctr, struct error *err)
{
	return error_set(err, EBUSY, "container %s is mounted in another `coracle unshare`",
		ctr->record->name);
}

int engine_check_unmounted(const struct container *ctr, struct error *err)
{
	AUTO(mount_record_release) struct mount_record record = {0};
	int r = container_is_monitored(ctr)
			? 0
			: mount_record_read(ctr->store, ctr->record->id, &record, NULL, err);

	if (r <= 0)
		return r;
	return error_set(err, EBUSY,
		"container %s is mounted at %s: unmount it in that `coracle unshare` first",
		ctr->record->name, record.path);
}

/* The root file system of one that runs, without what is mounted on it. */
static int attach_running(const struct container *ctr, const char *path, struct error *err)
{
	autoclose int tree = container_running_root(ctr, VIEW_BARE, err);
	autoclose int target = -1;

	if (tree < 0)
		return tree;
	target = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return target < 0 ? error_sys(err, errno, "open %s", path)
			  : mount_attach(tree, target, err);
}

static int mount_stopped(const struct container *ctr, const char *path, struct error *err)
{
	AUTO(mount_plan_free) struct mount_plan *plan = NULL;
	AUTO(spec_release) struct spec spec = {0};
	autofree char *dir = xasprintf("containers/%s", ctr->record->id);
	struct mount_request request = {.layers = ctr->record->layers, .container = dir};
	int r = container_read_spec(ctr, &spec, err);

	if (r < 0)
		return r;
	if (spec.linux.uid_mappings.count) {
		request.uids = &spec.linux.uid_mappings;
		request.gids = &spec.linux.gid_mappings;
	}
	r = container_plan_mount(ctr, &request, &plan, err);
	return r < 0 ? r : storage_mount(plan, path, err);
}

/* @lock: negative while the container runs */
static int mount_new_one(const struct container *ctr, int lock, char **ret_path, struct error *err)
{
	autofree char *path =
		xasprintf("%s/containers/%s/" DIRECTORY, ctr->store->root, ctr->record->id);
	const struct mount_record record = {
		.path = path,
		.namespace = mount_namespace_id(),
		.count = 1,
		.boot_id = (char *)boot_id_short(),
	};
	int r;

	if (mkdirat(ctr->dirfd, DIRECTORY, 0700) < 0 && errno != EEXIST)
		return error_sys(err, errno, "create directory %s", path);
	r = lock < 0 ? attach_running(ctr, path, err) : mount_stopped(ctr, path, err);
	if (r == 0) {
		r = mount_record_write(ctr->store, ctr->record->id, &record, err);
		if (r < 0)
			umount2(path, MNT_DETACH);
	}
	if (r == 0)
		*ret_path = take_ptr(path);
	return r;
}

/* Opens a container and its record of a mount here. 1 there is one, 0 there is none. */
static int open_record(struct engine *engine, const char *name, struct container **ret,
	int *ret_lock, struct mount_record *ret_record, struct error *err)
{
	autoclose int holder = -1;
	int r = container_settle(engine, name, ret, ret_lock, err);

	if (r == 0)
		r = mount_record_read(engine->store, (*ret)->record->id, ret_record, &holder, err);
	return r > 0 && holder >= 0 ? mounted_elsewhere(*ret, err) : r;
}

int engine_mount(struct engine *engine, const char *name, char **ret_path, struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	AUTO(mount_record_release) struct mount_record record = {0};
	autoclose int lock = -1;
	int r = open_record(engine, name, &ctr, &lock, &record, err);

	if (r < 0)
		return r;
	if (r == 0) {
		r = mount_new_one(ctr, lock, ret_path, err);
		if (r < 0)
			return error_wrap(err, r, "mount container %s", ctr->record->name);
	} else {
		record.count++;
		r = mount_record_write(engine->store, ctr->record->id, &record, err);
		if (r < 0)
			return r;
		*ret_path = xstrdup(record.path);
	}
	container_note_event(engine->store->events_fd, ctr->record, EVENT_MOUNT);
	return 0;
}

int engine_unmount(struct engine *engine, const char *name, bool force, struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	AUTO(mount_record_release) struct mount_record record = {0};
	autoclose int lock = -1;
	int r = open_record(engine, name, &ctr, &lock, &record, err);

	if (r <= 0)
		return r;
	if (--record.count > 0 && !force)
		return mount_record_write(engine->store, ctr->record->id, &record, err);
	if (umount2(record.path, force ? MNT_DETACH : 0) < 0 && errno != EINVAL)
		return error_sys(err, errno, "unmount container %s", ctr->record->name);
	mount_record_remove(engine->store, ctr->record->id);
	unlinkat(ctr->dirfd, DIRECTORY, AT_REMOVEDIR);
	container_note_event(engine->store->events_fd, ctr->record, EVENT_UNMOUNT);
	return 0;
}

static int add_mounted(
	struct engine *engine, const char *id, struct engine_mounts *list, struct error *err)
{
	AUTO(mount_record_release) struct mount_record record = {0};
	AUTO(container_free) struct container *ctr = NULL;
	int r = mount_record_read(engine->store, id, &record, NULL, err);

	if (r <= 0)
		return r;
	if (container_open(engine->store, id, &ctr, NULL) < 0) {
		/* It was removed while it was mounted. */
		mount_record_remove(engine->store, id);
		return 0;
	}
	list->items = list_grow(list->items, list->count, sizeof(*list->items));
	list->items[list->count++] = (struct engine_mounted){
		.id = xstrdup(id),
		.name = xstrdup(ctr->record->name),
		.path = xstrdup(record.path),
	};
	return 0;
}

int engine_mounts(struct engine *engine, struct engine_mounts *ret, struct error *err)
{
	AUTO(engine_mounts_release) struct engine_mounts list = {0};
	AUTO(strv_free) char **ids = NULL;
	int r = mount_record_list(engine->store, &ids, err);

	for (size_t i = 0; r == 0 && ids && ids[i]; i++)
		r = add_mounted(engine, ids[i], &list, err);
	if (r < 0)
		return r;
	*ret = list;
	list = (struct engine_mounts){0};
	return 0;
}

void engine_mounts_release(struct engine_mounts *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].id);
		free(list->items[i].name);
		free(list->items[i].path);
	}
	free(list->items);
	*list = (struct engine_mounts){0};
}
