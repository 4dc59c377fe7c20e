/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REGISTRY_OPTIONAL_FILE_H
#define REGISTRY_OPTIONAL_FILE_H

#include <stddef.h>

#include "base/error.h"

/*
 * optional_file_read - a configuration file that need not be there.
 * @limit: most bytes taken; -EFBIG beyond
 *
 * Real root has left its identity, and with it what only root may see: such a file counts as
 * absent. Returns 1 read (text owned by the caller); 0 absent, nothing set; else as failed.
 */
int optional_file_read(
	int dirfd, const char *path, size_t limit, char **ret, size_t *ret_len, struct error *err);

#endif
