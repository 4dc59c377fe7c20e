/* SPDX-License-Identifier: Apache-2.0 */
#ifndef USERNS_IDMAP_PLAN_H
#define USERNS_IDMAP_PLAN_H

#include "userns/userns.h"

/* How the id map of a new user namespace is to be written, decided before anything is done. */
struct idmap_plan {
	enum userns_kind kind;
	bool use_helpers; /* newuidmap and newgidmap; else the files are written by us */
	bool deny_setgroups;
	struct idmap uids;
	struct idmap gids;
	char *lost; /* one sentence for a person; NULL when nothing was lost */
};

/* What the decision depends on. */
struct idmap_facts {
	uint32_t uid, gid;        /* of the caller, in its own namespace */
	bool can_set_ids;         /* CAP_SETUID and CAP_SETGID there */
	bool is_initial;          /* the caller is in the initial user namespace */
	bool has_helpers;         /* newuidmap and newgidmap were found */
	const char *user;         /* name for messages; may be NULL */
	struct idmap own_uids;    /* /proc/self/uid_map and gid_map */
	struct idmap own_gids;
	struct idmap subuids;     /* from 1 on, as subid_read() gives them */
	struct idmap subgids;
	uint32_t free_base;       /* for real root without ranges */
};

/* A pure function of the facts; idmap_plan_release() the result. */
void idmap_plan_make(const struct idmap_facts *facts, struct idmap_plan *ret);
void idmap_plan_release(struct idmap_plan *plan);

#endif
