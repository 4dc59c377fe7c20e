/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/optional-file.h"

#include <errno.h>
#include <unistd.h>

#include "sys/file.h"

int optional_file_read(
	int dirfd, const char *path, size_t limit, char **ret, size_t *ret_len, struct error *err)
{
	int r = file_read_at(dirfd, path, limit, ret, ret_len, err);

	if (r == -ENOENT || r == -ENOTDIR || (r == -EACCES && geteuid() == 0))
		return 0;
	return r < 0 ? r : 1;
}
