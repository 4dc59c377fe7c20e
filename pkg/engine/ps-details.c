/* SPDX-License-Identifier: Apache-2.0 */
/* What a list of containers shows only when it is asked for, because it takes a while to find out.
 */
#include <inttypes.h>
#include <sys/stat.h>

#include "engine/internal.h"
#include "sys/file.h"
#include "sys/tree-size.h"

static uint64_t image_size(struct engine *engine, const char *id)
{
	AUTO(image_record_free) struct image_record *image = NULL;

	/* It may have been removed by force. */
	if (str_is_empty(id) || image_resolve(engine->store, id, &image, NULL) < 0)
		return 0;
	return image->size;
}

void engine_container_sizes(
	struct engine *engine, const char *id, const char *image_id, struct engine_sizes *ret)
{
	autofree char *path = xasprintf("containers/%s", id);
	autoclose int dirfd = dir_open_at(engine->store->rootfd, path, NULL);
	uint64_t image = image_size(engine, image_id);
	uint64_t bytes = 0;

	*ret = (struct engine_sizes){.root_bytes = image};
	if (dirfd < 0)
		return;
	if (tree_size(dirfd, "upper", &bytes, NULL) == 0) {
		ret->own_bytes = bytes;
		ret->root_bytes = image + bytes;
	} else if (tree_size(dirfd, "rootfs", &bytes, NULL) == 0) {
		/* Storage driver "copy": the image's files and those of the container together. */
		ret->own_bytes = bytes > image ? bytes - image : 0;
		ret->root_bytes = bytes;
	}
}

void engine_ps_add_sizes(struct engine *engine, struct engine_ps_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		engine_container_sizes(engine, rows[i].id, rows[i].image_id, &rows[i].sizes);
		rows[i].has_sizes = true;
	}
}

static uint64_t namespace_of(int64_t pid, const char *name)
{
	autofree char *path = xasprintf("/proc/%" PRId64 "/ns/%s", pid, name);
	struct stat st;

	return stat(path, &st) == 0 ? st.st_ino : 0;
}

void engine_ps_add_namespaces(struct engine_ps_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct engine_namespaces *ns = &rows[i].namespaces;
		int64_t pid = rows[i].pid;

		if (pid == 0)
			continue;
		ns->cgroup = namespace_of(pid, "cgroup");
		ns->ipc = namespace_of(pid, "ipc");
		ns->mount = namespace_of(pid, "mnt");
		ns->network = namespace_of(pid, "net");
		ns->pid = namespace_of(pid, "pid");
		ns->user = namespace_of(pid, "user");
		ns->uts = namespace_of(pid, "uts");
	}
}
