/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/export.h"

#include "container/event.h"
#include "engine/mount-root.h"
#include "storage/pack.h"

int engine_export(struct engine *engine, const char *name, int fd, struct error *err)
{
	AUTO(container_root_release) struct container_root root = {.fd = -1, .lock = -1};
	AUTO(diff_free) struct diff *diff = NULL;
	const struct pack_request request = {.blob = {.write = pack_to_fd, .data = &fd}};
	struct pack_result result;
	int r = container_root_open(engine, name, VIEW_BARE, &root, err);

	if (r == 0)
		r = diff_open_dir(root.fd, root.uids, root.gids, &diff, err);
	if (r == 0)
		r = pack(diff, &request, &result, err);
	if (r == 0)
		container_note_event(engine->store->events_fd, root.ctr->record, EVENT_EXPORT);
	return r;
}
