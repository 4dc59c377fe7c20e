/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_DIGEST_DIR_H
#define STORAGE_DIGEST_DIR_H

#include "base/error.h"

/*
 * digest_dir_list - the sha256 digests that a directory's names stand for, HEX and @suffix each.
 * @ret: sorted strv, NULL for none; owned by the caller.  Other names are left out.
 */
int digest_dir_list(
	int dirfd, const char *name, const char *suffix, char ***ret, struct error *err);

#endif
