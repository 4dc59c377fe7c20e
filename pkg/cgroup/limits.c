/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/limits.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cgroup/flat.h"

#define DEFAULT_PERIOD_USEC 100000
#define MIN_SHARES 2
#define MAX_SHARES 262144
#define MAX_WEIGHT 10000
#define MIN_IO_WEIGHT 10
#define MAX_IO_WEIGHT 1000

void cgroup_limits_release(struct cgroup_limits *limits)
{
	for (size_t i = 0; i < limits->count; i++) {
		free(limits->items[i].file);
		free(limits->items[i].value);
		free(limits->items[i].alt_file);
		free(limits->items[i].alt_value);
	}
	free(limits->items);
	*limits = (struct cgroup_limits){0};
}

/* Takes @value. */
static struct cgroup_setting *add(
	struct cgroup_limits *limits, const char *file, bool optional, char *value)
{
	struct cgroup_setting *item;

	limits->items = list_grow(limits->items, limits->count, sizeof(*limits->items));
	item = &limits->items[limits->count++];
	*item = (struct cgroup_setting){
		.file = xstrdup(file), .value = value, .optional = optional};
	return item;
}

/* A number, or "max" for less than one: no limit, which is what holds without the file as well. */
static struct cgroup_setting *add_max(struct cgroup_limits *limits, const char *file, int64_t value)
{
	return add(
		limits, file, value < 0, value < 0 ? xstrdup("max") : xasprintf("%" PRId64, value));
}

static int add_swap(
	const struct spec_memory *memory, struct cgroup_limits *limits, struct error *err)
{
	bool has_limit = memory->has_limit && memory->limit > 0;

	if (memory->has_swap && memory->swap > 0) {
		if (!has_limit)
			return error_set(
				err, EINVAL, "a limit of memory and swap needs a limit of memory");
		if (memory->swap < memory->limit)
			return error_set(err, EINVAL,
				"the limit of memory and swap, %" PRId64
				", is less than that of memory, %" PRId64,
				memory->swap, memory->limit);
		add_max(limits, "memory.swap.max", memory->swap - memory->limit)->may_lack = true;
	} else if ((memory->has_swap && memory->swap < 0) ||
		   (memory->has_limit && memory->limit < 0)) {
		/* Without a limit of memory, one of swap would be a surprise. */
		add_max(limits, "memory.swap.max", -1);
	}
	return 0;
}

static int add_memory(
	const struct spec_memory *memory, struct cgroup_limits *limits, struct error *err)
{
	int r;

	if (memory->has_swappiness)
		return error_set(err, ENOTSUP, "swappiness does not exist in cgroup v2");
	if (memory->disable_oom_killer)
		return error_set(err, ENOTSUP, "the OOM killer cannot be disabled in cgroup v2");
	r = add_swap(memory, limits, err);
	if (r < 0)
		return r;
	/* Behind the limit of swap, so that what memory.max pushes out knows where it may go. */
	if (memory->has_limit && memory->limit != 0)
		add_max(limits, "memory.max", memory->limit);
	if (memory->has_reservation && memory->reservation != 0)
		add_max(limits, "memory.low", memory->reservation);
	return 0;
}

unsigned cgroup_cpu_weight(uint64_t shares)
{
	if (shares < MIN_SHARES)
		shares = MIN_SHARES;
	if (shares > MAX_SHARES)
		shares = MAX_SHARES;
	return (unsigned)(1 + (shares - MIN_SHARES) * (MAX_WEIGHT - 1) / (MAX_SHARES - MIN_SHARES));
}

static int add_cpu(const struct spec_cpu *cpu, struct cgroup_limits *limits, struct error *err)
{
	uint64_t period = cpu->has_period && cpu->period ? cpu->period : DEFAULT_PERIOD_USEC;
	bool has_quota = cpu->has_quota && cpu->quota > 0;

	if ((cpu->has_realtime_runtime && cpu->realtime_runtime) ||
		(cpu->has_realtime_period && cpu->realtime_period))
		return error_set(err, ENOTSUP, "real-time CPU limits do not exist in cgroup v2");
	if (cpu->has_idle && cpu->idle)
		add(limits, "cpu.idle", false, xstrdup("1"));
	else if (cpu->has_shares && cpu->shares)
		add(limits, "cpu.weight", false, xasprintf("%u", cgroup_cpu_weight(cpu->shares)));
	if (has_quota)
		add(limits, "cpu.max", false,
			xasprintf("%" PRId64 " %" PRIu64, cpu->quota, period));
	else if (cpu->has_quota || (cpu->has_period && cpu->period))
		add(limits, "cpu.max", true, xasprintf("max %" PRIu64, period));
	if (cpu->has_burst && cpu->burst)
		add(limits, "cpu.max.burst", false, xasprintf("%" PRIu64, cpu->burst));
	if (!str_is_empty(cpu->cpus))
		add(limits, "cpuset.cpus", false, xstrdup(cpu->cpus));
	if (!str_is_empty(cpu->mems))
		add(limits, "cpuset.mems", false, xstrdup(cpu->mems));
	return 0;
}

unsigned cgroup_io_weight(uint32_t weight)
{
	return 1 + (weight - MIN_IO_WEIGHT) * (MAX_WEIGHT - 1) / (MAX_IO_WEIGHT - MIN_IO_WEIGHT);
}

/*
 * Two schedulers of the kernel know weights: BFQ with the numbers of cgroup v1, the cost model with
 * those of v2. Which files exist depends on the kernel's configuration.
 */
static int add_io_weight(
	const char *prefix, uint32_t weight, struct cgroup_limits *limits, struct error *err)
{
	struct cgroup_setting *item;

	if (weight < MIN_IO_WEIGHT || weight > MAX_IO_WEIGHT)
		return error_set(err, EINVAL, "blkio weight %u is not between %d and %d", weight,
			MIN_IO_WEIGHT, MAX_IO_WEIGHT);
	item = add(limits, "io.bfq.weight", false, xasprintf("%s%u", prefix, weight));
	item->alt_file = xstrdup("io.weight");
	item->alt_value =
		xasprintf("%s%u", *prefix ? prefix : "default ", cgroup_io_weight(weight));
	return 0;
}

static void add_throttles(const struct spec_throttle_device *devices, size_t count, const char *key,
	struct cgroup_limits *limits)
{
	for (size_t i = 0; i < count; i++) {
		const struct spec_throttle_device *item = &devices[i];
		autofree char *rate =
			item->rate ? xasprintf("%" PRIu64, item->rate) : xstrdup("max");

		add(limits, "io.max", item->rate == 0,
			xasprintf("%" PRId64 ":%" PRId64 " %s=%s", item->major, item->minor, key,
				rate));
	}
}

static int add_block_io(
	const struct spec_block_io *io, struct cgroup_limits *limits, struct error *err)
{
	int r = 0;

	if (io->has_weight && io->weight)
		r = add_io_weight("", io->weight, limits, err);
	for (size_t i = 0; r == 0 && i < io->weight_device_count; i++) {
		const struct spec_weight_device *item = &io->weight_devices[i];
		autofree char *prefix =
			xasprintf("%" PRId64 ":%" PRId64 " ", item->major, item->minor);

		r = add_io_weight(prefix, item->weight, limits, err);
	}
	if (r < 0)
		return r;
	add_throttles(io->read_bps, io->read_bps_count, "rbps", limits);
	add_throttles(io->write_bps, io->write_bps_count, "wbps", limits);
	add_throttles(io->read_iops, io->read_iops_count, "riops", limits);
	add_throttles(io->write_iops, io->write_iops_count, "wiops", limits);
	return 0;
}

static int add_hugepages(
	const struct spec_resources *resources, struct cgroup_limits *limits, struct error *err)
{
	for (size_t i = 0; i < resources->hugepage_limit_count; i++) {
		const struct spec_hugepage_limit *item = &resources->hugepage_limits[i];
		autofree char *file = xasprintf("hugetlb.%s.max", item->page_size);

		for (const char *at = item->page_size; *at; at++)
			if (!isalnum((unsigned char)*at))
				return error_set(err, EINVAL,
					"huge page size \"%s\" is not like 2MB", item->page_size);
		add(limits, file, false, xasprintf("%" PRIu64, item->limit));
	}
	return 0;
}

/* cgroup.procs, cgroup.kill and the like move and end processes; they are not resources. */
static bool is_core_file(const char *name)
{
	return str_after(name, "cgroup.") && !str_after(name, "cgroup.max.");
}

static int add_unified(
	const struct strmap *unified, struct cgroup_limits *limits, struct error *err)
{
	for (size_t i = 0; i < unified->count; i++) {
		const char *file = unified->items[i].key;

		if (strchr(file, '/') || !strchr(file, '.') || *file == '.')
			return error_set(err, EINVAL,
				"cgroup setting \"%s\" is not like CONTROLLER.NAME", file);
		if (is_core_file(file))
			return error_set(
				err, EINVAL, "cgroup setting \"%s\" is not a resource", file);
		add(limits, file, false, xstrdup(unified->items[i].value));
	}
	return 0;
}

int cgroup_limits_plan(const struct spec_resources *resources, bool default_pids,
	struct cgroup_limits *ret, struct error *err)
{
	AUTO(cgroup_limits_release) struct cgroup_limits limits = {0};
	int r = 0;

	if (resources->network || resources->rdma)
		r = error_set(err, ENOTSUP, "network and rdma limits are not supported");
	if (r == 0)
		r = add_memory(&resources->memory, &limits, err);
	if (r == 0)
		r = add_cpu(&resources->cpu, &limits, err);
	if (r == 0 && resources->has_pids && resources->pids.limit > 0)
		add(&limits, "pids.max", default_pids,
			xasprintf("%" PRId64, resources->pids.limit));
	else if (r == 0 && resources->has_pids)
		add_max(&limits, "pids.max", -1);
	if (r == 0)
		r = add_block_io(&resources->block_io, &limits, err);
	if (r == 0)
		r = add_hugepages(resources, &limits, err);
	if (r == 0)
		r = add_unified(&resources->unified, &limits, err);
	if (r < 0)
		return r;
	*ret = limits;
	limits = (struct cgroup_limits){0};
	return 0;
}

bool cgroup_limits_are_needed(const struct cgroup_limits *limits)
{
	for (size_t i = 0; i < limits->count; i++)
		if (!limits->items[i].optional)
			return true;
	return false;
}

char **cgroup_limits_controllers(const struct cgroup_limits *limits, bool needed_only)
{
	char **names = NULL;

	for (size_t i = 0; i < limits->count; i++) {
		const struct cgroup_setting *item = &limits->items[i];
		autofree char *name = xstrndup(item->file, strcspn(item->file, "."));

		/* "cgroup.max.depth" and its like need none. */
		if ((needed_only && item->optional) || str_eq(name, "cgroup"))
			continue;
		if (!strv_has(names, name))
			strv_add(&names, name);
	}
	return names;
}

static int write_setting(const struct cgroup_setting *item, int dirfd, struct error *err)
{
	const char *file = item->file, *value = item->value;
	int r = flat_write(dirfd, file, value);

	if (r == -ENOENT && item->alt_file) {
		file = item->alt_file;
		value = item->alt_value;
		r = flat_write(dirfd, file, value);
	}
	if (r == 0)
		return 0;
	if (item->optional) {
		log_debug("%s stays as it is: %s", file, strerror(-r));
		return 0;
	}
	if (r == -ENOENT && item->may_lack) {
		log_warn("%s is not limited: this kernel does not count it", file);
		return 0;
	}
	if (r == -ENODEV && str_after(file, "io."))
		return error_set(err, ENODEV,
			"set %s to %s: no such device, or a part of one: name the whole disk", file,
			value);
	return error_sys(err, -r, "set %s to %s", file, value);
}

int cgroup_limits_write(const struct cgroup_limits *limits, int dirfd, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < limits->count; i++)
		r = write_setting(&limits->items[i], dirfd, err);
	return r;
}
