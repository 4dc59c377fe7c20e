/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/log.h"
#include "image/config.h"
#include "storage/digest-dir.h"
#include "storage/layer-commit.h"
#include "sys/file.h"
#include "sys/process.h"

#define INFO_FILE "layer.json"
#define INFO_MAX 4096

const struct json_field layer_info_fields[] = {
	JSON_STRING(struct layer_info, chain_id, "chainId", JSON_REQUIRED),
	JSON_STRING(struct layer_info, diff_id, "diffId", JSON_REQUIRED),
	JSON_STRING(struct layer_info, parent, "parent"),
	JSON_U64(struct layer_info, size, "size", JSON_ALWAYS),
	JSON_U64(struct layer_info, tar_size, "tarSize", JSON_ALWAYS),
	JSON_U64(struct layer_info, entries, "entries", JSON_ALWAYS),
	JSON_U64(struct layer_info, skipped, "skipped"),
	JSON_U64(struct layer_info, remapped, "remapped"),
	JSON_STRING(struct layer_info, boot_id, "bootId", JSON_REQUIRED),
	JSON_END,
};

void layer_info_free(struct layer_info *info)
{
	if (!info)
		return;
	json_release(layer_info_fields, info);
	free(info);
}

void layer_unpacked_free(struct layer_unpacked *unpacked)
{
	if (!unpacked)
		return;
	if (unpacked->path)
		dir_remove_all_at(unpacked->store->rootfd, unpacked->path, NULL);
	close_fd(&unpacked->dirfd);
	free(unpacked->path);
	json_release(layer_info_fields, &unpacked->info);
	free(unpacked);
}

/* "layers/HEX" or "layers/HEX/NAME"; digests become file names, so they are checked here. */
static char *layer_path(const char *chain_id, const char *name, struct error *err)
{
	if (!chain_id || !digest_is_valid(chain_id) || !str_after(chain_id, "sha256:")) {
		error_set(err, EINVAL, "\"%.100s\" is not a layer id", chain_id ? chain_id : "");
		return NULL;
	}
	return xasprintf("layers/%s%s%s", digest_hex(chain_id), name ? "/" : "", name ? name : "");
}

int layer_read(
	struct store *store, const char *chain_id, struct layer_info **ret, struct error *err)
{
	AUTO(layer_info_free) struct layer_info *info = xnew(struct layer_info);
	autofree char *path = layer_path(chain_id, INFO_FILE, err);
	autofree char *text = NULL;
	size_t len;
	int r;

	if (!path)
		return -EINVAL;
	r = file_read_at(store->rootfd, path, INFO_MAX, &text, &len, err);
	if (r == 0)
		r = json_read(text, len, INFO_FILE, layer_info_fields, info, err);
	if (r < 0)
		return error_wrap(err, r, "layer %s", chain_id);
	*ret = take_ptr(info);
	return 0;
}

int layer_find(struct store *store, const char *chain_id, struct error *err)
{
	AUTO(layer_info_free) struct layer_info *info = NULL;
	autofree char *path = layer_path(chain_id, INFO_FILE, err);
	struct stat st;

	if (!path)
		return -EINVAL;
	if (fstatat(store->rootfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		/* Without write permission: layer_seal() has seen it on disk. */
		if (!(st.st_mode & 0200))
			return 1;
		if (layer_read(store, chain_id, &info, NULL) == 0 &&
			str_eq(info->boot_id, boot_id_short()))
			return 1;
	} else if (errno != ENOENT) {
		return error_sys(err, errno, "layer %s", chain_id);
	}
	if (layer_remove(store, chain_id, NULL) == 1)
		log_debug("layer %s: not known to be complete, removed", chain_id);
	return 0;
}

void layer_seal(struct store *store, const char *chain_id)
{
	autofree char *path = layer_path(chain_id, INFO_FILE, NULL);

	if (path)
		fchmodat(store->rootfd, path, 0400, 0);
}

int layer_hold(struct store *store, const char *chain_id, struct error *err)
{
	autofree char *path = layer_path(chain_id, NULL, err);
	autoclose int fd = -1;
	struct stat held, named;

	if (!path)
		return -EINVAL;
	fd = openat(store->rootfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return error_sys(err, errno, "layer %s", chain_id);
	while (flock(fd, LOCK_SH) < 0) {
		if (errno != EINTR)
			return error_sys(err, errno, "layer %s", chain_id);
	}
	/* Somebody may have removed it before we had the lock. */
	if (fstat(fd, &held) < 0 || fstatat(store->rootfd, path, &named, AT_SYMLINK_NOFOLLOW) < 0 ||
		held.st_ino != named.st_ino)
		return error_set(err, ENOENT, "layer %s has been removed", chain_id);
	return take_fd(fd);
}

int layer_open_diff(struct store *store, const char *chain_id, struct error *err)
{
	autofree char *path = layer_path(chain_id, "diff", err);
	int fd;

	if (!path)
		return -EINVAL;
	fd = openat(store->rootfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return error_set(
			err, ENOENT, "layer %s is missing: pull the image again", chain_id);
	return fd < 0 ? error_sys(err, errno, "layer %s", chain_id) : fd;
}

static int open_parents(struct store *store, char *const *parents, int *fds, struct error *err)
{
	for (size_t i = 0; i < strv_len(parents); i++) {
		fds[i] = layer_open_diff(store, parents[i], err);
		if (fds[i] < 0)
			return fds[i];
	}
	return 0;
}

static int fix_up(struct layer_unpacked *unpacked, char *const *parents, struct error *err)
{
	size_t count = strv_len(parents);
	autofree int *fds = xcalloc(count + 1, sizeof(*fds));
	int r;

	for (size_t i = 0; i < count; i++)
		fds[i] = -1;
	r = open_parents(unpacked->store, parents, fds, err);
	if (r == 0)
		r = layer_fix_up(unpacked->dirfd, fds, count, err);
	for (size_t i = 0; i < count; i++)
		close_fd(&fds[i]);
	return r;
}

/* Returns what holds the layer: the lock of the staging directory goes on as that of its place. */
static int place(struct layer_unpacked *unpacked, const char *chain_id, struct error *err)
{
	int rootfd = unpacked->store->rootfd;
	autofree char *path = layer_path(chain_id, NULL, err);
	int r;

	if (!path)
		return -EINVAL;
	for (;;) {
		if (renameat2(rootfd, unpacked->path, rootfd, path, RENAME_NOREPLACE) == 0) {
			free(take_ptr(unpacked->path));
			return take_fd(unpacked->dirfd);
		}
		if (errno != EEXIST && errno != ENOTEMPTY)
			return error_sys(err, errno, "store layer %s", chain_id);
		/* Another process was first; unless it is a torn one, which this removes. */
		r = layer_find(unpacked->store, chain_id, err);
		if (r == 1)
			r = layer_hold(unpacked->store, chain_id, err);
		if (r != 0 && r != -ENOENT)
			return r;
	}
}

int layer_commit(struct layer_unpacked *unpacked, char *const *parents, const char *diff_id,
	char **ret_chain_id, struct error *err)
{
	struct layer_info *info = &unpacked->info;
	size_t count = strv_len(parents);
	const char *parent = count ? parents[count - 1] : NULL;
	autofree char *text = NULL;
	int r;

	if (diff_id && !str_eq(diff_id, info->diff_id))
		return error_set(err, EBADMSG,
			"layer: the unpacked content is %s, the image configuration says %s",
			info->diff_id, diff_id);
	r = fix_up(unpacked, parents, err);
	if (r < 0)
		return error_wrap(err, r, "layer %s", info->diff_id);
	free(info->chain_id);
	free(info->parent);
	info->chain_id = chain_id(parent, info->diff_id);
	info->parent = xstrdup(parent);
	text = json_write(layer_info_fields, info, true);
	r = file_write_at(unpacked->dirfd, INFO_FILE, text, strlen(text), 0600, 0, err);
	if (r == 0)
		r = place(unpacked, info->chain_id, err);
	if (r >= 0 && ret_chain_id)
		*ret_chain_id = xstrdup(info->chain_id);
	return r;
}

int layer_remove(struct store *store, const char *chain_id, struct error *err)
{
	autofree char *path = layer_path(chain_id, NULL, err);
	autofree char *staging = NULL, *gone = NULL;
	autoclose int fd = -1, staging_fd = -1;
	int r;

	if (!path)
		return -EINVAL;
	fd = openat(store->rootfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? 0 : error_sys(err, errno, "layer %s", chain_id);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? 0 : error_sys(err, errno, "layer %s", chain_id);
	staging_fd = store_staging_new(store, &staging, err);
	if (staging_fd < 0)
		return staging_fd;
	gone = xasprintf("%s/layer", staging);
	r = renameat(store->rootfd, path, store->rootfd, gone) < 0 ? -errno : 0;
	if (r == 0)
		r = dir_remove_all_at(store->rootfd, gone, err);
	else
		error_sys(err, -r, "remove layer %s", chain_id);
	dir_remove_all_at(store->rootfd, staging, NULL);
	return r < 0 ? r : 1;
}

int layer_list(struct store *store, char ***ret, struct error *err)
{
	return digest_dir_list(store->rootfd, "layers", "", ret, err);
}
