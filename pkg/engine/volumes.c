/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "container/event.h"
#include "engine/internal.h"
#include "storage/volume.h"

int engine_volume_create(struct engine *engine, const struct engine_volume_create *req,
	char **ret_name, struct error *err)
{
	AUTO(volume_free) struct volume *volume = NULL;
	struct volume_create_request request = {
		.name = req->name, .labels = &req->labels, .options = &req->options};
	int r;

	if (req->driver && !str_eq(req->driver, "local"))
		return error_set(
			err, EINVAL, "volume driver %s: only \"local\" is known", req->driver);
	if (req->options.count)
		return error_set(
			err, ENOTSUP, "volume option %s: not known", req->options.items[0].key);
	engine_tidy(engine);
	r = volume_create(engine->store, &request, &volume, err);
	if (r == -EEXIST && req->ignore)
		r = volume_open(engine->store, req->name, &volume, err);
	else if (r == -EEXIST)
		return error_set(err, EEXIST,
			"volume with name %s already exists: volume already exists", req->name);
	if (r < 0)
		return r;
	if (volume->is_new)
		volume_note_event(engine->store->events_fd, EVENT_CREATE, volume->name);
	*ret_name = xstrdup(volume->name);
	return 0;
}

void engine_volumes_release(struct engine_volumes *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].name);
		free(list->items[i].driver);
		free(list->items[i].mountpoint);
		strmap_release(&list->items[i].labels);
		strmap_release(&list->items[i].options);
	}
	free(list->items);
	*list = (struct engine_volumes){0};
}

int engine_volumes(struct engine *engine, struct engine_volumes *ret, struct error *err)
{
	AUTO(volume_list_release) struct volume_list list = {0};
	AUTO(strv_free) char **used = engine_used_volumes(engine);
	int r = volume_list(engine->store, &list, err);

	if (r < 0)
		return r;
	*ret = (struct engine_volumes){.items = xcalloc(list.count, sizeof(*ret->items))};
	for (size_t i = 0; i < list.count; i++) {
		const struct volume *from = list.items[i];
		struct engine_volume *to = &ret->items[ret->count++];

		to->name = xstrdup(from->name);
		to->driver = xstrdup(from->driver);
		to->mountpoint = xstrdup(from->mountpoint);
		to->created_ns = from->created_ns;
		strmap_copy(&to->labels, &from->labels);
		strmap_copy(&to->options, &from->options);
		to->anonymous = from->anonymous;
		for (size_t j = 0; used && used[j]; j++)
			to->containers += str_eq(used[j], from->name);
	}
	return 0;
}

static int remove_users(struct engine *engine, const char *name, struct error *err)
{
	AUTO(engine_ps_release) struct engine_ps list = {0};
	int r = engine_ps(engine, &list, err);

	for (size_t i = 0; r == 0 && i < list.count; i++) {
		struct engine_rm rm = {.name = list.rows[i].id, .force = true, .depend = true};
		autofree char *id = NULL;

		if (!strv_has(list.rows[i].volumes, name))
			continue;
		r = engine_rm(engine, &rm, &id, err);
		if (r == -ENOENT)
			r = 0;
	}
	return r;
}

int engine_volume_rm(struct engine *engine, const char *name, bool force, struct error *err)
{
	AUTO(strv_free) char **used = NULL;
	autofree char *full = NULL;
	int r = volume_resolve(engine->store, name, &full, err);

	if (r < 0)
		return r;
	used = engine_used_volumes(engine);
	if (strv_has(used, full)) {
		if (!force)
			return error_set(err, EBUSY,
				"volume %s is being used by a container: volume is being used",
				full);
		r = remove_users(engine, full, err);
	}
	if (r == 0)
		r = volume_remove(engine->store, full, err);
	if (r == 0)
		volume_note_event(engine->store->events_fd, EVENT_REMOVE, full);
	return r;
}

int engine_volume_prune(struct engine *engine, bool all, char ***ret, struct error *err)
{
	AUTO(volume_list_release) struct volume_list list = {0};
	AUTO(strv_free) char **used = engine_used_volumes(engine);
	int r = all ? 0 : volume_list(engine->store, &list, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < list.count; i++) {
		if (!list.items[i]->anonymous)
			strv_add(&used, list.items[i]->name);
	}
	r = volume_prune(engine->store, used, ret, NULL, err);
	for (size_t i = 0; r == 0 && *ret && (*ret)[i]; i++) {
		volume_note_event(engine->store->events_fd, EVENT_REMOVE, (*ret)[i]);
		volume_note_event(engine->store->events_fd, EVENT_PRUNE, (*ret)[i]);
	}
	return r;
}
