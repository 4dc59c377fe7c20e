/* SPDX-License-Identifier: Apache-2.0 */
/* Apart from blob.c: a program that only reads blobs needs no hash functions. */
#include "storage/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/str.h"
#include "storage/blob-path.h"
#include "sys/file.h"
#include "sys/process.h"

#define COPY_SIZE (256 * 1024)

struct blob_writer {
	struct store *store;
	char *digest;  /* NULL: anonymous */
	char *path;    /* of the partial file, relative to rootfd */
	char *staging; /* anonymous: the directory it lies in */
	char *owner;   /* lock file */
	int fd;
	int lockfd;    /* of owner, or of staging */
	uint64_t size; /* announced, or BLOB_SIZE_UNKNOWN */
	uint64_t offset;
	struct hasher *hasher;
};

/*
 * A blob without write permission is known to be on disk (blob_seal()). Another one may come from
 * a pull that a power cut ended, its name older than its content: it counts if it still verifies.
 */
static int check_unsealed(
	struct store *store, const char *path, const char *digest, struct error *err)
{
	AUTO(hasher_free) struct hasher *hasher = hasher_new("sha256");
	autofree char *buffer = xmalloc(COPY_SIZE);
	autofree char *found = NULL;
	autoclose int fd = openat(store->rootfd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t got;

	if (fd < 0)
		return errno == ENOENT ? 0 : error_sys(err, errno, "blob %s", digest);
	while ((got = read(fd, buffer, COPY_SIZE)) > 0)
		hasher_update(hasher, buffer, (size_t)got);
	if (got < 0)
		return error_sys(err, errno, "read blob %s", digest);
	found = hasher_finish(hasher);
	if (str_eq(found, digest))
		return 1;
	unlinkat(store->rootfd, path, 0);
	return 0;
}

int blob_find(struct store *store, const char *digest, uint64_t *ret_size, struct error *err)
{
	autofree char *path = blob_path(digest, err);
	struct stat st;
	int r;

	if (!path)
		return -EINVAL;
	if (fstatat(store->rootfd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : error_sys(err, errno, "blob %s", digest);
	r = st.st_mode & 0200 ? check_unsealed(store, path, digest, err) : 1;
	if (r == 1 && ret_size)
		*ret_size = (uint64_t)st.st_size;
	return r;
}

int blob_put(
	struct store *store, const void *data, size_t len, char **ret_digest, struct error *err)
{
	AUTO(blob_writer_free) struct blob_writer *writer = NULL;
	autofree char *digest = digest_of(data, len);
	int r = blob_writer_new(store, digest, len, &writer, err);

	if (r == 0 && writer) {
		if (writer->offset)
			r = blob_writer_restart(writer, err);
		if (r == 0)
			r = blob_writer_write(writer, data, len, err);
		if (r == 0)
			r = blob_writer_commit(take_ptr(writer), NULL, err);
	}
	if (r == 0 && ret_digest)
		*ret_digest = take_ptr(digest);
	return r;
}

/* Takes the lock of a partial blob; repeats when the file was removed while we waited for it. */
static int lock_partial(struct store *store, const char *owner, struct error *err)
{
	for (;;) {
		autoclose int fd = lock_open_at(store->rootfd, owner, false, err);
		struct stat locked, named;

		if (fd < 0)
			return fd;
		if (fstat(fd, &locked) == 0 &&
			fstatat(store->rootfd, owner, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
			locked.st_ino == named.st_ino)
			return take_fd(fd);
	}
}

/* Hashes what an earlier writer left. More than was announced cannot be the beginning of it. */
static int resume(struct blob_writer *writer, struct error *err)
{
	autofree char *buffer = xmalloc(COPY_SIZE);
	ssize_t got;

	while ((got = pread(writer->fd, buffer, COPY_SIZE, (off_t)writer->offset)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_sys(err, errno, "read partial blob %s", writer->digest);
		hasher_update(writer->hasher, buffer, (size_t)got);
		writer->offset += (uint64_t)got;
	}
	if (writer->size != BLOB_SIZE_UNKNOWN && writer->offset > writer->size)
		return blob_writer_restart(writer, err);
	if (lseek(writer->fd, (off_t)writer->offset, SEEK_SET) < 0)
		return error_sys(err, errno, "seek in partial blob %s", writer->digest);
	return 0;
}

/*
 * A partial file from before a reboot may have holes that were never written: it is only trusted
 * in the boot that is recorded in the lock file beside it.
 */
static int check_boot(struct blob_writer *writer, struct error *err)
{
	char boot[9] = "";
	ssize_t len = pread(writer->lockfd, boot, 8, 0);

	if (len == 8 && str_eq(boot, boot_id_short()))
		return 0;
	if (ftruncate(writer->fd, 0) < 0 || pwrite(writer->lockfd, boot_id_short(), 8, 0) != 8)
		return error_sys(err, errno, "start partial blob %s", writer->digest);
	return 0;
}

int blob_writer_new(struct store *store, const char *digest, uint64_t size,
	struct blob_writer **ret, struct error *err)
{
	AUTO(blob_writer_free) struct blob_writer *writer = NULL;
	int r = blob_find(store, digest, NULL, err);

	if (r < 0)
		return r;
	*ret = NULL;
	if (r == 1)
		return 0;
	writer = xnew(struct blob_writer);
	writer->fd = writer->lockfd = -1;
	writer->store = store;
	writer->size = size;
	writer->digest = xstrdup(digest);
	writer->path = xasprintf("partial/%s", digest_hex(digest));
	writer->owner = xasprintf("partial/%s.owner", digest_hex(digest));
	writer->hasher = hasher_new("sha256");
	writer->lockfd = lock_partial(store, writer->owner, err);
	if (writer->lockfd < 0)
		return writer->lockfd;
	r = blob_find(store, digest, NULL, err);
	if (r != 0) {
		unlinkat(store->rootfd, writer->owner, 0);
		return r < 0 ? r : 0;
	}
	writer->fd = openat(
		store->rootfd, writer->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (writer->fd < 0)
		return error_sys(err, errno, "create partial blob %s", digest);
	r = check_boot(writer, err);
	if (r == 0)
		r = resume(writer, err);
	if (r < 0)
		return r;
	*ret = take_ptr(writer);
	return 0;
}

int blob_writer_anonymous(struct store *store, struct blob_writer **ret, struct error *err)
{
	AUTO(blob_writer_free) struct blob_writer *writer = xnew(struct blob_writer);

	writer->fd = writer->lockfd = -1;
	writer->store = store;
	writer->size = BLOB_SIZE_UNKNOWN;
	writer->hasher = hasher_new("sha256");
	writer->lockfd = store_staging_new(store, &writer->staging, err);
	if (writer->lockfd < 0)
		return writer->lockfd;
	writer->path = xasprintf("%s/blob", writer->staging);
	writer->fd = openat(store->rootfd, writer->path,
		O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (writer->fd < 0)
		return error_sys(err, errno, "create blob");
	*ret = take_ptr(writer);
	return 0;
}

uint64_t blob_writer_offset(const struct blob_writer *writer)
{
	return writer->offset;
}

int blob_writer_fd(const struct blob_writer *writer)
{
	return writer->fd;
}

int blob_writer_write(struct blob_writer *writer, const void *data, size_t len, struct error *err)
{
	int r;

	if (writer->size != BLOB_SIZE_UNKNOWN && len > writer->size - writer->offset)
		return error_set(err, EFBIG, "blob %s: longer than the announced %" PRIu64 " bytes",
			writer->digest, writer->size);
	r = fd_write_all(writer->fd, data, len);
	if (r < 0)
		return error_sys(err, -r, "write blob %s", writer->digest ? writer->digest : "");
	hasher_update(writer->hasher, data, len);
	writer->offset += len;
	return 0;
}

int blob_writer_restart(struct blob_writer *writer, struct error *err)
{
	if (ftruncate(writer->fd, 0) < 0 || lseek(writer->fd, 0, SEEK_SET) < 0)
		return error_sys(err, errno, "restart blob %s", writer->digest);
	hasher_free(writer->hasher);
	writer->hasher = hasher_new("sha256");
	writer->offset = 0;
	return 0;
}

static int verify(struct blob_writer *writer, const char *digest, struct error *err)
{
	if (writer->size != BLOB_SIZE_UNKNOWN && writer->offset != writer->size)
		return error_set(err, EBADMSG,
			"blob %s: has %" PRIu64 " bytes instead of the announced %" PRIu64,
			writer->digest, writer->offset, writer->size);
	if (writer->digest && !str_eq(writer->digest, digest))
		return error_set(
			err, EBADMSG, "blob %s: the content has digest %s", writer->digest, digest);
	return 0;
}

int blob_writer_commit(struct blob_writer *owned, char **ret_digest, struct error *err)
{
	AUTO(blob_writer_free) struct blob_writer *writer = owned;
	autofree char *digest = hasher_finish(writer->hasher);
	autofree char *path = blob_path(digest, err);
	int r = verify(writer, digest, err);

	/* hasher_finish() leaves nothing that could be added to. */
	hasher_free(take_ptr(writer->hasher));
	if (r < 0) {
		unlinkat(writer->store->rootfd, writer->path, 0);
		return r;
	}
	if (renameat(writer->store->rootfd, writer->path, writer->store->rootfd, path) < 0)
		return error_sys(err, errno, "store blob %s", digest);
	/* While the lock is held: who waits for it looks at the name again. */
	if (writer->owner)
		unlinkat(writer->store->rootfd, writer->owner, 0);
	if (ret_digest)
		*ret_digest = take_ptr(digest);
	return 0;
}

void blob_writer_free(struct blob_writer *writer)
{
	if (!writer)
		return;
	if (writer->staging)
		dir_remove_all_at(writer->store->rootfd, writer->staging, NULL);
	close_fd(&writer->fd);
	close_fd(&writer->lockfd);
	hasher_free(writer->hasher);
	free(writer->digest);
	free(writer->path);
	free(writer->staging);
	free(writer->owner);
	free(writer);
}
