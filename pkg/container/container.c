/* SPDX-License-Identifier: Apache-2.0 */
#include "container/container.h"
#include "container/event.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/log.h"
#include "container/internal.h"
#include "sys/file.h"

#define ID_LEN 64

int container_prepare_store(struct store *store, struct error *err)
{
	static const char *const dirs[] = { "container-names", "containers" };

	/* The last of them is there: all are. */
	if (faccessat(store->runfd, "containers", F_OK, 0) == 0 &&
		faccessat(store->rootfd, "containers", F_OK, 0) == 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		if (mkdirat(store->rootfd, dirs[i], 0700) < 0 && errno != EEXIST)
			return error_sys(err, errno, "create %s/%s", store->root, dirs[i]);
	}
	if (mkdirat(store->runfd, "containers", 0700) < 0 && errno != EEXIST)
		return error_sys(err, errno, "create runtime directory %s/containers", store->run);
	return 0;
}

static char *dir_path(const char *id)
{
	return xasprintf("containers/%s", id);
}

static char *name_path(const char *name)
{
	return xasprintf("container-names/%s", name);
}

int container_run_dir(struct store *store, const char *id, struct error *err)
{
	autofree char *path = dir_path(id);

	if (mkdirat(store->runfd, path, 0700) < 0 && errno != EEXIST)
		return error_sys(err, errno, "create %s/%s", store->run, path);
	return dir_open_at(store->runfd, path, err);
}

int container_lock(struct store *store, const char *id, struct error *err)
{
	autofree char *path = dir_path(id);
	autoclose int fd = dir_open_at(store->rootfd, path, NULL);

	if (fd < 0)
		return error_set(err, ENOENT, "no container with ID %s: no such container", id);
	while (flock(fd, LOCK_EX) < 0) {
		if (errno != EINTR)
			return error_sys(err, errno, "lock container %s", id);
	}
	return take_fd(fd);
}

int container_write_files(const struct container *ctr, struct error *err)
{
	const struct strmap *files = &ctr->record->files;
	autoclose int run = container_run_dir(ctr->store, ctr->record->id, err);
	int r = run < 0 ? run : 0;

	for (size_t i = 0; r == 0 && i < files->count; i++) {
		const char *text = files->items[i].value;

		r = file_write_at(run, files->items[i].key, text, strlen(text), 0644, 0, err);
	}
	return r;
}

/* Fills a staging directory with everything a container starts with. */
static int fill(int dirfd, const struct container_record *record, const char *spec_json,
	struct error *err)
{
	autofree char *text = json_write(container_record_fields, record, false);
	unsigned flags = FILE_WRITE_NEW | (record->auto_remove ? 0 : FILE_WRITE_SYNC);
	int r = file_write_at(
		dirfd, CONTAINER_SPEC_FILE, spec_json, strlen(spec_json), 0600, flags, err);

	if (r < 0)
		return r;
	return file_write_at(dirfd, CONTAINER_RECORD_FILE, text, strlen(text), 0600, flags, err);
}

/* 1: the name leads to a container, whose id is *ret_id; 0: it leads nowhere, or is gone. */
static int name_owner(struct store *store, const char *path, char **ret_id)
{
	autofree char *target = NULL;
	autofree char *dir = NULL;
	const char *id;

	if (link_read_at(store->rootfd, path, &target) < 0 || strlen(target) < ID_LEN)
		return 0;
	id = target + strlen(target) - ID_LEN;
	dir = dir_path(id);
	if (faccessat(store->rootfd, dir, F_OK, 0) < 0 && errno == ENOENT)
		return 0;
	*ret_id = xstrdup(id);
	return 1;
}

/*
 * Creation claims the name last and removal frees it last, so a name that leads nowhere is anyone's.
 * Two who find that at once must not take the name from each other.
 */
static int drop_stale_name(struct store *store, const char *path, struct error *err)
{
	autofree char *id = NULL;
	autoclose int lock = dir_open_at(store->rootfd, "container-names", err);

	if (lock < 0)
		return lock;
	while (flock(lock, LOCK_EX) < 0) {
		if (errno != EINTR)
			return error_sys(err, errno, "lock container names");
	}
	if (name_owner(store, path, &id) == 0 && unlinkat(store->rootfd, path, 0) < 0 &&
		errno != ENOENT)
		return error_sys(err, errno, "remove %s", path);
	return 0;
}

static int claim_name(struct store *store, const struct container_record *record,
	struct error *err)
{
	autofree char *target = xasprintf("../containers/%s", record->id);
	autofree char *path = name_path(record->name);

	for (;;) {
		autofree char *owner = NULL;
		int r;

		if (symlinkat(target, store->rootfd, path) == 0)
			return 0;
		if (errno != EEXIST)
			return error_sys(err, errno, "claim name %s", record->name);
		if (name_owner(store, path, &owner) == 1)
			return error_set(err, EEXIST,
				"the container name \"%s\" is already in use by %s: that name is "
				"already in use (remove that container to reuse it)",
				record->name, owner);
		r = drop_stale_name(store, path, err);
		if (r < 0)
			return r;
	}
}

int container_create(struct store *store, const struct container_record *record,
	const char *spec_json, struct error *err)
{
	autofree char *staging = NULL;
	autofree char *path = dir_path(record->id);
	autoclose int dirfd = store_staging_new(store, &staging, err);
	int r;

	if (dirfd < 0)
		return dirfd;
	r = fill(dirfd, record, spec_json, err);
	if (r == 0 && renameat2(store->rootfd, staging, store->rootfd, path, RENAME_NOREPLACE) < 0)
		r = error_sys(err, errno, "create container");
	if (r < 0) {
		dir_remove_all_at(store->rootfd, staging, NULL);
		return r;
	}
	r = claim_name(store, record, err);
	if (r < 0)
		dir_remove_all_at(store->rootfd, path, NULL);
	else
		container_note_event(store->events_fd, record, EVENT_CREATE);
	return r;
}

static int read_record(int dirfd, const char *id, struct container_record **ret, struct error *err)
{
	AUTO(container_record_free) struct container_record *record = NULL;
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(dirfd, CONTAINER_RECORD_FILE, CONTAINER_MAX_JSON, &text, &len, err);

	if (r < 0)
		return error_wrap(err, r, "container %.12s", id);
	record = xnew(struct container_record);
	r = json_read(text, len, CONTAINER_RECORD_FILE, container_record_fields, record, err);
	if (r < 0)
		return error_wrap(err, r, "container %.12s", id);
	if (record->version > CONTAINER_FORMAT)
		return error_set(err, EPROTONOSUPPORT,
			"container %.12s was made by a newer version of coracle", id);
	if (!str_eq(record->id, id))
		return error_set(err, EBADMSG, "container %.12s: record names another container",
			id);
	*ret = take_ptr(record);
	return 0;
}

static int open_dir(struct store *store, const char *id, struct container **ret, struct error *err)
{
	autofree char *path = dir_path(id);
	int fd = dir_open_at(store->rootfd, path, NULL);

	if (fd < 0)
		return error_set(err, ENOENT,
			"no container with name or ID \"%s\" found: no such container", id);
	*ret = xnew(struct container);
	(*ret)->store = store;
	(*ret)->dirfd = fd;
	return 0;
}

int container_open(struct store *store, const char *id, struct container **ret, struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	int r = open_dir(store, id, &ctr, err);

	if (r == 0)
		r = read_record(ctr->dirfd, id, &ctr->record, err);
	if (r == 0)
		r = container_state_read(ctr, err);
	if (r < 0)
		return r;
	*ret = take_ptr(ctr);
	return 0;
}

int container_adopt(struct store *store, struct container_record *record, struct container **ret,
	struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	int r = open_dir(store, record->id, &ctr, err);

	if (r < 0)
		return r;
	ctr->record = record;
	r = container_state_read(ctr, err);
	if (r < 0) {
		ctr->record = NULL;
		return r;
	}
	*ret = take_ptr(ctr);
	return 0;
}

void container_free(struct container *ctr)
{
	if (!ctr)
		return;
	container_record_free(ctr->record);
	container_state_release(&ctr->state);
	close_fd(&ctr->dirfd);
	free(ctr);
}

int container_list(struct store *store, char ***ret, struct error *err)
{
	return dir_list_at(store->rootfd, "containers", ret, err);
}

static int resolve_prefix(struct store *store, const char *text, char **ret_id, struct error *err)
{
	AUTO(strv_free) char **ids = NULL;
	const char *found = NULL;
	int r = container_list(store, &ids, err);

	if (r < 0)
		return r;
	for (size_t i = 0; ids[i]; i++) {
		if (!str_after(ids[i], text))
			continue;
		if (found)
			return error_set(err, EINVAL,
				"more than one container has an ID that begins with \"%s\"", text);
		found = ids[i];
	}
	if (!found)
		return error_set(err, ENOENT,
			"no container with name or ID \"%s\" found: no such container", text);
	*ret_id = xstrdup(found);
	return 0;
}

/* Spares the listing of all containers. */
static bool is_whole_id(struct store *store, const char *text)
{
	autofree char *path = dir_path(text);

	return strlen(text) == ID_LEN && faccessat(store->rootfd, path, F_OK, 0) == 0;
}

int container_resolve(struct store *store, const char *text, char **ret_id, struct error *err)
{
	autofree char *target = NULL;
	autofree char *path = NULL;

	if (str_is_empty(text) || container_check_name(text, NULL) < 0)
		return error_set(err, ENOENT,
			"no container with name or ID \"%s\" found: no such container", text);
	path = name_path(text);
	if (link_read_at(store->rootfd, path, &target) == 0 && strlen(target) >= ID_LEN) {
		*ret_id = xstrdup(target + strlen(target) - ID_LEN);
		return 0;
	}
	if (is_whole_id(store, text)) {
		*ret_id = xstrdup(text);
		return 0;
	}
	return resolve_prefix(store, text, ret_id, err);
}

/* The name of a container whose record cannot be read: the link says it, too. */
static char *find_name(struct store *store, const char *id)
{
	AUTO(strv_free) char **names = NULL;

	if (dir_list_at(store->rootfd, "container-names", &names, NULL) < 0)
		return NULL;
	for (size_t i = 0; names[i]; i++) {
		autofree char *path = name_path(names[i]);
		autofree char *target = NULL;

		if (link_read_at(store->rootfd, path, &target) == 0 && str_has_suffix(target, id))
			return xstrdup(names[i]);
	}
	return NULL;
}

/* Only our own claim: after a crash the name may be somebody else's by now. */
static bool drop_name(struct store *store, const char *id, const char *name)
{
	autofree char *path = name_path(name);
	autofree char *target = NULL;

	return link_read_at(store->rootfd, path, &target) == 0 && str_has_suffix(target, id) &&
	       unlinkat(store->rootfd, path, 0) == 0;
}

/* The name of a container that does not have the one we know: it was renamed, or is damaged. */
static void drop_unknown_name(struct store *store, const char *id)
{
	autofree char *name = find_name(store, id);

	if (name)
		drop_name(store, id, name);
}

int container_rename(struct container *ctr, const char *name, struct error *err)
{
	struct container_record *record = ctr->record;
	autofree char *old = record->name;
	autofree char *text = NULL;
	bool is_new = !str_eq(name, old);
	int r = container_check_name(name, err);

	record->name = xstrdup(name);
	if (r == 0 && is_new)
		r = claim_name(ctr->store, record, err);
	if (r == 0) {
		text = json_write(container_record_fields, record, false);
		r = file_write_at(ctr->dirfd, CONTAINER_RECORD_FILE, text, strlen(text), 0600,
			FILE_WRITE_SYNC, err);
		/* The one of the two that the record does not have. */
		if (is_new)
			drop_name(ctr->store, record->id, r == 0 ? old : name);
	}
	if (r < 0) {
		free(record->name);
		record->name = take_ptr(old);
	} else {
		container_note_event(ctr->store->events_fd, record, EVENT_RENAME);
	}
	return r;
}

static int withdraw_dirs(
	struct store *store, const struct container_record *record, char **ret, struct error *err)
{
	autofree char *path = dir_path(record->id);
	autofree char *staging = NULL;
	int r = store_staging_name(&staging, err);

	if (r < 0)
		return r;
	/* Whoever renames it has removed it; others find that it has been. */
	if (renameat(store->rootfd, path, store->rootfd, staging) == 0)
		container_note_event(store->events_fd, record, EVENT_REMOVE);
	else if (errno != ENOENT)
		return error_sys(err, errno, "remove container %.12s", record->id);
	dir_remove_all_at(store->runfd, path, NULL);
	*ret = take_ptr(staging);
	return 0;
}

static void delete_dir(struct store *store, const char *staging)
{
	/* What cannot be deleted now lies in staging and is nobody's: the next command tries again. */
	if (dir_remove_all_at(store->rootfd, staging, NULL) < 0)
		log_debug("%s remains", staging);
}

/* The name leads nowhere by now, unless it is somebody else's. */
static void free_name(struct store *store, const struct container_record *record)
{
	autofree char *path = name_path(record->name);
	autofree char *target = NULL;
	autofree char *other = NULL;

	/* It was renamed while the record was in our memory. */
	if (link_read_at(store->rootfd, path, &target) < 0 || !str_has_suffix(target, record->id)) {
		other = find_name(store, record->id);
		free(path);
		path = other ? name_path(other) : NULL;
	}
	if (path)
		drop_stale_name(store, path, NULL);
}

void container_delete_files(
	struct store *store, const struct container_record *record, const char *staging)
{
	free_name(store, record);
	delete_dir(store, staging);
}

int container_withdraw(struct store *store, const struct container_record *record,
	char **ret_staging, struct error *err)
{
	return withdraw_dirs(store, record, ret_staging, err);
}

int container_remove(struct store *store, const struct container_record *record, struct error *err)
{
	autofree char *staging = NULL;
	int r = container_withdraw(store, record, &staging, err);

	if (r == 0)
		container_delete_files(store, record, staging);
	return r;
}

int container_remove_damaged(struct store *store, const char *id, struct error *err)
{
	const struct container_record unknown = {.id = (char *)id};
	autofree char *staging = NULL;
	int r;

	drop_unknown_name(store, id);
	r = withdraw_dirs(store, &unknown, &staging, err);
	if (r == 0)
		delete_dir(store, staging);
	return r;
}

static bool creator_is_alive(const struct container_record *record)
{
	int pidfd = process_id_open(&record->creator);

	if (pidfd < 0)
		return false;
	close(pidfd);
	return true;
}

static bool has_its_name(struct store *store, const struct container_record *record)
{
	autofree char *path = name_path(record->name);
	autofree char *target = NULL;

	return link_read_at(store->rootfd, path, &target) == 0 &&
		str_has_suffix(target, record->id);
}

bool container_is_garbage(const struct container *ctr)
{
	if (creator_is_alive(ctr->record) || container_is_monitored(ctr))
		return false;
	/* A creation that crashed, or --rm without anybody left to do it. */
	return !has_its_name(ctr->store, ctr->record) ||
		(ctr->record->auto_remove && ctr->state.status == CONTAINER_EXITED);
}

bool container_is_monitored(const struct container *ctr)
{
	return ctr->state.monitor.pid != 0;
}
