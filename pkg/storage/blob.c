/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/str.h"
#include "storage/blob-path.h"
#include "storage/digest-dir.h"
#include "sys/file.h"

char *blob_path(const char *digest, struct error *err)
{
	if (!digest || !digest_is_valid(digest) || !str_after(digest, "sha256:")) {
		error_set(err, EINVAL, "\"%.100s\" is not a sha256 digest", digest ? digest : "");
		return NULL;
	}
	return xasprintf("blobs/sha256/%s", digest_hex(digest));
}

void blob_seal(struct store *store, const char *digest)
{
	autofree char *path = blob_path(digest, NULL);

	if (path)
		fchmodat(store->rootfd, path, 0400, 0);
}

int blob_list(struct store *store, char ***ret, struct error *err)
{
	return digest_dir_list(store->rootfd, "blobs/sha256", "", ret, err);
}

int blob_open(struct store *store, const char *digest, struct error *err)
{
	autofree char *path = blob_path(digest, err);
	int fd;

	if (!path)
		return -EINVAL;
	fd = openat(store->rootfd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? error_sys(err, errno, "blob %s", digest) : fd;
}

int blob_read(struct store *store, const char *digest, size_t limit, char **ret, size_t *ret_len,
	struct error *err)
{
	autoclose int fd = blob_open(store, digest, err);
	int r;

	if (fd < 0)
		return fd;
	r = fd_read_all(fd, limit, ret, ret_len, err);
	return r < 0 ? error_wrap(err, r, "blob %s", digest) : 0;
}

int blob_remove(struct store *store, const char *digest, struct error *err)
{
	autofree char *path = blob_path(digest, err);

	if (!path)
		return -EINVAL;
	if (unlinkat(store->rootfd, path, 0) < 0 && errno != ENOENT)
		return error_sys(err, errno, "remove blob %s", digest);
	return 0;
}
