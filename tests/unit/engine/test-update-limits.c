/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "engine/update-limits.h"

#define MIB (INT64_C(1) << 20)

static struct run_limits given(void)
{
	return RUN_LIMITS_INIT;
}

static int apply(const struct run_limits *limits, struct spec_resources *resources,
	struct spec_resources *changes)
{
	*changes = (struct spec_resources){0};
	return update_limits(limits, NULL, resources, changes, NULL);
}

static void swap_follows_memory_unless_it_was_asked_for(void **state)
{
	static const struct {
		int64_t swap;
		const char *wanted;
		int64_t result;
	} cases[] = {
		{128 * MIB, NULL, 192 * MIB},
		{100 * MIB, NULL, 100 * MIB},
		{-1, NULL, -1},
		{100 * MIB, "-1", -1},
		{100 * MIB, "200m", 200 * MIB},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct spec_resources changes, resources = {.memory = {.has_limit = true,
								    .limit = 64 * MIB,
								    .has_swap = true,
								    .swap = cases[i].swap}};
		struct run_limits limits = given();

		limits.has_memory = true;
		limits.memory_bytes = 96 * MIB;
		limits.memory_swap = (char *)cases[i].wanted;
		assert_int_equal(apply(&limits, &resources, &changes), 0);
		assert_int_equal(resources.memory.limit, 96 * MIB);
		assert_int_equal(resources.memory.swap, cases[i].result);
		assert_int_equal(changes.memory.limit, 96 * MIB);
		assert_int_equal(changes.memory.swap, cases[i].result);
		assert_false(changes.cpu.has_quota);
		assert_false(changes.has_pids);
	}
}

static void what_is_taken_away_is_written_as_no_limit(void **state)
{
	struct spec_resources changes, resources = {.memory = {.has_limit = true,
							    .limit = 64 * MIB,
							    .has_swap = true,
							    .swap = 70 * MIB},
					       .cpu = {.has_quota = true,
						       .quota = 5000,
						       .has_period = true,
						       .period = 10000},
					       .has_pids = true,
					       .pids = {.limit = 5}};
	struct run_limits limits = given();

	(void)state;
	limits.has_memory = true;
	limits.cpus = (char *)"0";
	limits.has_pids_limit = true;
	assert_int_equal(apply(&limits, &resources, &changes), 0);
	assert_false(resources.memory.has_limit || resources.memory.has_swap);
	assert_false(resources.cpu.has_quota || resources.cpu.has_period);
	assert_int_equal(resources.pids.limit, -1);
	assert_true(changes.memory.has_limit && changes.memory.has_swap);
	assert_int_equal(changes.memory.limit, -1);
	assert_int_equal(changes.memory.swap, -1);
	assert_true(changes.cpu.has_quota);
	assert_int_equal(changes.cpu.quota, -1);
	assert_int_equal(changes.pids.limit, -1);
}

static void quota_and_period_change_apart(void **state)
{
	struct spec_resources changes, resources = {.cpu = {.has_quota = true,
							    .quota = 5000,
							    .has_period = true,
							    .period = 10000}};
	struct run_limits limits = given();

	(void)state;
	limits.cpu_quota = 7000;
	assert_int_equal(apply(&limits, &resources, &changes), 0);
	assert_int_equal(changes.cpu.quota, 7000);
	assert_int_equal(changes.cpu.period, 10000);
	limits = given();
	limits.cpu_period = 20000;
	assert_int_equal(apply(&limits, &resources, &changes), 0);
	assert_int_equal(changes.cpu.quota, 7000);
	assert_int_equal(changes.cpu.period, 20000);
	limits = given();
	limits.cpus = (char *)"2";
	assert_int_equal(apply(&limits, &resources, &changes), 0);
	assert_int_equal(resources.cpu.quota, 200000);
	assert_int_equal(resources.cpu.period, 100000);
	assert_false(changes.memory.has_limit);
}

static void rates_are_replaced_by_device(void **state)
{
	struct throttle items[] = {{.kind = THROTTLE_READ_BPS, .major = 8, .minor = 16, .rate = 9},
		{.kind = THROTTLE_READ_BPS, .major = 8, .minor = 0, .rate = 5},
		{.kind = THROTTLE_WRITE_IOPS, .major = 8, .minor = 0, .rate = 3}};
	const struct throttle_list list = {items, 3};
	struct spec_resources changes = {0}, resources = {0};
	struct run_limits limits = given();
	char *one[] = {"/dev/sda:5", NULL};

	(void)state;
	resources.block_io.read_bps = xcalloc(1, sizeof(*resources.block_io.read_bps));
	resources.block_io.read_bps_count = 1;
	resources.block_io.read_bps[0] =
		(struct spec_throttle_device){.major = 8, .minor = 0, .rate = 1};
	limits.device_read_bps = one;
	assert_int_equal(update_limits(&limits, &list, &resources, &changes, NULL), 0);
	assert_int_equal(resources.block_io.read_bps_count, 2);
	assert_int_equal(resources.block_io.read_bps[0].rate, 5);
	assert_int_equal(resources.block_io.read_bps[1].minor, 16);
	assert_int_equal(resources.block_io.write_iops_count, 1);
	assert_int_equal(changes.block_io.read_bps_count, 2);
	json_release(spec_resources_fields, &resources);
}

static void what_is_refused_changes_nothing(void **state)
{
	struct spec_resources changes, resources = {.memory = {.has_limit = true,
							    .limit = 64 * MIB,
							    .has_swap = true,
							    .swap = 70 * MIB},
					       .cpu = {.has_shares = true, .shares = 5}};
	struct run_limits limits = given();

	(void)state;
	limits.cpu_shares = 7;
	limits.has_memory = true;
	limits.memory_bytes = 80 * MIB;
	assert_int_equal(apply(&limits, &resources, &changes), -EINVAL);
	assert_int_equal(resources.cpu.shares, 5);
	assert_int_equal(resources.memory.limit, 64 * MIB);
	limits = given();
	assert_true(update_limits_are_none(&limits));
	limits.cpu_shares = 7;
	assert_false(update_limits_are_none(&limits));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(swap_follows_memory_unless_it_was_asked_for),
		cmocka_unit_test(what_is_taken_away_is_written_as_no_limit),
		cmocka_unit_test(quota_and_period_change_apart),
		cmocka_unit_test(rates_are_replaced_by_device),
		cmocka_unit_test(what_is_refused_changes_nothing),
	};

	return cmocka_run_group_tests_name("engine/update-limits", tests, NULL, NULL);
}
