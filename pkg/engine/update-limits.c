/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/update-limits.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/json.h"
#include "engine/specgen.h"

static bool asks_for_memory(const struct run_limits *limits)
{
	return limits->has_memory || limits->memory_swap || limits->memory_reservation_bytes;
}

static bool asks_for_quota(const struct run_limits *limits)
{
	return limits->cpus || limits->cpu_quota || limits->cpu_period;
}

static bool asks_for_throttles(const struct run_limits *limits)
{
	return limits->device_read_bps || limits->device_write_bps || limits->device_read_iops ||
	       limits->device_write_iops;
}

bool update_limits_are_none(const struct run_limits *limits)
{
	return !asks_for_memory(limits) && !asks_for_quota(limits) && !asks_for_throttles(limits) &&
	       limits->memory_swappiness == -1 && !limits->cpu_shares && !limits->cpuset_cpus &&
	       !limits->cpuset_mems && !limits->blkio_weight && !limits->has_pids_limit &&
	       limits->cgroup_conf.count == 0;
}

/* ---- what the container would have been created with ---- */

static uint64_t bytes_of(bool is_set, int64_t bytes)
{
	return is_set && bytes > 0 ? (uint64_t)bytes : 0;
}

/* NULL where the limit of swap is that which follows from the limit of memory. */
static char *swap_of(const struct spec_memory *memory)
{
	if (!memory->has_swap || (memory->has_limit && memory->swap == 2 * memory->limit))
		return NULL;
	return memory->swap < 0 ? xstrdup("-1") : xasprintf("%" PRId64 "b", memory->swap);
}

static void merge_memory(
	const struct run_limits *limits, const struct spec_memory *memory, struct run_limits *ret)
{
	bool is_unlimited = limits->has_memory && limits->memory_bytes == 0;

	ret->memory_bytes = limits->has_memory ? limits->memory_bytes
					       : bytes_of(memory->has_limit, memory->limit);
	ret->memory_reservation_bytes =
		limits->memory_reservation_bytes
			? limits->memory_reservation_bytes
			: bytes_of(memory->has_reservation, memory->reservation);
	if (limits->memory_swap)
		ret->memory_swap = xstrdup(limits->memory_swap);
	else if (!is_unlimited)
		ret->memory_swap = swap_of(memory);
	ret->memory_swappiness = limits->memory_swappiness;
}

static void merge_cpu(
	const struct run_limits *limits, const struct spec_cpu *cpu, struct run_limits *ret)
{
	int64_t old_quota = cpu->has_quota ? cpu->quota : 0;
	int64_t old_period = cpu->has_period ? (int64_t)cpu->period : 0;
	const char *cpus = limits->cpuset_cpus ? limits->cpuset_cpus : cpu->cpus;
	const char *mems = limits->cpuset_mems ? limits->cpuset_mems : cpu->mems;

	ret->cpus = xstrdup(limits->cpus);
	ret->cpu_quota = limits->cpu_quota || limits->cpus ? limits->cpu_quota : old_quota;
	ret->cpu_period = limits->cpu_period || limits->cpus ? limits->cpu_period : old_period;
	ret->cpu_shares = limits->cpu_shares ? limits->cpu_shares
			  : cpu->has_shares  ? (int64_t)cpu->shares
					     : 0;
	ret->cpuset_cpus = xstrdup(cpus);
	ret->cpuset_mems = xstrdup(mems);
}

static void merge(const struct run_limits *limits, const struct spec_resources *resources,
	struct run_limits *ret)
{
	merge_memory(limits, &resources->memory, ret);
	merge_cpu(limits, &resources->cpu, ret);
	ret->blkio_weight = limits->blkio_weight;
	if (!ret->blkio_weight && resources->block_io.has_weight)
		ret->blkio_weight = resources->block_io.weight;
}

/* ---- what the container has from now on ---- */

struct throttles {
	struct spec_throttle_device **items;
	size_t *count;
};

static void replace_throttles(struct throttles old, struct throttles more)
{
	size_t total = *old.count + *more.count;

	*old.items = xrealloc(*old.items, total, sizeof(**old.items));
	for (size_t i = 0; i < *more.count; i++) {
		const struct spec_throttle_device *item = &(*more.items)[i];
		size_t at = 0;

		while (at < *old.count && ((*old.items)[at].major != item->major ||
						  (*old.items)[at].minor != item->minor))
			at++;
		(*old.items)[at] = *item;
		*old.count += at == *old.count;
	}
}

static void replace_block_io(struct spec_block_io *old, struct spec_block_io *fresh)
{
	const struct throttles pairs[][2] = {
		{{&old->read_bps, &old->read_bps_count},
			{&fresh->read_bps, &fresh->read_bps_count}},
		{{&old->write_bps, &old->write_bps_count},
			{&fresh->write_bps, &fresh->write_bps_count}},
		{{&old->read_iops, &old->read_iops_count},
			{&fresh->read_iops, &fresh->read_iops_count}},
		{{&old->write_iops, &old->write_iops_count},
			{&fresh->write_iops, &fresh->write_iops_count}},
	};

	old->has_weight = fresh->has_weight;
	old->weight = fresh->weight;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		if (*pairs[i][1].count)
			replace_throttles(pairs[i][0], pairs[i][1]);
}

/* The members that specgen_limits() makes; what a spec may have besides stays. */
static void replace(const struct run_limits *limits, struct spec_resources *resources,
	struct spec_resources *fresh)
{
	free(resources->cpu.cpus);
	free(resources->cpu.mems);
	resources->cpu = fresh->cpu;
	fresh->cpu = (struct spec_cpu){0};
	resources->memory = fresh->memory;
	replace_block_io(&resources->block_io, &fresh->block_io);
	strmap_copy(&resources->unified, &limits->cgroup_conf);
	if (limits->has_pids_limit) {
		resources->has_pids = true;
		resources->pids.limit = limits->pids_limit > 0 ? limits->pids_limit : -1;
	}
}

/* ---- what is written to the cgroup ---- */

static void note_memory(const struct spec_memory *memory, struct spec_memory *ret)
{
	*ret = *memory;
	if (!memory->has_limit) {
		ret->has_limit = ret->has_swap = true;
		ret->limit = ret->swap = -1;
	}
}

static void note_cpu(
	const struct run_limits *limits, const struct spec_cpu *cpu, struct spec_cpu *ret)
{
	if (asks_for_quota(limits)) {
		ret->has_quota = true;
		ret->quota = cpu->has_quota ? cpu->quota : -1;
		ret->has_period = cpu->has_period;
		ret->period = cpu->period;
	}
	ret->has_shares = limits->cpu_shares != 0;
	ret->shares = cpu->shares;
	ret->cpus = limits->cpuset_cpus ? cpu->cpus : NULL;
	ret->mems = limits->cpuset_mems ? cpu->mems : NULL;
}

static void note_changes(const struct run_limits *limits, const struct spec_resources *resources,
	struct spec_resources *ret)
{
	if (asks_for_memory(limits))
		note_memory(&resources->memory, &ret->memory);
	note_cpu(limits, &resources->cpu, &ret->cpu);
	/* Writing what is there already does no harm. */
	if (asks_for_throttles(limits))
		ret->block_io = resources->block_io;
	ret->block_io.has_weight = limits->blkio_weight != 0;
	ret->block_io.weight = resources->block_io.weight;
	if (limits->cgroup_conf.count)
		ret->unified = resources->unified;
	ret->has_pids = limits->has_pids_limit;
	ret->pids = resources->pids;
}

int update_limits(const struct run_limits *limits, const struct throttle_list *throttles,
	struct spec_resources *resources, struct spec_resources *ret, struct error *err)
{
	AUTO(run_limits_release) struct run_limits merged = RUN_LIMITS_INIT;
	struct spec_resources fresh = {0};
	int r;

	merge(limits, resources, &merged);
	r = specgen_limits(&merged, throttles, &fresh, err);
	if (r == 0) {
		replace(limits, resources, &fresh);
		note_changes(limits, resources, ret);
	}
	json_release(spec_resources_fields, &fresh);
	return r;
}
