/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/unpack-stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "storage/unpack-tree.h"
#include "sys/file.h"

#define READ_SIZE (256 * 1024)

/*
 * Two libarchive readers in a row: the first one takes the compression off and knows nothing of
 * tar (format "raw"), the second one reads the tar from its output. In between lies the hash,
 * because a layer is identified by its uncompressed archive.
 */
struct unpack_stream {
	struct archive *raw;
	struct archive *tar;
	struct hasher *hasher;
	const struct unpack_limits *limits;
	const struct unpack_sink *sink;
	uint64_t entries;
	struct unpack_xattr *xattrs; /* of the current entry; grown, never shrunk */
	size_t xattr_room;
	uint64_t tar_size;
	uint64_t size;
	bool is_empty; /* there was nothing to decompress */
	struct error *err;
};

/* The text of libarchive, which names no file; code EBADMSG unless it passes on an errno. */
static int archive_failed(struct archive *archive, const char *what, struct error *err)
{
	const char *text = archive_error_string(archive);
	int code = archive_errno(archive);

	if (code != ENOMEM && code != EIO)
		code = EBADMSG;
	return error_set(err, code, "%s: %s", what, text ? text : "malformed");
}

static la_ssize_t read_raw(struct archive *tar, void *data, const void **ret_buffer)
{
	struct unpack_stream *stream = data;
	la_int64_t offset;
	size_t len = 0;
	int r;

	if (stream->is_empty)
		return 0;
	do {
		r = archive_read_data_block(stream->raw, ret_buffer, &len, &offset);
	} while (r == ARCHIVE_RETRY || (r == ARCHIVE_OK && len == 0));
	if (r == ARCHIVE_EOF)
		return 0;
	if (r < ARCHIVE_WARN) {
		archive_failed(stream->raw, "decompress layer", stream->err);
		archive_set_error(tar, EIO, "input ended");
		return -1;
	}
	stream->tar_size += len;
	if (stream->tar_size > stream->limits->max_size) {
		error_set(stream->err, EFBIG, "layer is larger than the limit of %" PRIu64 " bytes",
			stream->limits->max_size);
		archive_set_error(tar, EFBIG, "too large");
		return -1;
	}
	hasher_update(stream->hasher, *ret_buffer, len);
	return (la_ssize_t)len;
}

static int open_readers(struct unpack_stream *stream, int input)
{
	struct archive_entry *entry;
	int r;

	archive_read_support_filter_gzip(stream->raw);
	archive_read_support_filter_zstd(stream->raw);
	archive_read_support_filter_xz(stream->raw);
	archive_read_support_filter_bzip2(stream->raw);
	archive_read_support_format_raw(stream->raw);
	archive_read_support_format_empty(stream->raw);
	if (archive_read_open_fd(stream->raw, input, READ_SIZE) != ARCHIVE_OK)
		return archive_failed(stream->raw, "read layer", stream->err);
	r = archive_read_next_header(stream->raw, &entry);
	if (r != ARCHIVE_OK && r != ARCHIVE_EOF)
		return archive_failed(stream->raw, "decompress layer", stream->err);
	stream->is_empty = r == ARCHIVE_EOF;
	archive_read_support_format_tar(stream->tar);
	archive_read_support_format_empty(stream->tar);
	if (archive_read_open(stream->tar, stream, NULL, read_raw, NULL) != ARCHIVE_OK)
		return stream->err->code ? -stream->err->code
					 : archive_failed(stream->tar, "read tar", stream->err);
	return 0;
}

static void fill_xattrs(
	struct unpack_stream *stream, struct archive_entry *from, struct unpack_entry *entry)
{
	const char *name;
	const void *value;
	size_t size, count = 0;

	if (archive_entry_xattr_reset(from) == 0)
		return;
	while (archive_entry_xattr_next(from, &name, &value, &size) == ARCHIVE_OK) {
		if (!name)
			continue;
		if (count == stream->xattr_room) {
			stream->xattr_room = stream->xattr_room ? stream->xattr_room * 2 : 8;
			stream->xattrs = xrealloc(
				stream->xattrs, stream->xattr_room, sizeof(*stream->xattrs));
		}
		stream->xattrs[count++] =
			(struct unpack_xattr){.name = name, .value = value, .size = size};
	}
	entry->xattrs = stream->xattrs;
	entry->xattr_count = count;
}

static int fill_entry(
	struct unpack_stream *stream, struct archive_entry *from, struct unpack_entry *entry)
{
	*entry = (struct unpack_entry){
		.path = archive_entry_pathname(from),
		.hardlink = archive_entry_hardlink(from),
		.symlink = archive_entry_symlink(from),
		.mode = archive_entry_filetype(from) | (archive_entry_perm(from) & 07777),
		.uid = archive_entry_uid(from),
		.gid = archive_entry_gid(from),
		.rdev = archive_entry_rdev(from),
		.times[1] = {.tv_sec = archive_entry_mtime(from),
			.tv_nsec = archive_entry_mtime_nsec(from)},
	};
	entry->times[0] = entry->times[1];
	if (archive_entry_atime_is_set(from))
		entry->times[0] = (struct timespec){.tv_sec = archive_entry_atime(from),
			.tv_nsec = archive_entry_atime_nsec(from)};
	for (int i = 0; i < 2; i++) {
		if (entry->times[i].tv_nsec < 0 || entry->times[i].tv_nsec > 999999999)
			entry->times[i].tv_nsec = 0;
	}
	if (!entry->path)
		return error_set(stream->err, EBADMSG, "archive entry without a usable name");
	if (!entry->hardlink && S_ISLNK(entry->mode) && !entry->symlink)
		return error_set(stream->err, EBADMSG,
			"archive entry \"%.200s\": symbolic link without target", entry->path);
	if (!entry->hardlink && (entry->mode & S_IFMT) == 0)
		return error_set(stream->err, EBADMSG, "archive entry \"%.200s\": unknown type",
			entry->path);
	fill_xattrs(stream, from, entry);
	return 0;
}

static int write_at(int fd, const char *data, size_t len, off_t offset)
{
	while (len) {
		ssize_t done = pwrite(fd, data, len, offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		data += done;
		len -= (size_t)done;
		offset += done;
	}
	return 0;
}

static int copy_data(struct unpack_stream *stream, const char *path, int fd, int64_t size)
{
	const void *buffer;
	la_int64_t offset, end = 0;
	size_t len;
	int r;

	if (size < 0 || (uint64_t)size > stream->limits->max_size)
		return error_set(stream->err, EFBIG,
			"archive entry \"%.200s\": larger than the "
			"limit of %" PRIu64 " bytes",
			path, stream->limits->max_size);
	while ((r = archive_read_data_block(stream->tar, &buffer, &len, &offset)) != ARCHIVE_EOF) {
		if (r == ARCHIVE_RETRY)
			continue;
		if (r < ARCHIVE_WARN)
			return stream->err->code ? -stream->err->code
						 : archive_failed(stream->tar, path, stream->err);
		if (offset < 0 || offset > size || (uint64_t)len > (uint64_t)(size - offset))
			return error_set(stream->err, EBADMSG,
				"archive entry \"%.200s\": data beyond its end", path);
		r = write_at(fd, buffer, len, offset);
		if (r < 0)
			return error_sys(stream->err, -r, "write %.200s", path);
		end = offset + (la_int64_t)len;
		stream->size += len;
	}
	/* A sparse file may end in a hole. */
	if (end < size && ftruncate(fd, size) < 0)
		return error_sys(stream->err, errno, "write %.200s", path);
	return 0;
}

static int unpack_entry(struct unpack_stream *stream, struct archive_entry *from)
{
	struct unpack_entry entry;
	int fd = -1;
	int r = fill_entry(stream, from, &entry);

	if (r < 0)
		return r;
	if (stream->entries++ >= stream->limits->max_entries)
		return error_set(stream->err, EFBIG,
			"layer has more entries than the limit of %" PRIu64,
			stream->limits->max_entries);
	r = stream->sink->add(stream->sink->data, &entry, &fd, stream->err);
	if (r < 0 || fd < 0)
		return r;
	r = copy_data(stream, entry.path, fd, archive_entry_size(from));
	if (r < 0) {
		close(fd);
		return r;
	}
	return stream->sink->end(stream->sink->data, &entry, fd, stream->err);
}

static int unpack_entries(struct unpack_stream *stream)
{
	struct archive_entry *entry;
	int r;

	for (;;) {
		r = archive_read_next_header(stream->tar, &entry);
		if (r == ARCHIVE_EOF)
			return 0;
		/* The cause lies in the first reader when that one has failed. */
		if (stream->err->code)
			return -stream->err->code;
		if (r < ARCHIVE_WARN)
			return archive_failed(stream->tar, "read tar", stream->err);
		r = unpack_entry(stream, entry);
		if (r < 0)
			return r;
	}
}

/* What follows the archive's end (padding) belongs to the digest. */
static int drain(struct unpack_stream *stream)
{
	const void *buffer;
	la_ssize_t len;

	while ((len = read_raw(stream->tar, stream, &buffer)) > 0)
		;
	return len < 0 ? -stream->err->code : 0;
}

/*
 * What follows the compressed stream belongs to nothing but the blob, whose digest is the caller's.
 * It is read all the same: a pipe that breaks would tell the caller that the layer is bad.
 */
static int drain_input(struct unpack_stream *stream, int input)
{
	char buffer[4096];
	ssize_t got;

	do
		got = read(input, buffer, sizeof(buffer));
	while (got > 0 || (got < 0 && errno == EINTR));
	return got < 0 ? error_sys(stream->err, errno, "read layer") : 0;
}

static int run(struct unpack_stream *stream, int input)
{
	int r = open_readers(stream, input);

	if (r == 0)
		r = unpack_entries(stream);
	if (r == 0)
		r = drain(stream);
	if (r == 0)
		r = drain_input(stream, input);
	return r;
}

int unpack_read(int input, const struct unpack_limits *limits, const struct unpack_sink *sink,
	struct unpack_result *ret)
{
	struct unpack_stream stream = {.limits = limits, .sink = sink, .err = &ret->error};
	autofree char *diff_id = NULL;
	int r;

	stream.raw = archive_read_new();
	stream.tar = archive_read_new();
	stream.hasher = hasher_new("sha256");
	r = run(&stream, input);
	if (r == 0) {
		diff_id = hasher_finish(stream.hasher);
		snprintf(ret->diff_id, sizeof(ret->diff_id), "%s", diff_id);
		ret->error.code = 0;
	}
	ret->size = stream.size;
	ret->tar_size = stream.tar_size;
	ret->entries = stream.entries;
	archive_read_free(stream.tar);
	archive_read_free(stream.raw);
	hasher_free(stream.hasher);
	free(stream.xattrs);
	return r;
}

static int add_to_tree(void *data, const struct unpack_entry *entry, int *ret_fd, struct error *err)
{
	return unpack_tree_add(data, entry, ret_fd, err);
}

static int end_in_tree(void *data, const struct unpack_entry *entry, int fd, struct error *err)
{
	return unpack_tree_end(data, entry, fd, err);
}

static int finish_tree(struct unpack_tree *tree, int fixups, struct error *err)
{
	int r = unpack_tree_finish(tree, err);

	if (r == 0 && fixups >= 0 && tree->fixups.len) {
		r = fd_write_all(fixups, tree->fixups.data, tree->fixups.len);
		if (r < 0)
			error_sys(err, -r, "write layer");
	}
	return r;
}

void unpack_stream(int input, int root, int fixups, const struct unpack_limits *limits,
	struct unpack_result *ret)
{
	struct unpack_tree tree;
	const struct unpack_sink sink = {.data = &tree, .add = add_to_tree, .end = end_in_tree};

	*ret = (struct unpack_result){0};
	unpack_tree_init(&tree, root);
	if (unpack_read(input, limits, &sink, ret) == 0)
		(void)finish_tree(&tree, fixups, &ret->error);
	ret->skipped = tree.skipped;
	ret->remapped = tree.remapped;
	unpack_tree_release(&tree);
}
