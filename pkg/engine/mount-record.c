/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/mount-record.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "engine/mount-namespace.h"
#include "storage/tree.h"
#include "sys/file.h"
#include "sys/process.h"

#define DIRECTORY "mounts"
#define RECORD_MAX 65536

#define RECORD struct mount_record
static const struct json_field record_fields[] = {
	JSON_STRING(RECORD, path, "path", JSON_REQUIRED),
	JSON_U64(RECORD, namespace, "namespace", JSON_REQUIRED),
	JSON_I64(RECORD, count, "count", JSON_ALWAYS),
	JSON_STRING(RECORD, boot_id, "bootId", JSON_REQUIRED),
	JSON_END,
};

void mount_record_release(struct mount_record *record)
{
	json_release(record_fields, record);
}

static int is_mounted(void *data, struct error *err)
{
	const struct mount_record *record = data;

	(void)err;
	return tree_is_mount_point(AT_FDCWD, record->path);
}

/*
 * Is it still mounted? Numbers of namespaces are given out again, so that of one that has ended may
 * be another one's by now: what counts is what is at the path there.
 */
static bool find_mount(struct mount_record *record, int *ret_pidfd)
{
	autoclose int pidfd = -1;
	int r;

	if (!str_eq(record->boot_id, boot_id_short()))
		return false;
	if (record->namespace == mount_namespace_id()) {
		r = is_mounted(record, NULL);
	} else {
		pidfd = mount_namespace_find(record->namespace);
		if (pidfd < 0)
			return false;
		r = mount_namespace_visit(pidfd, is_mounted, record, NULL);
	}
	if (r > 0 && ret_pidfd)
		*ret_pidfd = take_fd(pidfd);
	return r > 0;
}

int mount_record_read(struct store *store, const char *id, struct mount_record *ret, int *ret_pidfd,
	struct error *err)
{
	AUTO(mount_record_release) struct mount_record record = {0};
	autofree char *path = xasprintf(DIRECTORY "/%s", id);
	autofree char *text = NULL;
	size_t len;
	struct error cause = {0};
	int r = file_read_at(store->runfd, path, RECORD_MAX, &text, &len, &cause);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return error_set(err, -r, "%s", error_text(&cause));
	if (r == 0)
		r = json_read(text, len, path, record_fields, &record, err);
	if (r < 0)
		return r;
	if (!find_mount(&record, ret_pidfd)) {
		mount_record_remove(store, id);
		return 0;
	}
	*ret = record;
	record = (struct mount_record){0};
	return 1;
}

int mount_record_write(
	struct store *store, const char *id, const struct mount_record *record, struct error *err)
{
	autofree char *path = xasprintf(DIRECTORY "/%s", id);
	autofree char *text = json_write(record_fields, record, false);

	if (mkdirat(store->runfd, DIRECTORY, 0700) < 0 && errno != EEXIST)
		return error_sys(err, errno, "create directory %s", DIRECTORY);
	return file_write_at(store->runfd, path, text, strlen(text), 0600, 0, err);
}

int mount_record_list(struct store *store, char ***ret, struct error *err)
{
	struct error ignored = {0};
	int r = dir_list_at(store->runfd, DIRECTORY, ret, &ignored);

	if (r == -ENOENT)
		return 0;
	return r < 0 ? error_set(err, -r, "%s", error_text(&ignored)) : 0;
}

void mount_record_remove(struct store *store, const char *id)
{
	autofree char *path = xasprintf(DIRECTORY "/%s", id);

	unlinkat(store->runfd, path, 0);
}
