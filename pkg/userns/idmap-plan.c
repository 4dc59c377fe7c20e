/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/idmap-plan.h"

#include "base/str.h"

#define ROOT_RANGE_SIZE 65536

/* Inside ids from 0 on for ranges that were counted from 1. */
static void shift_to_zero(struct idmap *to, const struct idmap *ranges)
{
	for (size_t i = 0; i < ranges->count; i++)
		idmap_add(to, ranges->ranges[i].inside - 1, ranges->ranges[i].outside,
			ranges->ranges[i].size);
}

static void plan_root(const struct idmap_facts *facts, struct idmap_plan *plan)
{
	plan->kind = USERNS_ROOT;
	if (facts->subuids.count && facts->subgids.count) {
		shift_to_zero(&plan->uids, &facts->subuids);
		shift_to_zero(&plan->gids, &facts->subgids);
		return;
	}
	idmap_add(&plan->uids, 0, facts->free_base, ROOT_RANGE_SIZE);
	idmap_add(&plan->gids, 0, facts->free_base, ROOT_RANGE_SIZE);
}

/* All ids that are mapped for us, each to itself. */
static void map_onto_itself(struct idmap *to, const struct idmap *own)
{
	for (size_t i = 0; i < own->count; i++)
		idmap_add(to, own->ranges[i].inside, own->ranges[i].inside, own->ranges[i].size);
}

static void plan_single(const struct idmap_facts *facts, const char *reason,
	struct idmap_plan *plan)
{
	plan->kind = USERNS_SINGLE;
	plan->deny_setgroups = true;
	idmap_add(&plan->uids, 0, facts->uid, 1);
	idmap_add(&plan->gids, 0, facts->gid, 1);
	plan->lost = xasprintf("%s: containers have one user id, and files of other users in "
			       "images belong to it",
		reason);
}

static bool is_single_id(const struct idmap *map)
{
	return map->count == 1 && map->ranges[0].size == 1;
}

void idmap_plan_make(const struct idmap_facts *facts, struct idmap_plan *ret)
{
	struct idmap_plan plan = { .kind = USERNS_MAPPED };

	if (facts->can_set_ids && facts->is_initial && facts->uid == 0) {
		plan_root(facts, &plan);
	} else if (facts->can_set_ids && is_single_id(&facts->own_uids)) {
		plan_single(facts, "this user namespace has no more than one user id", &plan);
	} else if (facts->can_set_ids && !facts->is_initial) {
		plan.kind = USERNS_NESTED;
		map_onto_itself(&plan.uids, &facts->own_uids);
		map_onto_itself(&plan.gids, &facts->own_gids);
	} else if (!facts->subuids.count || !facts->subgids.count) {
		autofree char *reason = xasprintf(
			"no subordinate ids for %s in /etc/subuid and /etc/subgid (usermod "
			"--add-subuids 100000-165535 --add-subgids 100000-165535 %s)",
			facts->user ? facts->user : "this user", facts->user ? facts->user : "USER");

		plan_single(facts, reason, &plan);
	} else if (!facts->has_helpers) {
		plan_single(facts,
			"newuidmap and newgidmap are not installed (package uidmap)", &plan);
	} else {
		plan.use_helpers = true;
		idmap_add(&plan.uids, 0, facts->uid, 1);
		idmap_copy(&plan.uids, &facts->subuids);
		idmap_add(&plan.gids, 0, facts->gid, 1);
		idmap_copy(&plan.gids, &facts->subgids);
	}
	*ret = plan;
}

void idmap_plan_release(struct idmap_plan *plan)
{
	idmap_release(&plan->uids);
	idmap_release(&plan->gids);
	free(plan->lost);
	*plan = (struct idmap_plan){ 0 };
}
