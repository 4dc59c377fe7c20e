/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_LAYER_UNPACK_H
#define STORAGE_LAYER_UNPACK_H

#include "storage/layer.h"

/*
 * Unpacking of image layers (storage_archive_dep: the only part that links libarchive).
 *
 * Each layer is unpacked by a child process that is confined to the layer's own directory:
 * chroot, no descriptors but its input and its result, few capabilities, no new privileges, a
 * seccomp filter without sockets, exec, mounts or new processes. Several may run at once.
 */
#define LAYER_MAX_ENTRIES 4000000u
#define LAYER_MAX_SIZE (UINT64_C(256) << 30)
#define LAYER_MAX_DEPTH 200u

struct layer_unpack_request {
	uint64_t max_entries; /* 0: LAYER_MAX_ENTRIES */
	uint64_t max_size;    /* bytes of the archive and of each file; 0: LAYER_MAX_SIZE */
};

struct layer_unpacker;

/*
 * layer_unpack_start - start a child that unpacks what is written to layer_unpacker_fd().
 * @request: may be NULL for the defaults
 *
 * The caller must ignore SIGPIPE. Other unpackers' descriptors do not leak into the child.
 */
int layer_unpack_start(struct store *store, const struct layer_unpack_request *request,
	struct layer_unpacker **ret, struct error *err);
/*
 * Write end of a pipe: takes the layer as it is (gzip, zstd, xz, bzip2 or plain tar, told apart by
 * content). Blocking; the caller may make it O_NONBLOCK and poll for a while. EPIPE means that the
 * child has given up: layer_unpack_finish() tells why. Borrowed.
 */
int layer_unpacker_fd(const struct layer_unpacker *unpacker);
/*
 * Writes all to the descriptor, which must be blocking (again). -EPIPE when the child has given up;
 * layer_unpack_finish() says why.
 */
int layer_unpacker_write(struct layer_unpacker *unpacker, const void *data, size_t len);
/* End of input: the child comes to its end by itself; layer_unpack_finish() is still needed. */
void layer_unpacker_end(struct layer_unpacker *unpacker);
/*
 * layer_unpack_finish - end of input: waits for the child, frees the unpacker.
 * @ret: the tree in staging with its diff_id; owned by the caller
 *
 * Returns 0; -EBADMSG for a malformed or refused archive, -EFBIG beyond a limit, -ENOSPC …
 * On failure nothing is left.
 */
int layer_unpack_finish(
	struct layer_unpacker *unpacker, struct layer_unpacked **ret, struct error *err);
/* Kills the child and removes what it made. */
void layer_unpacker_free(struct layer_unpacker *unpacker);
DEFINE_AUTO(struct layer_unpacker *, layer_unpacker_free);

/* start, copy from @fd to its end, finish. */
int layer_unpack_fd(struct store *store, int fd, const struct layer_unpack_request *request,
	struct layer_unpacked **ret, struct error *err);

#endif
