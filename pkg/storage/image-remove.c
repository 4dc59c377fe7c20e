/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "storage/blob.h"
#include "storage/image-files.h"
#include "storage/image-names.h"
#include "storage/layer.h"
#include "sys/file.h"

#define BLOB_GRACE_S (24 * 3600)

/* What images refer to. Removing counts again each time: the directories are the truth. */
struct image_uses {
	char **layers; /* sorted */
	size_t layer_count;
	char **blobs;
	size_t blob_count;
};

static void image_uses_release(struct image_uses *uses)
{
	strv_free(uses->layers);
	strv_free(uses->blobs);
	*uses = (struct image_uses){0};
}

static int compare_text(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool is_used(char **list, size_t count, const char *text)
{
	return count && bsearch(&text, list, count, sizeof(char *), compare_text);
}

/*
 * An image that cannot be read may use anything: then nothing is removed. Its own removal (by id)
 * is what makes the store tidy again.
 */
static int load_uses(struct store *store, struct image_uses *uses, struct error *err)
{
	AUTO(strv_free) char **ids = NULL;
	int r = dir_list_at(store->rootfd, "images", &ids, err);

	for (size_t i = 0; r == 0 && ids[i]; i++) {
		AUTO(image_record_free) struct image_record *image = NULL;

		r = image_open(store, ids[i], &image, err);
		if (r < 0)
			break;
		strv_add_all(&uses->layers, image->layers);
		image_files_blobs(store, image, &uses->blobs);
	}
	uses->layer_count = strv_len(uses->layers);
	uses->blob_count = strv_len(uses->blobs);
	strv_sort(uses->layers);
	strv_sort(uses->blobs);
	return r;
}

static int remove_unused(struct store *store, char *const *layers, char *const *blobs,
	char ***removed, struct error *err)
{
	struct image_uses uses = {0};
	struct error broken = {0};
	int r = load_uses(store, &uses, &broken);

	if (r < 0) {
		log_warn("layers are kept, another image is damaged: %s", error_text(&broken));
		image_uses_release(&uses);
		return 0;
	}
	/* From the top: a layer never stays without those below it. */
	for (size_t i = strv_len(layers); r >= 0 && i-- > 0;) {
		if (is_used(uses.layers, uses.layer_count, layers[i]))
			continue;
		r = layer_remove(store, layers[i], err);
		if (r == 1 && removed)
			strv_add(removed, layers[i]);
	}
	for (size_t i = 0; r >= 0 && i < strv_len(blobs); i++) {
		if (digest_is_valid(blobs[i]) && !is_used(uses.blobs, uses.blob_count, blobs[i]))
			blob_remove(store, blobs[i], NULL);
	}
	image_uses_release(&uses);
	return r < 0 ? r : 0;
}

static int remove_names(struct store *store, const char *id, struct error *err)
{
	AUTO(image_names_release) struct image_names names = {0};
	int r = image_names_load(store, &names, err);

	for (size_t i = 0; r >= 0 && i < names.count; i++) {
		const struct image_name *name = &names.items[i];
		AUTO(reference_release) struct reference ref = {0};
		autofree char *text = NULL;

		if (!str_eq(name->id, id))
			continue;
		text = image_name_text(name);
		r = reference_parse(text, &ref, err);
		if (r == 0)
			r = image_names_unset(store, &ref, err);
	}
	return r < 0 ? r : 0;
}

/* The directory disappears at once; what it referred to is looked at afterwards. */
static int move_away(struct store *store, const char *id, struct error *err)
{
	autofree char *staging = NULL, *gone = NULL;
	autofree char *path = xasprintf("images/%s", id);
	autoclose int fd = store_staging_new(store, &staging, err);
	int r = 0;

	if (fd < 0)
		return fd;
	gone = xasprintf("%s/image", staging);
	if (renameat(store->rootfd, path, store->rootfd, gone) < 0)
		r = errno == ENOENT ? error_set(err, ENOENT, "%s: image not known", id)
				    : error_sys(err, errno, "remove image %s", id);
	dir_remove_all_at(store->rootfd, staging, NULL);
	return r;
}

int image_remove(struct store *store, const char *id, char ***ret_removed, struct error *err)
{
	AUTO(image_record_free) struct image_record *image = NULL;
	AUTO(strv_free) char **blobs = NULL, **removed = NULL;
	autofree char *full = xasprintf("sha256:%s", id);
	autoclose int lock = -1;
	int r;

	if (!digest_is_valid(full))
		return error_set(err, ENOENT, "%.100s: image not known", id);
	lock = lock_open_at(store->rootfd, "images.lock", false, err);
	if (lock < 0)
		return lock;
	/* A damaged one is removed as well; its layers go with image_collect_garbage(). */
	if (image_open(store, id, &image, NULL) == 0)
		image_files_blobs(store, image, &blobs);
	r = remove_names(store, id, err);
	if (r == 0)
		r = move_away(store, id, err);
	if (r == 0 && image)
		r = remove_unused(store, image->layers, blobs, &removed, err);
	if (r == 0 && ret_removed)
		*ret_removed = take_ptr(removed);
	return r;
}

/* A blob that no image has sealed yet may belong to a pull that is under way. */
static bool may_be_on_its_way(struct store *store, const char *digest)
{
	autofree char *path = xasprintf("blobs/sha256/%s", digest_hex(digest));
	struct stat st;

	return fstatat(store->rootfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && (st.st_mode & 0200) &&
	       st.st_mtime + BLOB_GRACE_S > clock_now_ns() / 1000000000;
}

int image_collect_garbage(struct store *store, struct error *err)
{
	AUTO(strv_free) char **stale = NULL;
	AUTO(strv_free) char **layers = NULL, **blobs = NULL;
	autoclose int lock = lock_open_at(store->rootfd, "images.lock", false, err);
	int r = lock < 0 ? lock : layer_list(store, &layers, err);

	if (r == 0)
		r = blob_list(store, &blobs, err);
	for (size_t i = 0; r == 0 && i < strv_len(blobs); i++) {
		if (!may_be_on_its_way(store, blobs[i]))
			strv_add(&stale, blobs[i]);
	}
	return r < 0 ? r : remove_unused(store, layers, stale, NULL, err);
}
