/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_PACK_ENTRY_H
#define STORAGE_PACK_ENTRY_H

#include <archive_entry.h>

#include "storage/pack-tar.h"

/* Owner, mode, size, time and attributes of a file into an entry. Returns 0; negative errno. */
int pack_entry_fill(const struct pack_tar *tar, const struct diff_item *item, const struct stat *st,
	struct archive_entry *entry, struct error *err);

#endif
