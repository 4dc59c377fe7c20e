/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/cp-end.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sys/file.h"

static int open_one(struct engine *engine, const struct engine_cp_place *place,
	struct container_root *ret, struct error *err)
{
	return container_root_open(engine, place->container, VIEW_FULL, ret, err);
}

/* Two commands that copy in opposite directions must not wait for each other's lock. */
int cp_roots_open(struct engine *engine, const struct engine_cp_place *from,
	const struct engine_cp_place *to, struct cp_roots *ret, struct error *err)
{
	autofree char *from_id = NULL, *to_id = NULL;
	bool is_from_first;
	int r = 0;

	*ret = (struct cp_roots){.items = {{.fd = -1, .lock = -1}, {.fd = -1, .lock = -1}}};
	if (from->container)
		r = container_resolve(engine->store, from->container, &from_id, err);
	if (r == 0 && to->container)
		r = container_resolve(engine->store, to->container, &to_id, err);
	if (r < 0)
		return r;
	is_from_first = !to_id || (from_id && strcmp(from_id, to_id) < 0);
	if (from_id && is_from_first)
		r = open_one(engine, from, &ret->items[0], err);
	if (r == 0 && to_id)
		r = open_one(engine, to, &ret->items[1], err);
	if (r == 0 && from_id && !is_from_first && !str_eq(from_id, to_id))
		r = open_one(engine, from, &ret->items[0], err);
	if (r < 0)
		return r;
	ret->to = to_id ? &ret->items[1] : NULL;
	if (from_id)
		ret->from = str_eq(from_id, to_id) ? ret->to : &ret->items[0];
	return 0;
}

void cp_roots_release(struct cp_roots *roots)
{
	container_root_release(&roots->items[0]);
	container_root_release(&roots->items[1]);
}

static int open_at(const struct cp_end *end, const char *path, int flags)
{
	int fd;

	if (end->root)
		return root_open(end->root->fd, path, flags, 0, NULL);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int cp_end_missing(const struct cp_end *end, int code, struct error *err)
{
	if (end->root)
		return error_sys(err, code, "\"%s\" could not be found on container %s",
			end->place->path, end->place->container);
	return error_sys(err, code, "\"%s\" could not be found on the host", end->place->path);
}

int cp_end_open(const struct engine_cp_place *place, const struct container_root *root,
	struct cp_end *ret, struct error *err)
{
	AUTO(cp_end_release) struct cp_end end = {.place = place, .root = root, .fd = -1};

	cp_path_parse(place->path, &end.path);
	end.fd = open_at(&end, end.path.path, O_PATH);
	if (end.fd < 0 && end.fd != -ENOENT)
		return cp_end_missing(&end, -end.fd, err);
	if (end.fd >= 0 && fstat(end.fd, &end.st) < 0)
		return cp_end_missing(&end, errno, err);
	if (end.fd >= 0 && end.path.is_directory && !S_ISDIR(end.st.st_mode))
		return cp_end_missing(&end, ENOTDIR, err);
	*ret = end;
	end = (struct cp_end){.fd = -1};
	return 0;
}

void cp_end_release(struct cp_end *end)
{
	cp_path_release(&end->path);
	close_fd(&end->fd);
}

int cp_end_open_directory(const struct cp_end *end, const char *path, struct error *err)
{
	int fd = open_at(end, path, O_PATH | O_DIRECTORY);

	return fd < 0 ? cp_end_missing(end, -fd, err) : fd;
}

void cp_container_user(const struct container_root *root, uint32_t *ret_uid, uint32_t *ret_gid)
{
	const struct spec_user *user = &root->spec.process.user;

	*ret_uid = user->uid;
	*ret_gid = user->gid;
	if (root->uids && !idmap_to_outside(root->uids, user->uid, ret_uid))
		*ret_uid = 0;
	if (root->gids && !idmap_to_outside(root->gids, user->gid, ret_gid))
		*ret_gid = 0;
}
