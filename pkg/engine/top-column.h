/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_TOP_COLUMN_H
#define ENGINE_TOP_COLUMN_H

#include "base/idrange.h"
#include "base/str.h"
#include "engine/id-names.h"
#include "engine/top-process.h"

/*
 * A column of `top`: podman's descriptors, and the codes of ps(1) in AIX format that it knows.
 */
struct top_column;

/* What the cells of all processes have in common. */
struct top_context {
	const struct idmap *uids; /* the container's ids to ours; NULL: the same */
	const struct idmap *gids;
	const struct idmap *host_uids; /* ours to the host's */
	const struct idmap *host_gids;
	const struct id_names *users; /* of the container's passwd and group files */
	const struct id_names *groups;
	int64_t now_ns;    /* wall clock */
	int64_t uptime_ns; /* since the machine was booted */
	uint64_t ticks_per_second;
	uint64_t page_bytes;
};

/* "pid" or "%p"; NULL for what is not a descriptor. */
const struct top_column *top_column_find(const char *descriptor);
const char *top_column_header(const struct top_column *column); /* borrowed */
/* A cell, as the process may have written it. Owned by the caller. */
char *top_column_text(const struct top_column *column, const struct top_context *context,
	const struct top_process *process);

#endif
