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
#include "storage/digest-dir.h"
#include "storage/layer-place.h"
#include "sys/file.h"
#include "sys/process.h"

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

char *layer_path(const char *chain_id, const char *name, struct error *err)
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
	autofree char *path = layer_path(chain_id, LAYER_INFO_FILE, err);
	autofree char *text = NULL;
	size_t len;
	int r;

	if (!path)
		return -EINVAL;
	r = file_read_at(store->rootfd, path, INFO_MAX, &text, &len, err);
	if (r == 0)
		r = json_read(text, len, LAYER_INFO_FILE, layer_info_fields, info, err);
	if (r < 0)
		return error_wrap(err, r, "layer %s", chain_id);
	*ret = take_ptr(info);
	return 0;
}

int layer_find(struct store *store, const char *chain_id, struct error *err)
{
	AUTO(layer_info_free) struct layer_info *info = NULL;
	autofree char *path = layer_path(chain_id, LAYER_INFO_FILE, err);
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
	autofree char *path = layer_path(chain_id, LAYER_INFO_FILE, NULL);

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
