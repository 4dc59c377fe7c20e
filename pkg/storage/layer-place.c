/* SPDX-License-Identifier: Apache-2.0 */
/* Apart from layer.c: a program that only finds layers needs no hash functions. */
#include "storage/layer-place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "image/chain-id.h"
#include "storage/layer-commit.h"
#include "storage/layer.h"
#include "sys/file.h"

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
	r = file_write_at(unpacked->dirfd, LAYER_INFO_FILE, text, strlen(text), 0600, 0, err);
	if (r == 0)
		r = place(unpacked, info->chain_id, err);
	if (r >= 0 && ret_chain_id)
		*ret_chain_id = xstrdup(info->chain_id);
	return r;
}
