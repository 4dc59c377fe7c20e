/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/image-store.h"

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

#define LOCK_FILE "images.lock"
#define HEX_LEN DIGEST_SHA256_HEX_LEN
#define ATTEMPTS 100

void image_list_release(struct image_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		image_record_free(list->items[i]);
	free(list->items);
	*list = (struct image_list){0};
}

int image_lock(struct store *store, struct error *err)
{
	return lock_open_at(store->rootfd, LOCK_FILE, false, err);
}

int image_open(struct store *store, const char *id, struct image_record **ret, struct error *err)
{
	return image_files_read(store, id, NULL, ret, err);
}

/* 0 found; -ENOENT; -EMLINK. Ids are short to type, and few enough to look at all. */
static int find_prefix(struct store *store, const char *prefix, char **ret_id, struct error *err)
{
	AUTO(strv_free) char **ids = NULL;
	const char *found = NULL;
	int r = dir_list_at(store->rootfd, "images", &ids, err);

	for (size_t i = 0; r == 0 && ids[i]; i++) {
		if (!str_after(ids[i], prefix) || strlen(ids[i]) != HEX_LEN)
			continue;
		if (found)
			return error_set(err, EMLINK,
				"%s: more than one image id begins so, give more digits", prefix);
		found = ids[i];
	}
	if (r < 0)
		return r;
	if (!found)
		return -ENOENT;
	*ret_id = xstrdup(found);
	return 0;
}

static int resolve_id(
	struct store *store, const char *text, struct image_record **ret, struct error *err)
{
	const char *bare = str_after(text, "sha256:");
	const char *hex = bare ? bare : text;
	autofree char *id = NULL;
	int r = -ENOENT;

	if (*hex && strlen(hex) <= HEX_LEN && strspn(hex, "0123456789abcdef") == strlen(hex))
		r = find_prefix(store, hex, &id, err);
	if (r < 0)
		return r;
	return image_open(store, id, ret, err);
}

int image_resolve_name(struct store *store, const char *text, struct image_record **ret,
	char **ret_name, struct error *err)
{
	AUTO(reference_release) struct reference ref = {0};
	struct image_name name = {0};
	int r = 0, parsed = -EINVAL;

	/* 64 digits are an id, and so is what says "sha256:"; a name may look like a short one. */
	if (!reference_is_id(text) && !str_after(text, "sha256:")) {
		parsed = reference_parse(text, &ref, err);
		if (parsed == 0)
			r = image_names_find(store, &ref, &name, err);
	}
	if (r == 1) {
		r = image_files_read(store, name.id, name.manifest_digest, ret, err);
		if (r == 0 && ret_name)
			*ret_name = image_name_text(&name);
		image_name_release(&name);
		/* A name that points to nothing is what a crash amid removal leaves. */
		return r == -ENOENT ? error_set(err, ENOENT, "%s: image not known", text) : r;
	}
	if (r == 0)
		r = resolve_id(store, text, ret, err);
	if (r == 0 && ret_name)
		*ret_name = NULL;
	if (r == -ENOENT && parsed == -EINVAL && !reference_is_id(text) &&
		!str_after(text, "sha256:"))
		return parsed;
	return r == -ENOENT ? error_set(err, ENOENT, "%s: image not known", text) : r;
}

int image_resolve(
	struct store *store, const char *text, struct image_record **ret, struct error *err)
{
	return image_resolve_name(store, text, ret, NULL, err);
}

static void fill_names(struct image_record *image, const struct image_names *names)
{
	strv_free(take_ptr(image->names));
	strv_free(take_ptr(image->name_digests));
	for (size_t i = 0; i < names->count; i++) {
		const struct image_name *name = &names->items[i];
		autofree char *by_digest = NULL;

		if (!str_eq(name->id, image->id))
			continue;
		by_digest = xasprintf(
			"%s@%s", name->repo, name->digest ? name->digest : name->manifest_digest);
		if (name->tag)
			strv_take(&image->names, image_name_text(name));
		if (!strv_has(image->name_digests, by_digest))
			strv_take(&image->name_digests, take_ptr(by_digest));
	}
	strv_sort(image->names);
	strv_sort(image->name_digests);
}

int image_load_names(struct store *store, struct image_record *image, struct error *err)
{
	AUTO(image_names_release) struct image_names names = {0};
	int r = image_names_load(store, &names, err);

	if (r == 0)
		fill_names(image, &names);
	return r;
}

static int compare_age(const void *left, const void *right)
{
	const struct image_record *a = *(struct image_record *const *)left;
	const struct image_record *b = *(struct image_record *const *)right;

	if (a->created_ns != b->created_ns)
		return a->created_ns < b->created_ns ? 1 : -1;
	return strcmp(a->id, b->id);
}

int image_list(struct store *store, struct image_list *ret, struct error *err)
{
	AUTO(image_list_release) struct image_list list = {0};
	AUTO(image_names_release) struct image_names names = {0};
	AUTO(strv_free) char **ids = NULL;
	int r = dir_list_at(store->rootfd, "images", &ids, err);

	if (r == 0)
		r = image_names_load(store, &names, err);
	for (size_t i = 0; r == 0 && ids[i]; i++) {
		struct image_record *image;
		struct error broken = {0};
		int opened = image_open(store, ids[i], &image, &broken);

		if (opened < 0) {
			if (opened != -ENOENT)
				log_warn("%s", error_text(&broken));
			continue;
		}
		fill_names(image, &names);
		list.items = list_grow(list.items, list.count, sizeof(*list.items));
		list.items[list.count++] = image;
	}
	if (r < 0)
		return r;
	if (list.count)
		qsort(list.items, list.count, sizeof(*list.items), compare_age);
	*ret = list;
	list = (struct image_list){0};
	return 0;
}

int image_tag(struct store *store, const char *name, const char *id, const char *digest,
	struct error *err)
{
	AUTO(image_record_free) struct image_record *image = NULL;
	AUTO(reference_release) struct reference ref = {0};
	autoclose int lock = -1;
	int r = reference_parse_normalized(name, &ref, err);

	if (r < 0)
		return r;
	lock = image_lock(store, err);
	if (lock < 0)
		return lock;
	r = image_files_read(store, id, digest, &image, err);
	return r < 0 ? r : image_names_set(store, &ref, image->id, image->digest, err);
}

int image_untag(struct store *store, const char *name, struct error *err)
{
	AUTO(reference_release) struct reference ref = {0};
	int r = reference_parse_normalized(name, &ref, err);

	return r < 0 ? r : image_names_unset(store, &ref, err);
}
