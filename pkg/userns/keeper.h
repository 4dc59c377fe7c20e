/* SPDX-License-Identifier: Apache-2.0 */
#ifndef USERNS_KEEPER_H
#define USERNS_KEEPER_H

#include "sys/process.h"
#include "userns/userns.h"

/* keeper.json: who holds the user namespace. */
struct keeper_record {
	struct process_id process;
	int64_t namespace_inode; /* of its /proc/PID/ns/user: tells whether we are inside already */
	int64_t kind;            /* enum userns_kind */
	uint32_t owner_uid;
	uint32_t owner_gid;
};
extern const struct json_field keeper_fields[];

/* 0; -ENOENT when there is none. A damaged file counts as none. */
int keeper_read(int run_fd, struct keeper_record *ret);
void keeper_record_release(struct keeper_record *record);

/*
 * keeper_start - make a user namespace and a process that holds it, and record it.
 * The caller holds the lock of the run directory. Returns 0 with @ret filled.
 */
int keeper_start(int run_fd, struct keeper_record *ret, struct error *err);

#endif
