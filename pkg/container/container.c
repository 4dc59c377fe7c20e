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
#include "container/name-claim.h"
#include "sys/file.h"

#define ID_LEN 64

int container_prepare_store(struct store *store, struct error *err)
{
	static const char *const dirs[] = {"container-names", "containers"};

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
static int fill(
	int dirfd, const struct container_record *record, const char *spec_json, struct error *err)
{
	autofree char *text = json_write(container_record_fields, record, false);
	unsigned flags = FILE_WRITE_NEW | (record->auto_remove ? 0 : FILE_WRITE_SYNC);
	int r = file_write_at(
		dirfd, CONTAINER_SPEC_FILE, spec_json, strlen(spec_json), 0600, flags, err);

	if (r < 0)
		return r;
	return file_write_at(dirfd, CONTAINER_RECORD_FILE, text, strlen(text), 0600, flags, err);
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
	r = name_claim(store, record->name, record->id, err);
	if (r < 0)
		dir_remove_all_at(store->rootfd, path, NULL);
	else
		container_note_event(store->events_fd, record, EVENT_CREATE);
	return r;
}

typedef int json_reader(const char *text, size_t len, const char *what,
	const struct json_field *fields, void *ret, struct error *err);

/* @read: json_read_bytes with all fields, or json_read_members with those of a row. */
static int read_record(int dirfd, const char *id, json_reader *read,
	const struct json_field *fields, struct container_record **ret, struct error *err)
{
	AUTO(container_record_free) struct container_record *record = NULL;
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(dirfd, CONTAINER_RECORD_FILE, CONTAINER_MAX_JSON, &text, &len, err);

	if (r < 0)
		return error_wrap(err, r, "container %.12s", id);
	record = xnew(struct container_record);
	r = read(text, len, CONTAINER_RECORD_FILE, fields, record, err);
	if (r < 0)
		return error_wrap(err, r, "container %.12s", id);
	if (record->version > CONTAINER_FORMAT)
		return error_set(err, EPROTONOSUPPORT,
			"container %.12s was made by a newer version of coracle", id);
	if (!str_eq(record->id, id))
		return error_set(
			err, EBADMSG, "container %.12s: record names another container", id);
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
		r = read_record(ctr->dirfd, id, json_read_bytes, container_record_fields, &ctr->record,
			err);
	if (r == 0)
		r = container_state_read(ctr, err);
	if (r < 0)
		return r;
	*ret = take_ptr(ctr);
	return 0;
}

int container_glance(struct store *store, const char *id, bool has_run_dir, struct container **ret,
	struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	int r = open_dir(store, id, &ctr, err);

	if (r == 0)
		r = read_record(ctr->dirfd, id, json_read_members, container_row_fields,
			&ctr->record, err);
	if (r == 0)
		r = has_run_dir ? container_state_read(ctr, err) : container_end_read(ctr, err);
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

int container_list_monitored(struct store *store, char ***ret, struct error *err)
{
	return dir_list_at(store->runfd, "containers", ret, err);
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
	autofree char *owner = NULL;

	if (str_is_empty(text) || container_check_name(text, NULL) < 0)
		return error_set(err, ENOENT,
			"no container with name or ID \"%s\" found: no such container", text);
	owner = name_claim_owner(store, text);
	if (owner) {
		*ret_id = take_ptr(owner);
		return 0;
	}
	if (is_whole_id(store, text)) {
		*ret_id = xstrdup(text);
		return 0;
	}
	return resolve_prefix(store, text, ret_id, err);
}

int container_record_write(const struct container *ctr, struct error *err)
{
	autofree char *text = json_write(container_record_fields, ctr->record, false);

	return file_write_at(ctr->dirfd, CONTAINER_RECORD_FILE, text, strlen(text), 0600,
		FILE_WRITE_SYNC, err);
}

int container_rename(struct container *ctr, const char *name, struct error *err)
{
	struct container_record *record = ctr->record;
	autofree char *old = record->name;
	bool is_new = !str_eq(name, old);
	int r = container_check_name(name, err);

	record->name = xstrdup(name);
	if (r == 0 && is_new)
		r = name_claim(ctr->store, name, record->id, err);
	if (r == 0) {
		r = container_record_write(ctr, err);
		/* The one of the two that the record does not have. */
		if (is_new)
			name_claim_drop(ctr->store, r == 0 ? old : name, record->id);
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
	/* What cannot be deleted now lies in staging and is nobody's: the next command tries again.
	 */
	if (dir_remove_all_at(store->rootfd, staging, NULL) < 0)
		log_debug("%s remains", staging);
}

/* Its claim is stale by now. */
static void free_name(struct store *store, const struct container_record *record)
{
	autofree char *owner = name_claim_owner(store, record->name);
	autofree char *other = NULL;

	/* It was renamed while the record was in our memory. */
	if (!owner || !str_eq(owner, record->id))
		other = name_claim_find(store, record->id);
	else
		other = xstrdup(record->name);
	if (other)
		name_claim_drop_stale(store, other, NULL);
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
	/* The record would say it; the claim does, too. */
	autofree char *name = name_claim_find(store, id);
	const struct container_record unknown = {.id = (char *)id};
	autofree char *staging = NULL;
	int r;

	if (name)
		name_claim_drop(store, name, id);
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
	autofree char *owner = name_claim_owner(store, record->name);

	return owner && str_eq(owner, record->id);
}

bool container_is_garbage(const struct container *ctr)
{
	/* A creation that crashed, or --rm without anybody left to do it. */
	bool is_left_over = (ctr->record->auto_remove && ctr->state.status == CONTAINER_EXITED) ||
		!has_its_name(ctr->store, ctr->record);

	return is_left_over && !container_is_monitored(ctr) && !creator_is_alive(ctr->record);
}

bool container_is_monitored(const struct container *ctr)
{
	return ctr->state.monitor.pid != 0;
}

bool container_is_up(const struct container *ctr)
{
	return ctr->state.status == CONTAINER_RUNNING || ctr->state.status == CONTAINER_PAUSED;
}
