/* SPDX-License-Identifier: Apache-2.0 */
#include "container/dependents.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/file.h"

int container_add_dependent(
	struct store *store, const char *id, const char *dependent, struct error *err)
{
	autofree char *dir = xasprintf("containers/%s/dependents", id);
	autofree char *path = xasprintf("%s/%s", dir, dependent);
	autoclose int fd = -1;

	if (mkdirat(store->rootfd, dir, 0700) < 0 && errno != EEXIST)
		return error_sys(err, errno, "create %s", dir);
	fd = openat(store->rootfd, path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? error_sys(err, errno, "create %s", path) : 0;
}

int container_dependents(struct store *store, const char *id, char ***ret, struct error *err)
{
	autofree char *dir = xasprintf("containers/%s/dependents", id);
	AUTO(strv_free) char **noted = NULL;
	int r = dir_list_at(store->rootfd, dir, &noted, err);

	if (r == -ENOENT)
		return 0;
	for (size_t i = 0; r == 0 && noted[i]; i++) {
		autofree char *path = xasprintf("containers/%s", noted[i]);

		if (faccessat(store->rootfd, path, F_OK, 0) == 0)
			strv_add(ret, noted[i]);
	}
	return r;
}
