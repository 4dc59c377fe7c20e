/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/pack.h"

#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "storage/pack-compress.h"
#include "storage/pack-tar.h"
#include "sys/file.h"

#define ID_MAP_MAX 65536

/* The way of the bytes: libarchive, tar hash, compressor, blob hash, sink. */
struct pipeline {
	const struct pack_request *request;
	struct pack_result *result;
	struct hasher *tar_hasher;
	struct hasher *blob_hasher; /* NULL: the blob is the tar */
	struct compressor *compressor;
	bool has_failed;
	struct error error;
};

int pack_compression_parse(const char *text, enum pack_compression *ret)
{
	static const char *const names[] = {
		[PACK_PLAIN] = "none", [PACK_GZIP] = "gzip", [PACK_ZSTD] = "zstd"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (str_eq(text, names[i])) {
			*ret = (enum pack_compression)i;
			return 0;
		}
	}
	return -EINVAL;
}

int pack_to_fd(void *data, const void *bytes, size_t len, struct error *err)
{
	int r = fd_write_all(*(const int *)data, bytes, len);

	return r < 0 ? error_sys(err, -r, "write archive") : 0;
}

static int sink_write(
	const struct pack_sink *sink, const void *bytes, size_t len, struct error *err)
{
	return sink->write ? sink->write(sink->data, bytes, len, err) : 0;
}

/* A sink for the compressor. */
static int write_blob(void *data, const void *bytes, size_t len, struct error *err)
{
	struct pipeline *pipeline = data;

	pipeline->result->size += len;
	if (pipeline->blob_hasher)
		hasher_update(pipeline->blob_hasher, bytes, len);
	return sink_write(&pipeline->request->blob, bytes, len, err);
}

static la_ssize_t write_tar(struct archive *archive, void *data, const void *bytes, size_t len)
{
	struct pipeline *pipeline = data;
	struct error *err = &pipeline->error;
	int r;

	/* Else the end of what was begun would look as if all were there. */
	if (pipeline->has_failed) {
		archive_set_error(archive, EIO, "output ended");
		return -1;
	}
	pipeline->result->tar_size += len;
	hasher_update(pipeline->tar_hasher, bytes, len);
	r = sink_write(&pipeline->request->tar, bytes, len, err);
	if (r == 0 && pipeline->compressor)
		r = compressor_write(pipeline->compressor, bytes, len, err);
	else if (r == 0)
		r = write_blob(pipeline, bytes, len, err);
	if (r == 0)
		return (la_ssize_t)len;
	if (!err->code)
		error_sys(err, -r, "write archive");
	archive_set_error(archive, -r, "output ended");
	return -1;
}

static int open_pipeline(struct pipeline *pipeline, const struct pack_request *request,
	struct pack_result *result, const struct pack_sink *sink, struct error *err)
{
	pipeline->request = request;
	pipeline->result = result;
	pipeline->tar_hasher = hasher_new("sha256");
	if (request->compression == PACK_PLAIN)
		return 0;
	pipeline->blob_hasher = hasher_new("sha256");
	return compressor_new(
		request->compression, request->level, sink, &pipeline->compressor, err);
}

static void pipeline_release(struct pipeline *pipeline)
{
	hasher_free(pipeline->tar_hasher);
	hasher_free(pipeline->blob_hasher);
	compressor_free(pipeline->compressor);
}

/* Ids that this namespace has; where /proc does not tell, all. */
static void read_own_map(const char *path, struct idmap *ret)
{
	autofree char *text = NULL;

	if (file_read_at(AT_FDCWD, path, ID_MAP_MAX, &text, NULL, NULL) == 0)
		(void)idmap_parse(text, ret, NULL);
}

static int open_archive(struct archive *archive, struct pipeline *pipeline, struct error *err)
{
	int r = archive_write_set_format_pax(archive);

	/* The header that others know, and only that. */
	if (r == ARCHIVE_OK)
		r = archive_write_set_options(archive, "xattrheader=SCHILY");
	/* Large writes, but nothing that pads the last one. */
	if (r == ARCHIVE_OK)
		r = archive_write_set_bytes_per_block(archive, 1 << 18);
	if (r == ARCHIVE_OK)
		r = archive_write_set_bytes_in_last_block(archive, 1);
	if (r == ARCHIVE_OK)
		r = archive_write_open(archive, pipeline, NULL, write_tar, NULL);
	return r == ARCHIVE_OK ? 0 : error_set(err, EIO, "libarchive cannot write tar");
}

/* What is packed: all differences, or one file. */
struct source {
	struct diff *diff;
	const struct diff_item *item;
};

static int add_entries(const struct source *source, struct pack_tar *tar, struct error *err)
{
	if (source->item)
		return pack_tar_add(tar, source->item, err);
	return diff_walk(source->diff, tar->request->as_layer, pack_tar_add, tar, err);
}

static int write_archive(const struct source *source, struct pipeline *pipeline,
	struct pack_tar *tar, struct error *err)
{
	int r = open_archive(tar->archive, pipeline, err);

	if (r == 0)
		r = add_entries(source, tar, err);
	if (r < 0) {
		pipeline->has_failed = true;
		return r;
	}
	if (archive_write_close(tar->archive) != ARCHIVE_OK)
		return error_set(err, pipeline->error.code ? pipeline->error.code : EIO, "%s",
			pipeline->error.code ? error_text(&pipeline->error)
					     : archive_error_string(tar->archive));
	return pipeline->compressor ? compressor_finish(pipeline->compressor, err) : 0;
}

static void fill_result(
	struct pipeline *pipeline, const struct pack_tar *tar, struct pack_result *ret)
{
	autofree char *diff_id = hasher_finish(pipeline->tar_hasher);
	autofree char *digest =
		pipeline->blob_hasher ? hasher_finish(pipeline->blob_hasher) : xstrdup(diff_id);

	snprintf(ret->diff_id, sizeof(ret->diff_id), "%s", diff_id);
	snprintf(ret->digest, sizeof(ret->digest), "%s", digest);
	ret->entries = tar->entries;
	ret->skipped = tar->skipped;
}

static int run(const struct source *source, const struct pack_request *request,
	struct pack_result *ret, struct error *err)
{
	struct pipeline pipeline = {0};
	struct pack_result result = {0};
	struct pack_sink sink = {.write = write_blob, .data = &pipeline};
	struct pack_tar tar = {.request = request, .sink_error = &pipeline.error};
	/* Names in pax headers are UTF-8, whatever the person's locale is. */
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t old = uselocale(utf8);
	int r = open_pipeline(&pipeline, request, &result, &sink, err);

	read_own_map("/proc/self/uid_map", &tar.uids);
	read_own_map("/proc/self/gid_map", &tar.gids);
	tar.archive = archive_write_new();
	if (r == 0)
		r = write_archive(source, &pipeline, &tar, err);
	if (r == 0) {
		fill_result(&pipeline, &tar, &result);
		*ret = result;
	}
	archive_write_free(tar.archive);
	pack_tar_release(&tar);
	pipeline_release(&pipeline);
	uselocale(old);
	if (utf8)
		freelocale(utf8);
	return r;
}

int pack(struct diff *diff, const struct pack_request *request, struct pack_result *ret,
	struct error *err)
{
	return run(&(struct source){.diff = diff}, request, ret, err);
}

int pack_file(const struct diff_item *item, const struct pack_request *request,
	struct pack_result *ret, struct error *err)
{
	return run(&(struct source){.item = item}, request, ret, err);
}
