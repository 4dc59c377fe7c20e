/* SPDX-License-Identifier: Apache-2.0 */
#ifndef USERNS_USERNS_H
#define USERNS_USERNS_H

#include <stdbool.h>

#include "base/idrange.h"

/*
 * The rootless user namespace. One per run directory: a small process, the keeper, holds it, so
 * that the id map is written once (newuidmap and newgidmap cost more than a container start) and
 * every later command only joins it.
 */
enum userns_kind {
	USERNS_MAPPED = 0, /* all subordinate ids of the caller */
	USERNS_SINGLE,     /* one id: no ranges, or no helper programs */
	USERNS_NESTED,     /* ids that an outer user namespace gave to us */
	USERNS_ROOT,       /* started by real root, mapped into an unprivileged range */
};

struct userns_info {
	enum userns_kind kind;
	uint32_t owner_uid; /* the caller's ids before entering, as the outer namespace sees them */
	uint32_t owner_gid;
	struct idmap uids;
	struct idmap gids;
};

/*
 * userns_enter - join the user namespace, making it first where there is none.
 * @run_root:  directory of keeper.json; made with mode 0700 where missing
 * @data_root: the store; given to the range, like @run_root, when real root enters; may be NULL
 * @ret:       zeroed by the caller; userns_info_release() it
 *
 * The calling process must have a single thread. It is id 0 with all capabilities afterwards.
 * Does nothing but fill @ret when the process is in it already. A map that is less than asked
 * for is used with one warning that says what was lost; it is given when the namespace is made.
 *
 * Returns 0; -EPERM where the host does not allow user namespaces; else as from the kernel.
 */
int userns_enter(const char *run_root, const char *data_root, struct userns_info *ret,
	struct error *err);
void userns_info_release(struct userns_info *info);
const char *userns_kind_name(enum userns_kind kind); /* "mapped", … */

/* Ends the keeper, so that the next command reads the id ranges anew. 0 also when none runs. */
int userns_end(const char *run_root, struct error *err);

#endif
