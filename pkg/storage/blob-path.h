/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_BLOB_PATH_H
#define STORAGE_BLOB_PATH_H

#include "base/error.h"

/*
 * Where a blob lies below the store, owned by the caller. Digests become file names: only what is
 * exactly 64 lower-case digits gets that far; NULL and -EINVAL for others.
 */
char *blob_path(const char *digest, struct error *err);

#endif
