/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "engine/cp-end.h"
#include "storage/pack.h"
#include "storage/unpack-files.h"
#include "sys/file.h"

/* As the kernel's limit for a path (path_resolution(7)). */
#define MAX_LINKS 40

/* A name in a directory that is no link any more. */
struct final_name {
	int dirfd;
	char *name;
};

static void auto_final_name_release(struct final_name *final)
{
	close_fd(&final->dirfd);
	free(final->name);
}

/* Follows the links at the end of a path, one by one. */
static int find_final(const struct cp_end *end, struct final_name *ret, struct error *err)
{
	autofree char *path = xstrdup(end->path.path);

	for (int links = 0; links < MAX_LINKS; links++) {
		AUTO(cp_path_release) struct cp_path parts = {0};
		autofree char *target = NULL;
		autoclose int dirfd = -1;

		cp_path_parse(path, &parts);
		dirfd = cp_end_open_directory(end, parts.parent, err);
		if (dirfd < 0)
			return dirfd;
		if (link_read_at(dirfd, parts.name, &target) < 0) {
			ret->dirfd = take_fd(dirfd);
			ret->name = take_ptr(parts.name);
			return 0;
		}
		free(take_ptr(path));
		path = target[0] == '/' ? take_ptr(target)
					: xasprintf("%s/%s", parts.parent, target);
	}
	return cp_end_missing(end, ELOOP, err);
}

static int send_file(
	const struct cp_end *from, const struct pack_request *request, struct error *err)
{
	AUTO(final_name_release) struct final_name final = {.dirfd = -1};
	struct pack_result result;
	struct diff_item item = {.path = from->path.name, .kind = DIFF_ADDED};
	int r = find_final(from, &final, err);

	if (r < 0)
		return r;
	if (fstatat(final.dirfd, final.name, &item.st, AT_SYMLINK_NOFOLLOW) < 0)
		return cp_end_missing(from, errno, err);
	/* Its only name here: to what other names would it be a link? */
	item.st.st_nlink = 1;
	item.dirfd = final.dirfd;
	item.name = final.name;
	return pack_file(&item, request, &result, err);
}

static int send_directory(
	const struct cp_end *from, struct pack_request *request, struct error *err)
{
	AUTO(diff_free) struct diff *diff = NULL;
	autofree char *prefix = xasprintf("%s/", from->path.name);
	struct pack_result result;
	int r = diff_open_dir(from->fd, from->root->uids, from->root->gids, &diff, err);

	if (from->path.is_content)
		request->no_root = true;
	else
		request->prefix = prefix;
	return r < 0 ? r : pack(diff, request, &result, err);
}

int engine_cp_out(
	struct engine *engine, const struct engine_cp_place *place, int fd, struct error *err)
{
	AUTO(container_root_release) struct container_root root = {.fd = -1, .lock = -1};
	AUTO(cp_end_release) struct cp_end from = {.fd = -1};
	struct pack_request request = {.blob = {.write = pack_to_fd, .data = &fd}};
	int r = container_root_open(engine, place->container, VIEW_FULL, &root, err);

	if (r == 0)
		r = cp_end_open(place, &root, &from, err);
	if (r < 0)
		return r;
	if (from.fd < 0)
		return cp_end_missing(&from, ENOENT, err);
	return S_ISDIR(from.st.st_mode) ? send_directory(&from, &request, err)
					: send_file(&from, &request, err);
}

static int receive(const struct engine_cp *cp, const struct container_root *root, int dirfd, int fd,
	struct error *err)
{
	struct unpack_merge merge = {.overwrite = cp->overwrite};
	struct error cause = {0};
	int r;

	if (cp->keep_owners) {
		merge.uids = root->uids;
		merge.gids = root->gids;
	} else {
		merge.has_owner = true;
		cp_container_user(root, &merge.uid, &merge.gid);
	}
	r = unpack_files(fd, root->fd, dirfd, &merge, &cause);
	if (r == -EBADMSG)
		return error_set(err, EBADMSG,
			"source must be a (compressed) tar archive when copying from stdin: %.900s",
			error_text(&cause));
	if (r < 0 && err)
		*err = cause;
	return r;
}

int engine_cp_in(struct engine *engine, const struct engine_cp *cp, int fd, struct error *err)
{
	AUTO(container_root_release) struct container_root root = {.fd = -1, .lock = -1};
	AUTO(cp_end_release) struct cp_end to = {.fd = -1};
	int r = container_root_open(engine, cp->to.container, VIEW_FULL, &root, err);

	if (r == 0)
		r = cp_end_open(&cp->to, &root, &to, err);
	if (r < 0)
		return r;
	if (to.fd < 0 || !S_ISDIR(to.st.st_mode))
		return error_set(
			err, ENOTDIR, "destination must be a directory when copying from stdin");
	return receive(cp, &root, to.fd, fd, err);
}
