/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/pack-tar.h"

#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "storage/pack-entry.h"
#include "storage/tree.h"
#include "storage/whiteout.h"
#include "sys/file.h"

#define BUFFER_SIZE (256 * 1024)
#define HOLE_MIN 65536 /* smaller ones are not worth a header */

struct packed_link {
	dev_t dev;
	ino_t ino;
	char *path; /* as in the archive */
};

static void entry_free(struct archive_entry *entry)
{
	archive_entry_free(entry);
}
DEFINE_AUTO(struct archive_entry *, entry_free);

static void free_link(void *data)
{
	struct packed_link *link = data;

	free(link->path);
	free(link);
}

void pack_tar_release(struct pack_tar *tar)
{
	tdestroy(tar->links, free_link);
	idmap_release(&tar->uids);
	idmap_release(&tar->gids);
	free(tar->buffer);
}

static int compare_links(const void *left, const void *right)
{
	const struct packed_link *a = left, *b = right;

	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	return (a->dev > b->dev) - (a->dev < b->dev);
}

static const char *find_link(const struct pack_tar *tar, const struct stat *st)
{
	struct packed_link key = {.dev = st->st_dev, .ino = st->st_ino};
	struct packed_link *const *found = tfind(&key, &tar->links, compare_links);

	return found ? (*found)->path : NULL;
}

static void remember_link(struct pack_tar *tar, const struct stat *st, const char *path)
{
	struct packed_link *link;

	if (st->st_nlink < 2 || S_ISDIR(st->st_mode))
		return;
	link = xnew(struct packed_link);
	*link = (struct packed_link){.dev = st->st_dev, .ino = st->st_ino, .path = xstrdup(path)};
	if (!tsearch(link, &tar->links, compare_links))
		abort();
}

/* The error of the sink, or what libarchive says. Odd names only warn: they are written as they
 * are. */
static int check(const struct pack_tar *tar, int result, const char *path, struct error *err)
{
	const char *text;

	if (result >= ARCHIVE_WARN)
		return 0;
	if (tar->sink_error->code) {
		if (err)
			*err = *tar->sink_error;
		return -tar->sink_error->code;
	}
	text = archive_error_string(tar->archive);
	return error_set(err, EIO, "write %s: %s", path, text ? text : "failed");
}

static int write_header(
	struct pack_tar *tar, struct archive_entry *entry, const char *path, struct error *err)
{
	tar->entries++;
	return check(tar, archive_write_header(tar->archive, entry), path, err);
}

/* "dir/.wh.NAME": a file of nothing. */
static int add_whiteout(struct pack_tar *tar, const char *path, struct error *err)
{
	AUTO(entry_free) struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, path);
	archive_entry_set_mode(entry, S_IFREG);
	archive_entry_set_size(entry, 0);
	archive_entry_set_mtime(entry, 0, 0);
	return write_header(tar, entry, path, err);
}

static int add_deleted(struct pack_tar *tar, const struct diff_item *item, struct error *err)
{
	int dir_len = (int)(strlen(item->path) - strlen(item->name));
	autofree char *path =
		xasprintf("%.*s" WHITEOUT_PREFIX "%s", dir_len, item->path, item->name);

	return tar->request->as_layer ? add_whiteout(tar, path, err) : 0;
}

/* The parts of a file that have data, for libarchive to leave out the others. */
static void find_holes(int fd, off_t size, struct archive_entry *entry)
{
	off_t at = 0, holes = 0;

	while (at < size) {
		off_t data = lseek(fd, at, SEEK_DATA);
		off_t hole;

		/* ENXIO: nothing but a hole. */
		if (data < 0 && errno != ENXIO)
			break;
		if (data < 0 || data > size)
			data = size;
		holes += data - at;
		if (data == size)
			break;
		hole = lseek(fd, data, SEEK_HOLE);
		if (hole < 0 || hole > size)
			hole = size;
		archive_entry_sparse_add_entry(entry, data, hole - data);
		at = hole;
	}
	if (holes < HOLE_MIN)
		archive_entry_sparse_clear(entry);
	else if (archive_entry_sparse_count(entry) == 0)
		archive_entry_sparse_add_entry(entry, size, 0);
}

static int write_data(
	struct pack_tar *tar, const void *data, size_t len, const char *path, struct error *err)
{
	la_ssize_t done = archive_write_data(tar->archive, data, len);

	return done == (la_ssize_t)len ? 0 : check(tar, ARCHIVE_FATAL, path, err);
}

/* libarchive wants to be given holes too, and does not look at them. */
static int write_hole(
	struct pack_tar *tar, off_t *at, off_t end, const char *path, struct error *err)
{
	int r = 0;

	memset(tar->buffer, 0, BUFFER_SIZE);
	while (r == 0 && *at < end) {
		size_t part = end - *at < BUFFER_SIZE ? (size_t)(end - *at) : BUFFER_SIZE;

		r = write_data(tar, tar->buffer, part, path, err);
		*at += (off_t)part;
	}
	return r;
}

static int copy_data(struct pack_tar *tar, int fd, off_t size, bool is_sparse, const char *path,
	struct error *err)
{
	off_t at = 0;
	int r = 0;

	while (r == 0 && at < size) {
		off_t data = is_sparse ? lseek(fd, at, SEEK_DATA) : at;
		ssize_t got;

		if (data < 0 || data > size)
			data = size;
		if (data > at) {
			r = write_hole(tar, &at, data, path, err);
			continue;
		}
		got = pread(fd, tar->buffer,
			size - at < BUFFER_SIZE ? (size_t)(size - at) : BUFFER_SIZE, at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_sys(err, errno, "read %s", path);
		/* It has become shorter: the rest is zeros, as the header is written. */
		if (got == 0)
			return write_hole(tar, &at, size, path, err);
		r = write_data(tar, tar->buffer, (size_t)got, path, err);
		at += got;
	}
	return r;
}

/* What has gone, or has become something else, since it was listed is left out. */
static int open_file(const struct diff_item *item, struct stat *st)
{
	int fd = openat(
		item->dirfd, item->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return errno == ELOOP || errno == ENXIO || errno == ENOTDIR ? -ENOENT : -errno;
	if (fstat(fd, st) < 0 || !S_ISREG(st->st_mode)) {
		close(fd);
		return -ENOENT;
	}
	return fd;
}

static int add_file(struct pack_tar *tar, const struct diff_item *item, struct archive_entry *entry,
	const char *path, struct error *err)
{
	struct stat st;
	autoclose int fd = open_file(item, &st);
	bool is_sparse;
	int r;

	if (fd < 0)
		return fd == -ENOENT ? 0 : error_sys(err, -fd, "open %s", path);
	/* The owners of the item are mapped already. */
	st.st_uid = item->st.st_uid;
	st.st_gid = item->st.st_gid;
	r = pack_entry_fill(tar, item, &st, entry, err);
	if (r < 0)
		return r;
	/* Of a sparse file with a name that is no UTF-8, libarchive would cut a long name short. */
	if (st.st_blocks < st.st_size / 512 && mbstowcs(NULL, path, 0) != (size_t)-1)
		find_holes(fd, st.st_size, entry);
	is_sparse = archive_entry_sparse_count(entry) > 0;
	r = write_header(tar, entry, path, err);
	if (r == 0)
		r = copy_data(tar, fd, st.st_size, is_sparse, path, err);
	if (r == 0)
		remember_link(tar, &st, path);
	return r;
}

/* Owner, mode and time are the file's: some programs set them again. */
static int add_link(struct pack_tar *tar, const struct diff_item *item, struct archive_entry *entry,
	const char *path, const char *target, struct error *err)
{
	int r = pack_entry_fill(tar, item, &item->st, entry, err);

	archive_entry_xattr_clear(entry);
	archive_entry_set_size(entry, 0);
	archive_entry_set_hardlink(entry, target);
	return r < 0 ? r : write_header(tar, entry, path, err);
}

/* Everything that has no data. */
static int add_other(struct pack_tar *tar, const struct diff_item *item,
	struct archive_entry *entry, const char *path, struct error *err)
{
	autofree char *target = NULL;
	int r = 0;

	if (S_ISLNK(item->st.st_mode)) {
		r = link_read_at(item->dirfd, item->name, &target);
		if (r == -ENOENT || r == -EINVAL)
			return 0;
		if (r < 0)
			return error_sys(err, -r, "read link %s", path);
		archive_entry_set_symlink(entry, target);
	}
	r = pack_entry_fill(tar, item, &item->st, entry, err);
	if (r == 0)
		r = write_header(tar, entry, path, err);
	if (r == 0)
		remember_link(tar, &item->st, path);
	return r;
}

static int add_directory(struct pack_tar *tar, const struct diff_item *item,
	struct archive_entry *entry, const char *path, struct error *err)
{
	autofree char *opaque =
		xasprintf("%s%s" WHITEOUT_OPAQUE, item->path, *item->path ? "/" : "");
	int r = pack_entry_fill(tar, item, &item->st, entry, err);

	if (r == 0)
		r = write_header(tar, entry, path, err);
	return r == 0 && item->is_opaque && tar->request->as_layer ? add_whiteout(tar, opaque, err)
								   : r;
}

/* What has no place in a layer, or in any archive. */
static bool is_left_out(const struct pack_tar *tar, const struct diff_item *item)
{
	if (S_ISSOCK(item->st.st_mode) || tree_is_whiteout(&item->st))
		return true;
	if (!tar->request->as_layer || (!str_after(item->path, WHITEOUT_PREFIX) &&
					       !strstr(item->path, "/" WHITEOUT_PREFIX)))
		return false;
	log_warn("%s is left out: in a layer, its name would delete a file", item->path);
	return true;
}

/* As in the archive: directories end in a slash, the root is "./". */
static char *entry_path(const struct pack_tar *tar, const struct diff_item *item)
{
	const char *prefix = tar->request->prefix ? tar->request->prefix : "";
	const char *path = *item->path || *prefix ? item->path : ".";
	const char *slash = S_ISDIR(item->st.st_mode) && (*path || !*prefix) ? "/" : "";

	return xasprintf("%s%s%s", prefix, path, slash);
}

int pack_tar_add(void *data, const struct diff_item *item, struct error *err)
{
	struct pack_tar *tar = data;
	AUTO(entry_free) struct archive_entry *entry = NULL;
	autofree char *path = NULL;
	const char *link;

	if (item->kind == DIFF_DELETED)
		return add_deleted(tar, item, err);
	if (!*item->path && tar->request->no_root)
		return 0;
	if (is_left_out(tar, item)) {
		tar->skipped++;
		return 0;
	}
	if (!tar->buffer)
		tar->buffer = xmalloc(BUFFER_SIZE);
	entry = archive_entry_new();
	path = entry_path(tar, item);
	archive_entry_set_pathname(entry, path);
	if (S_ISDIR(item->st.st_mode))
		return add_directory(tar, item, entry, path, err);
	link = item->st.st_nlink > 1 ? find_link(tar, &item->st) : NULL;
	if (link)
		return add_link(tar, item, entry, path, link, err);
	if (S_ISREG(item->st.st_mode))
		return add_file(tar, item, entry, path, err);
	return add_other(tar, item, entry, path, err);
}
