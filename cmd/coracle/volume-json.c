/* SPDX-License-Identifier: Apache-2.0 */
#include "volume-json.h"

#include <errno.h>

#include "base/clock.h"
#include "base/json.h"

static void add_map(struct json_object *obj, const char *key, const struct strmap *map)
{
	struct json_object *inner = json_object_new_object();

	for (size_t i = 0; i < map->count; i++)
		json_add_string(inner, map->items[i].key, map->items[i].value);
	json_object_object_add(obj, key, inner);
}

struct json_object *volume_json(const struct engine_volume *volume)
{
	struct json_object *obj = json_object_new_object();
	autofree char *created = time_format(volume->created_ns);

	json_add_string(obj, "Name", volume->name);
	json_add_string(obj, "Driver", volume->driver ? volume->driver : "local");
	json_add_string(obj, "Mountpoint", volume->mountpoint);
	json_add_string(obj, "CreatedAt", created);
	add_map(obj, "Labels", &volume->labels);
	json_add_string(obj, "Scope", "local");
	add_map(obj, "Options", &volume->options);
	json_object_object_add(obj, "Anonymous", json_object_new_boolean(volume->anonymous));
	json_object_object_add(
		obj, "MountCount", json_object_new_int64((int64_t)volume->containers));
	return obj;
}

int volume_inspect_json(
	struct engine *engine, const char *name, struct json_object **ret, struct error *err)
{
	AUTO(engine_volumes_release) struct engine_volumes list = {0};
	int r = engine_volumes(engine, &list, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < list.count; i++) {
		if (str_eq(list.items[i].name, name)) {
			*ret = volume_json(&list.items[i]);
			return 0;
		}
	}
	return error_set(err, ENOENT, "%s: no such volume", name);
}
