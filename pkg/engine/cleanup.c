/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "engine/internal.h"

/*
 * What a monitor that was killed has left. With the lock: a network that somebody has just started
 * is not to be taken. @ret_image_id: of the container's image
 */
static int clean_up(struct engine *engine, const char *id, char **ret_image_id, struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	int r = container_open_locked(engine->store, id, &ctr, err);

	if (r < 0)
		return r;
	if (container_is_monitored(ctr))
		return error_set(err, EBUSY,
			"failed to clean up container %s: container %s is running or paused, "
			"refusing to clean up: container state improper",
			id, id);
	engine_detach_lost_network(engine, ctr->record);
	*ret_image_id = xstrdup(ctr->record->image_id);
	return 0;
}

int engine_cleanup(struct engine *engine, const char *name, const struct engine_cleanup *cleanup,
	struct error *err)
{
	AUTO(engine_rmi_result_release) struct engine_rmi_result removed_image = {0};
	autofree char *id = NULL, *image_id = NULL, *removed = NULL;
	int r = container_resolve(engine->store, name, &id, err);

	engine_tidy(engine);
	if (r == 0)
		r = clean_up(engine, id, &image_id, err);
	if (r == 0 && cleanup->remove) {
		const struct engine_rm rm = {.name = id};

		r = engine_rm(engine, &rm, &removed, err);
	}
	if (r == 0 && cleanup->remove_image)
		r = engine_rmi(engine, image_id, false, &removed_image, err);
	return r;
}
