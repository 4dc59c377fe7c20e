/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/volume.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "storage/tree.h"
#include "sys/file.h"

#define INFO_FILE "volume.json"
#define INFO_MAX (1u << 20)
#define NAME_MAX_LEN 255
/* Beside _data while an image's content is on its way into it. */
#define COPYING_FILE "copying"

const struct json_field volume_fields[] = {
	JSON_STRING(struct volume, name, "name", JSON_REQUIRED),
	JSON_STRING(struct volume, driver, "driver", JSON_REQUIRED),
	JSON_I64(struct volume, created_ns, "created", JSON_ALWAYS),
	JSON_MAP(struct volume, labels, "labels"),
	JSON_MAP(struct volume, options, "options"),
	JSON_BOOL(struct volume, anonymous, "anonymous"),
	JSON_END,
};

void volume_free(struct volume *volume)
{
	if (!volume)
		return;
	close_fd(&volume->datafd);
	free(volume->mountpoint);
	json_release(volume_fields, volume);
	free(volume);
}

void volume_list_release(struct volume_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		volume_free(list->items[i]);
	free(list->items);
	*list = (struct volume_list){0};
}

int volume_check_name(const char *name, struct error *err)
{
	bool valid = isalnum((unsigned char)name[0]);

	for (const char *at = name; valid && *at; at++)
		valid = isalnum((unsigned char)*at) || strchr("_.-", *at);
	if (!valid || strlen(name) > NAME_MAX_LEN)
		return error_set(err, EINVAL,
			"volume name \"%.100s\": names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*",
			name);
	return 0;
}

static struct volume *volume_new(const struct volume_create_request *request)
{
	struct volume *volume = xnew(struct volume);

	volume->datafd = -1;
	volume->name = request->name ? xstrdup(request->name) : random_hex(32);
	volume->driver = xstrdup("local");
	volume->created_ns = clock_now_ns();
	volume->anonymous = request->anonymous || !request->name;
	if (request->labels)
		strmap_copy(&volume->labels, request->labels);
	if (request->options)
		strmap_copy(&volume->options, request->options);
	return volume;
}

static int no_such_volume(const char *name, struct error *err)
{
	return error_set(err, ENOENT, "no volume with name \"%s\" found: no such volume", name);
}

static int fill_staging(int dirfd, const struct volume *volume, struct error *err)
{
	autofree char *text = json_write(volume_fields, volume, true);
	int r = file_write_at(dirfd, INFO_FILE, text, strlen(text), 0600, FILE_WRITE_SYNC, err);

	if (r < 0)
		return r;
	if (mkdirat(dirfd, "_data", 0755) < 0 || fchmodat(dirfd, "_data", 0755, 0) < 0)
		return error_sys(err, errno, "create _data");
	/* The volume's directory itself: whoever reaches it may go on into _data. */
	if (fchmod(dirfd, 0755) < 0)
		return error_sys(err, errno, "change mode");
	/* Before it gets its name: a volume is never found without what is in it. */
	return fsync(dirfd) < 0 ? error_sys(err, errno, "write to disk") : 0;
}

static int name_is_taken(const char *name, struct error *err)
{
	return error_set(
		err, EEXIST, "volume with name %s already exists: volume already exists", name);
}

int volume_create(struct store *store, const struct volume_create_request *request,
	struct volume **ret, struct error *err)
{
	AUTO(volume_free) struct volume *volume = NULL;
	autofree char *staging = NULL, *path = NULL;
	autoclose int dirfd = -1;
	int r = request->name ? volume_check_name(request->name, err) : 0;

	if (r < 0)
		return r;
	volume = volume_new(request);
	path = xasprintf("volumes/%s", volume->name);
	/* Before the work of a staging directory, which most callers would do in vain. */
	if (faccessat(store->rootfd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return name_is_taken(volume->name, err);
	dirfd = store_staging_new(store, &staging, err);
	if (dirfd < 0)
		return dirfd;
	r = fill_staging(dirfd, volume, err);
	if (r == 0 && renameat2(store->rootfd, staging, store->rootfd, path, RENAME_NOREPLACE) < 0)
		r = errno == EEXIST ? name_is_taken(volume->name, err)
				    : error_sys(err, errno, "create volume %s", volume->name);
	if (r < 0) {
		dir_remove_all_at(store->rootfd, staging, NULL);
		return r;
	}
	volume->mountpoint = xasprintf("%s/%s/_data", store->root, path);
	volume->datafd = dir_open_at(dirfd, "_data", err);
	if (volume->datafd < 0)
		return volume->datafd;
	volume->is_new = true;
	*ret = take_ptr(volume);
	return 0;
}

/* Everything but the data descriptor. */
static int read_volume(
	struct store *store, const char *name, struct volume **ret, struct error *err)
{
	AUTO(volume_free) struct volume *volume = xnew(struct volume);
	autofree char *path = xasprintf("volumes/%s/" INFO_FILE, name);
	autofree char *text = NULL;
	size_t len;
	int r;

	volume->datafd = -1;
	r = file_read_at(store->rootfd, path, INFO_MAX, &text, &len, err);
	if (r == -ENOENT)
		return no_such_volume(name, err);
	if (r == 0)
		r = json_read_bytes(text, len, INFO_FILE, volume_fields, volume, err);
	if (r == 0 && !str_eq(volume->name, name))
		r = error_set(err, EBADMSG, "%s names another volume", INFO_FILE);
	if (r < 0)
		return error_wrap(err, r, "volume %s", name);
	volume->mountpoint = xasprintf("%s/volumes/%s/_data", store->root, name);
	*ret = take_ptr(volume);
	return 0;
}

int volume_open(struct store *store, const char *name, struct volume **ret, struct error *err)
{
	AUTO(volume_free) struct volume *volume = NULL;
	autofree char *path = xasprintf("volumes/%s/_data", name);
	int r = volume_check_name(name, err);

	if (r == 0)
		r = read_volume(store, name, &volume, err);
	if (r < 0)
		return r;
	volume->datafd = dir_open_at(store->rootfd, path, err);
	if (volume->datafd < 0)
		return error_wrap(err, volume->datafd, "volume %s", name);
	*ret = take_ptr(volume);
	return 0;
}

int volume_ensure(struct store *store, const struct volume_create_request *request,
	struct volume **ret, struct error *err)
{
	int r = request->name ? volume_open(store, request->name, ret, err) : -ENOENT;

	/* Repeated, as others may create and remove it at the same time. */
	for (int i = 0; r == -ENOENT && i < 10; i++) {
		r = volume_create(store, request, ret, err);
		if (r == -EEXIST)
			r = volume_open(store, request->name, ret, err);
	}
	return r;
}

int volume_resolve(struct store *store, const char *text, char **ret_name, struct error *err)
{
	AUTO(strv_free) char **names = NULL;
	const char *found = NULL;
	int r = dir_list_at(store->rootfd, "volumes", &names, err);

	for (size_t i = 0; r == 0 && names[i]; i++) {
		if (!str_after(names[i], text))
			continue;
		if (str_eq(names[i], text)) {
			found = names[i];
			break;
		}
		if (found)
			r = error_set(
				err, EMLINK, "more than one volume name begins with %s", text);
		found = names[i];
	}
	/* An exact name counts however many begin with it. */
	if (r == -EMLINK && strv_has(names, text)) {
		found = text;
		r = 0;
	}
	if (r < 0)
		return r;
	if (!found || !*text)
		return no_such_volume(text, err);
	*ret_name = xstrdup(found);
	return 0;
}

static int compare_names(const void *left, const void *right)
{
	const struct volume *a = *(struct volume *const *)left;
	const struct volume *b = *(struct volume *const *)right;

	return strcmp(a->name, b->name);
}

int volume_list(struct store *store, struct volume_list *ret, struct error *err)
{
	struct volume_list list = {0};
	AUTO(strv_free) char **names = NULL;
	int r = dir_list_at(store->rootfd, "volumes", &names, err);

	if (r < 0)
		return r;
	for (size_t i = 0; names[i]; i++) {
		struct volume *volume;
		struct error broken = {0};

		r = read_volume(store, names[i], &volume, &broken);
		if (r < 0) {
			if (r != -ENOENT)
				log_warn("%s", error_text(&broken));
			continue;
		}
		list.items = list_grow(list.items, list.count, sizeof(*list.items));
		list.items[list.count++] = volume;
	}
	if (list.count)
		qsort(list.items, list.count, sizeof(*list.items), compare_names);
	*ret = list;
	return 0;
}

int volume_remove(struct store *store, const char *name, struct error *err)
{
	autofree char *staging = NULL, *gone = NULL;
	autofree char *path = xasprintf("volumes/%s", name);
	autoclose int fd = -1;
	int r = volume_check_name(name, err);

	if (r < 0)
		return r;
	fd = store_staging_new(store, &staging, err);
	if (fd < 0)
		return fd;
	gone = xasprintf("%s/volume", staging);
	if (renameat(store->rootfd, path, store->rootfd, gone) < 0)
		r = errno == ENOENT ? no_such_volume(name, err)
				    : error_sys(err, errno, "remove volume %s", name);
	else
		r = dir_remove_all_at(store->rootfd, gone, err);
	dir_remove_all_at(store->rootfd, staging, NULL);
	return r;
}

static uint64_t usage_below(int dirfd)
{
	AUTO(strv_free) char **names = NULL;
	uint64_t bytes = 0;

	if (dir_list_at(dirfd, ".", &names, NULL) < 0)
		return 0;
	for (size_t i = 0; names[i]; i++) {
		autoclose int fd = -1;
		struct stat st;

		if (fstatat(dirfd, names[i], &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISREG(st.st_mode))
			bytes += (uint64_t)st.st_size;
		if (!S_ISDIR(st.st_mode))
			continue;
		fd = dir_open_at(dirfd, names[i], NULL);
		if (fd >= 0)
			bytes += usage_below(fd);
	}
	return bytes;
}

uint64_t volume_usage(const struct volume *volume)
{
	autoclose int fd = volume->datafd >= 0 ? dir_open_at(volume->datafd, ".", NULL)
					       : dir_open_at(AT_FDCWD, volume->mountpoint, NULL);

	return fd < 0 ? 0 : usage_below(fd);
}

int volume_prune(struct store *store, char *const *used, char ***ret_removed, uint64_t *ret_bytes,
	struct error *err)
{
	AUTO(volume_list_release) struct volume_list list = {0};
	AUTO(strv_free) char **removed = NULL;
	uint64_t bytes = 0;
	int r = volume_list(store, &list, err);

	for (size_t i = 0; r == 0 && i < list.count; i++) {
		uint64_t size;

		if (strv_has(used, list.items[i]->name))
			continue;
		size = volume_usage(list.items[i]);
		r = volume_remove(store, list.items[i]->name, err);
		if (r == 0) {
			strv_add(&removed, list.items[i]->name);
			bytes += size;
		}
		r = r == -ENOENT ? 0 : r;
	}
	if (ret_removed)
		*ret_removed = take_ptr(removed);
	if (ret_bytes)
		*ret_bytes = bytes;
	return r;
}

static int is_empty(int dirfd, struct error *err)
{
	AUTO(strv_free) char **names = NULL;
	int r = dir_list_at(dirfd, ".", &names, err);

	return r < 0 ? r : !names[0];
}

static void remove_content(int dirfd)
{
	AUTO(strv_free) char **names = NULL;

	if (dir_list_at(dirfd, ".", &names, NULL) < 0)
		return;
	for (size_t i = 0; names[i]; i++)
		dir_remove_all_at(dirfd, names[i], NULL);
}

/* 1 for a volume that is new, or whose copy was interrupted. */
static int wants_content(int dirfd, int target, struct error *err)
{
	if (faccessat(dirfd, COPYING_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return is_empty(target, err);
}

static int copy_content(int dirfd, int target, int sourcefd, struct error *err)
{
	bool is_new = faccessat(dirfd, COPYING_FILE, F_OK, AT_SYMLINK_NOFOLLOW) < 0;
	int r = file_write_at(dirfd, COPYING_FILE, "", 0, 0600, 0, err);

	if (r == 0)
		r = tree_copy(sourcefd, target, NULL, err);
	/* After an interrupted copy there may be files of others by now: they are left alone. */
	if (r < 0 && is_new)
		remove_content(target);
	if (r == 0 || is_new)
		unlinkat(dirfd, COPYING_FILE, 0);
	return r;
}

int volume_copy_up(int datafd, int sourcefd, struct error *err)
{
	/* Opened again: an flock() belongs to the open file, which others may share with us. */
	autoclose int target = dir_open_at(datafd, ".", err);
	autoclose int dirfd = target < 0 ? target : dir_open_at(target, "..", err);
	int r = dirfd < 0 ? dirfd : 0;

	while (r == 0 && flock(target, LOCK_EX) < 0) {
		if (errno != EINTR)
			return error_sys(err, errno, "lock volume");
	}
	if (r == 0)
		r = wants_content(dirfd, target, err);
	if (r == 1)
		r = copy_content(dirfd, target, sourcefd, err);
	return r < 0 ? error_wrap(err, r, "copy image content into volume") : 0;
}
