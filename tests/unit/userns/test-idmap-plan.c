/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "userns/idmap-plan.h"

struct plan_case {
	uint32_t uid;
	bool can_set_ids, is_initial, has_helpers, has_ranges;
	enum userns_kind kind;
	const char *uids;
	bool lost, helpers, deny;
};

static void plans_follow_the_ladder(void **state)
{
	static const struct plan_case cases[] = {
		/* the usual user */
		{ 1000, false, true, true, true, USERNS_MAPPED, "0 1000 1\n1 100000 65536\n", false, true,
			false },
		/* no ranges, or no helpers */
		{ 1000, false, true, true, false, USERNS_SINGLE, "0 1000 1\n", true, false, true },
		{ 1000, false, true, false, true, USERNS_SINGLE, "0 1000 1\n", true, false, true },
		/* real root is never mapped to itself */
		{ 0, true, true, true, true, USERNS_ROOT, "0 100000 65536\n", false, false, false },
		{ 0, true, true, false, false, USERNS_ROOT, "0 524288 65536\n", false, false, false },
		/* root of an outer container keeps the ids it has */
		{ 0, true, false, true, false, USERNS_NESTED, "0 0 1\n1 1 65536\n", false, false, false },
		/* an outer container without the capabilities */
		{ 0, false, false, true, false, USERNS_SINGLE, "0 0 1\n", true, false, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct plan_case *c = &cases[i];
		struct idmap_facts facts = { .uid = c->uid, .gid = c->uid, .can_set_ids = c->can_set_ids,
			.is_initial = c->is_initial, .has_helpers = c->has_helpers, .user = "me",
			.free_base = 524288 };
		struct idmap_plan plan;
		autofree char *text = NULL;

		idmap_add(&facts.own_uids, 0, 1000, 1);
		idmap_add(&facts.own_uids, 1, 100000, 65536);
		idmap_copy(&facts.own_gids, &facts.own_uids);
		if (c->has_ranges) {
			idmap_add(&facts.subuids, 1, 100000, 65536);
			idmap_add(&facts.subgids, 1, 100000, 65536);
		}
		idmap_plan_make(&facts, &plan);
		text = idmap_text(&plan.uids);
		assert_int_equal(plan.kind, c->kind);
		assert_string_equal(text, c->uids);
		assert_int_equal(plan.lost != NULL, c->lost);
		assert_int_equal(plan.use_helpers, c->helpers);
		assert_int_equal(plan.deny_setgroups, c->deny);
		idmap_plan_release(&plan);
		idmap_release(&facts.own_uids);
		idmap_release(&facts.own_gids);
		idmap_release(&facts.subuids);
		idmap_release(&facts.subgids);
	}
}

/* Also with every capability there: what it can give on is no more than it has. */
static void an_outer_namespace_with_one_id_gives_one_id_and_says_so(void **state)
{
	struct idmap_facts facts = {
		.uid = 1000, .gid = 100, .can_set_ids = true, .has_helpers = true};
	struct idmap_plan plan;
	autofree char *text = NULL;

	(void)state;
	idmap_add(&facts.own_uids, 1000, 1000, 1);
	idmap_add(&facts.own_gids, 100, 100, 1);
	idmap_plan_make(&facts, &plan);
	text = idmap_text(&plan.uids);
	assert_int_equal(plan.kind, USERNS_SINGLE);
	assert_string_equal(text, "0 1000 1\n");
	assert_non_null(plan.lost);
	idmap_plan_release(&plan);
	idmap_release(&facts.own_uids);
	idmap_release(&facts.own_gids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans_follow_the_ladder),
		cmocka_unit_test(an_outer_namespace_with_one_id_gives_one_id_and_says_so),
	};

	return cmocka_run_group_tests_name("userns/idmap-plan", tests, NULL, NULL);
}
