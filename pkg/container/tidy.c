/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <unistd.h>

#include "base/log.h"
#include "container/container.h"
#include "container/name-claim.h"
#include "sys/file.h"

/* Removal was killed between renaming the container's directory and freeing its name, or a rename.
 */
static void tidy_names(struct store *store, size_t containers)
{
	AUTO(strv_free) char **names = NULL;

	if (dir_list_at(store->rootfd, "container-names", &names, NULL) < 0 ||
		strv_len(names) == containers)
		return;
	for (size_t i = 0; names[i]; i++)
		name_claim_drop_stale(store, names[i], NULL);
}

/* Removal was killed before it came to the run directory, which is made after the container is. */
static void tidy_run_dirs(struct store *store)
{
	AUTO(strv_free) char **ids = NULL;

	if (dir_list_at(store->runfd, "containers", &ids, NULL) < 0)
		return;
	for (size_t i = 0; ids[i]; i++) {
		autofree char *path = xasprintf("containers/%s", ids[i]);

		if (faccessat(store->rootfd, path, F_OK, 0) == 0 || errno != ENOENT)
			continue;
		log_debug("collect garbage: %s/%s", store->run, path);
		dir_remove_all_at(store->runfd, path, NULL);
	}
}

void container_tidy(struct store *store, size_t containers)
{
	tidy_names(store, containers);
	tidy_run_dirs(store);
}
