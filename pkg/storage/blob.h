/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_BLOB_H
#define STORAGE_BLOB_H

#include <stdint.h>

#include "storage/store.h"

/*
 * Blobs by digest ("sha256:HEX"). A blob has its name only when its content is complete and
 * verified. Digests are checked here: one that is not a valid sha256 digest gives -EINVAL.
 */

/* 1 found (and its size in *ret_size unless NULL), 0 absent, negative errno. */
int blob_find(struct store *store, const char *digest, uint64_t *ret_size, struct error *err);
/* O_RDONLY descriptor of a complete blob; -ENOENT. */
int blob_open(struct store *store, const char *digest, struct error *err);
/* The whole blob in memory, NUL-terminated; -EFBIG beyond @limit. */
int blob_read(struct store *store, const char *digest, size_t limit, char **ret, size_t *ret_len,
	struct error *err);
/* Stores bytes that are in memory; *ret_digest (may be NULL) is owned by the caller. */
int blob_put(
	struct store *store, const void *data, size_t len, char **ret_digest, struct error *err);
/* Marks a blob as being on disk; only after store_sync(). Failure only costs a check later. */
void blob_seal(struct store *store, const char *digest);
/* Digests of all blobs, sorted strv (NULL for none). */
int blob_list(struct store *store, char ***ret, struct error *err);
/* 0 also when absent. */
int blob_remove(struct store *store, const char *digest, struct error *err);

struct blob_writer;

/* The size is not known before the end. */
#define BLOB_SIZE_UNKNOWN UINT64_MAX

/*
 * blob_writer_new - write a blob, going on where an earlier writer was interrupted.
 * @digest: what the content must have
 * @size:   what it must have in bytes, or BLOB_SIZE_UNKNOWN
 *
 * Waits while another process writes the same blob; *ret is NULL and 0 is returned when that one
 * has completed it in the meantime (or it was there before).
 * The bytes that are there already were hashed, blob_writer_offset() is their number and
 * blob_writer_fd() gives them.
 * Returns 0; else as from the kernel.
 */
int blob_writer_new(struct store *store, const char *digest, uint64_t size,
	struct blob_writer **ret, struct error *err);
/* blob_writer_anonymous - write a blob whose digest is not known yet (import). Never resumes. */
int blob_writer_anonymous(struct store *store, struct blob_writer **ret, struct error *err);
/* Bytes written so far, resumed ones included. */
uint64_t blob_writer_offset(const struct blob_writer *writer);
/* The partial file; pread() only. Borrowed. */
int blob_writer_fd(const struct blob_writer *writer);
/* Appends. -EFBIG when it gets longer than announced; -ENOSPC … as from the kernel. */
int blob_writer_write(struct blob_writer *writer, const void *data, size_t len, struct error *err);
/* Drops what is there and starts from byte 0 (the server did not honour a range). */
int blob_writer_restart(struct blob_writer *writer, struct error *err);
/*
 * blob_writer_commit - verify size and digest and give the blob its name; frees the writer.
 * @ret_digest: may be NULL; owned by the caller
 *
 * On -EBADMSG (wrong size or digest) the partial file is removed. Durable after store_sync(),
 * which image_add() does.
 */
int blob_writer_commit(struct blob_writer *writer, char **ret_digest, struct error *err);
/* Stops writing; what is there stays for a later writer (anonymous ones are removed). */
void blob_writer_free(struct blob_writer *writer);
DEFINE_AUTO(struct blob_writer *, blob_writer_free);

#endif
