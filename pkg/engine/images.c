/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "container/event.h"
#include "engine/internal.h"
#include "image/config.h"
#include "image/reference.h"

static void image_release(struct engine_image *image)
{
	free(image->id);
	free(image->digest);
	strv_free(image->names);
	strv_free(image->repo_digests);
	strmap_release(&image->labels);
	free(image->architecture);
	free(image->os);
}

void engine_images_release(struct engine_images *list)
{
	for (size_t i = 0; i < list->count; i++)
		image_release(&list->items[i]);
	free(list->items);
	*list = (struct engine_images){0};
}

static void fill_image(const struct image_record *from, struct engine_image *image)
{
	struct image_config config = {0};

	image->id = xstrdup(from->id);
	image->digest = xstrdup(from->digest);
	image->names = strv_dup(from->names);
	image->repo_digests = strv_dup(from->name_digests);
	image->created_ns = from->created_ns;
	image->size_bytes = from->size;
	if (image_config_parse(from->config, from->config_len, &config, NULL) == 0) {
		strmap_copy(&image->labels, &config.config.labels);
		image->architecture = xstrdup(config.architecture);
		image->os = xstrdup(config.os);
	}
	image_config_release(&config);
}

int engine_images(struct engine *engine, struct engine_images *ret, struct error *err)
{
	AUTO(image_list_release) struct image_list list = {0};
	AUTO(engine_ps_release) struct engine_ps containers = {0};
	int r = image_list(engine->store, &list, err);

	if (r == 0)
		r = engine_ps(engine, &containers, err);
	if (r < 0)
		return r;
	*ret = (struct engine_images){.items = xcalloc(list.count, sizeof(*ret->items))};
	for (size_t i = 0; i < list.count; i++) {
		struct engine_image *image = &ret->items[ret->count++];

		fill_image(list.items[i], image);
		for (size_t j = 0; j < containers.count; j++)
			image->containers += containers.rows[j].image_id &&
					     str_eq(containers.rows[j].image_id, image->id);
	}
	return 0;
}

int engine_image_find(struct engine *engine, const char *name, char **ret_id, struct error *err)
{
	AUTO(image_record_free) struct image_record *image = NULL;
	int r = image_resolve(engine->store, name, &image, err);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (ret_id)
		*ret_id = xstrdup(image->id);
	return 1;
}

static int remove_users(struct engine *engine, const char *image_id, struct error *err)
{
	AUTO(engine_ps_release) struct engine_ps list = {0};
	int r = engine_ps(engine, &list, err);

	for (size_t i = 0; r == 0 && i < list.count; i++) {
		struct engine_rm rm = {
			.name = list.rows[i].id, .force = true, .volumes = true, .depend = true};
		autofree char *id = NULL;

		if (!str_eq(list.rows[i].image_id, image_id))
			continue;
		r = engine_rm(engine, &rm, &id, err);
		if (r == -ENOENT)
			r = 0;
	}
	return r;
}

void engine_rmi_result_release(struct engine_rmi_result *result)
{
	strv_free(result->untagged);
	free(result->deleted);
	*result = (struct engine_rmi_result){0};
}

static int untag(struct engine *engine, const char *id, const char *name, struct error *err)
{
	int r = image_untag(engine->store, name, err);

	if (r > 0)
		image_note_event(engine->store->events_fd, EVENT_UNTAG, id, name);
	return r;
}

/* A name goes alone while the image has others, as docker and podman do. */
static int untag_one(struct engine *engine, struct image_record *image, const char *name,
	struct engine_rmi_result *ret, struct error *err)
{
	int r = untag(engine, image->id, name, err);

	if (r < 0)
		return r;
	strv_add(&ret->untagged, name);
	return 0;
}

/* By its id alone, while people know it by several names. */
static int refuse_names(const struct image_record *image, struct error *err)
{
	autofree char *names = strv_join(image->names, " ");

	return error_set(err, EMLINK,
		"unable to delete image \"%s\" by ID with more than one tag ([%s]): please force "
		"removal",
		image->id, names);
}

int engine_rmi(struct engine *engine, const char *name, bool force, struct engine_rmi_result *ret,
	struct error *err)
{
	AUTO(image_record_free) struct image_record *image = NULL;
	autofree char *found = NULL;
	int fd = engine->store->events_fd;
	size_t users;
	int r = image_resolve_name(engine->store, name, &image, &found, err);

	if (r == 0)
		r = image_load_names(engine->store, image, err);
	if (r < 0)
		return r;
	if (found && !strchr(found, '@') && strv_len(image->names) > 1)
		return untag_one(engine, image, found, ret, err);
	if (!found && strv_len(image->names) > 1 && !force)
		return refuse_names(image, err);
	users = engine_count_image_users(engine, image->id);
	if (users && !force)
		return error_set(err, EBUSY,
			"image used by %zu container%s: image is in use by a container: consider "
			"listing them with ps -a, or force removal",
			users, users == 1 ? "" : "s");
	if (users)
		r = remove_users(engine, image->id, err);
	if (r == 0)
		r = image_remove(engine->store, image->id, NULL, err);
	if (r < 0)
		return r;
	for (size_t i = 0; image->names && image->names[i]; i++)
		image_note_event(fd, EVENT_UNTAG, image->id, image->names[i]);
	image_note_event(fd, EVENT_REMOVE, image->id, found);
	/* A removal that was killed midway leaves layers that nobody refers to. */
	image_collect_garbage(engine->store, NULL);
	strv_add_all(&ret->untagged, image->names);
	ret->deleted = xstrdup(image->id);
	return 0;
}

/* podman's rule: a short name that is made here is local. NULL: bad, or none that can be given. */
static char *local_name(const char *name, struct error *err)
{
	AUTO(reference_release) struct reference ref = {0};

	if (reference_parse(name, &ref, err) < 0)
		return NULL;
	if (ref.digest) {
		error_set(err, EINVAL, "tag %s: a name with a digest cannot be given", name);
		return NULL;
	}
	if (!ref.domain)
		ref.domain = xstrdup("localhost");
	if (!ref.tag)
		ref.tag = xstrdup("latest");
	return reference_format(&ref);
}

int engine_tag(struct engine *engine, const char *image_name, const char *name, struct error *err)
{
	AUTO(image_record_free) struct image_record *image = NULL;
	autofree char *full = local_name(name, err);
	int r = full ? image_resolve(engine->store, image_name, &image, err) : -EINVAL;

	engine_tidy(engine);
	if (r == 0)
		r = image_tag(engine->store, full, image->id, image->digest, err);
	if (r == 0)
		image_note_event(engine->store->events_fd, EVENT_TAG, image->id, name);
	return r;
}

int engine_untag(struct engine *engine, const char *image_name, const char *name, struct error *err)
{
	AUTO(image_record_free) struct image_record *image = NULL;
	AUTO(image_record_free) struct image_record *other = NULL;
	autofree char *found = NULL;
	int r = image_resolve(engine->store, image_name, &image, err);

	if (r == 0)
		r = image_load_names(engine->store, image, err);
	if (r < 0)
		return r;
	if (!name) {
		for (size_t i = 0; r >= 0 && image->names && image->names[i]; i++)
			r = untag(engine, image->id, image->names[i], err);
		return r < 0 ? r : 0;
	}
	r = image_resolve_name(engine->store, name, &other, &found, err);
	if (r < 0 || !found || !str_eq(other->id, image->id)) {
		autofree char *full = local_name(name, NULL);

		return error_set(err, ENOENT, "%s: tag not known", full ? full : name);
	}
	r = untag(engine, image->id, found, err);
	return r < 0 ? r : 0;
}
