/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTAINER_DEPENDENTS_H
#define CONTAINER_DEPENDENTS_H

#include "storage/store.h"

/*
 * Containers that use the namespaces of another one. They are noted in the directory of the one
 * they depend on, containers/ID/dependents/, each as an empty file of its id, so that whoever
 * removes it need not read the records of all others. A note may lead to a container that is gone,
 * or that has not appeared yet.
 */

/* Notes that @dependent, which is about to be made, needs @id; both full ids. -ENOENT. */
int container_add_dependent(
	struct store *store, const char *id, const char *dependent, struct error *err);
/* Full ids of those that exist, as a strv; NULL for none. */
int container_dependents(struct store *store, const char *id, char ***ret, struct error *err);

#endif
