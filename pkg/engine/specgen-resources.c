/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>

#include "cgroup/choice.h"
#include "cgroup/limits.h"
#include "engine/specgen.h"
#include "engine/throttle.h"

/* podman's default, which ends a fork bomb before it is felt. */
#define DEFAULT_PIDS 2048
#define DEFAULT_PERIOD_USEC 100000
#define MIN_QUOTA_USEC 1000
#define MIN_PERIOD_USEC 1000
#define MAX_PERIOD_USEC 1000000
/* Digits behind the point of --cpus. */
#define MAX_CPU_DIGITS 9

static int check_size(uint64_t bytes, const char *option, int64_t *ret, struct error *err)
{
	if (bytes > INT64_MAX)
		return error_set(err, EINVAL, "%s: %" PRIu64 " is too large", option, bytes);
	*ret = (int64_t)bytes;
	return 0;
}

/* "-1" is no limit of swap; without the option it is as much swap as memory, as everywhere. */
static int set_swap(const struct run_limits *limits, struct spec_memory *memory, struct error *err)
{
	uint64_t bytes = 0;
	int r;

	if (str_eq(limits->memory_swap, "-1")) {
		memory->swap = -1;
	} else if (limits->memory_swap && str_to_size(limits->memory_swap, &bytes) < 0) {
		return error_set(err, EINVAL, "--memory-swap \"%s\" is neither a size nor -1",
			limits->memory_swap);
	} else {
		r = check_size(bytes, "--memory-swap", &memory->swap, err);
		if (r < 0)
			return r;
	}
	if (memory->swap && !memory->has_limit)
		return error_set(err, EINVAL,
			"--memory-swap counts memory and swap together and needs --memory");
	if (memory->swap > 0 && memory->swap < memory->limit)
		return error_set(err, EINVAL,
			"--memory-swap counts memory and swap together and must not be less than "
			"--memory");
	if (memory->has_limit && memory->swap == 0)
		memory->swap = memory->limit > INT64_MAX / 2 ? -1 : 2 * memory->limit;
	memory->has_swap = memory->swap != 0;
	return 0;
}

static int set_memory(
	const struct run_limits *limits, struct spec_memory *memory, struct error *err)
{
	int r = check_size(limits->memory_bytes, "--memory", &memory->limit, err);

	if (r == 0)
		r = check_size(limits->memory_reservation_bytes, "--memory-reservation",
			&memory->reservation, err);
	if (r < 0)
		return r;
	memory->has_limit = memory->limit != 0;
	memory->has_reservation = memory->reservation != 0;
	if (memory->has_limit && memory->reservation > memory->limit)
		return error_set(
			err, EINVAL, "--memory-reservation must not be more than --memory");
	if (limits->memory_swappiness != -1)
		return error_set(err, ENOTSUP,
			"--memory-swappiness is of cgroup v1; cgroup v2 has no such setting");
	return set_swap(limits, memory, err);
}

/* "1.5" as thousand millionths; -EINVAL. */
static int parse_cpus(const char *text, uint64_t *ret)
{
	const char *point = strchr(text, '.');
	autofree char *whole = xstrndup(text, point ? (size_t)(point - text) : strlen(text));
	autofree char *digits = xasprintf("%s000000000", point ? point + 1 : "");
	uint64_t units = 0, parts;

	if ((point && (!point[1] || strlen(point + 1) > MAX_CPU_DIGITS)) || (!point && !*whole))
		return -EINVAL;
	digits[MAX_CPU_DIGITS] = '\0';
	if ((*whole && str_to_u64(whole, 10, &units) < 0) || str_to_u64(digits, 10, &parts) < 0 ||
		units > 1000000)
		return -EINVAL;
	*ret = units * UINT64_C(1000000000) + parts;
	return 0;
}

static int set_cpus(const struct run_limits *limits, struct spec_cpu *cpu, struct error *err)
{
	uint64_t cpus;

	if (limits->cpu_quota || limits->cpu_period)
		return error_set(err, EINVAL, "--cpus and %s exclude each other",
			limits->cpu_quota ? "--cpu-quota" : "--cpu-period");
	if (parse_cpus(limits->cpus, &cpus) < 0)
		return error_set(
			err, EINVAL, "--cpus \"%s\" is not a number of processors", limits->cpus);
	if (cpus == 0)
		return 0;
	cpu->has_period = cpu->has_quota = true;
	cpu->period = DEFAULT_PERIOD_USEC;
	cpu->quota = (int64_t)(cpus / (UINT64_C(1000000000) / DEFAULT_PERIOD_USEC));
	if (cpu->quota < MIN_QUOTA_USEC)
		return error_set(err, EINVAL, "--cpus %s is less than 0.01", limits->cpus);
	return 0;
}

static int set_quota(const struct run_limits *limits, struct spec_cpu *cpu, struct error *err)
{
	if (limits->cpu_period &&
		(limits->cpu_period < MIN_PERIOD_USEC || limits->cpu_period > MAX_PERIOD_USEC))
		return error_set(err, EINVAL, "--cpu-period must be between %d and %d microseconds",
			MIN_PERIOD_USEC, MAX_PERIOD_USEC);
	if (limits->cpu_quota > 0 && limits->cpu_quota < MIN_QUOTA_USEC)
		return error_set(err, EINVAL, "--cpu-quota must be at least %d microseconds",
			MIN_QUOTA_USEC);
	cpu->has_period = limits->cpu_period != 0;
	cpu->period = (uint64_t)limits->cpu_period;
	cpu->has_quota = limits->cpu_quota != 0;
	cpu->quota = limits->cpu_quota;
	return 0;
}

static int set_cpu(const struct run_limits *limits, struct spec_cpu *cpu, struct error *err)
{
	if (limits->cpu_shares < 0)
		return error_set(err, EINVAL, "--cpu-shares must not be negative");
	cpu->has_shares = limits->cpu_shares != 0;
	cpu->shares = (uint64_t)limits->cpu_shares;
	cpu->cpus = xstrdup(limits->cpuset_cpus);
	cpu->mems = xstrdup(limits->cpuset_mems);
	return str_is_empty(limits->cpus) ? set_quota(limits, cpu, err)
					  : set_cpus(limits, cpu, err);
}

static int set_block_io(const struct run_limits *limits, const struct throttle_list *throttles,
	struct spec_block_io *io, struct error *err)
{
	int64_t weight = limits->blkio_weight;

	if (weight && (weight < 10 || weight > 1000))
		return error_set(err, EINVAL, "--blkio-weight must be between 10 and 1000");
	io->has_weight = weight != 0;
	io->weight = (uint32_t)weight;
	if (throttles)
		throttle_list_apply(throttles, io);
	return 0;
}

static void set_pids(const struct run_limits *limits, struct specgen_output *out)
{
	struct spec_resources *resources = &out->spec.linux.resources;
	bool is_off = str_eq(limits->cgroups, "disabled");

	if (!limits->has_pids_limit && is_off)
		return;
	resources->has_pids = true;
	resources->pids.limit = limits->has_pids_limit ? limits->pids_limit : DEFAULT_PIDS;
	if (resources->pids.limit == 0)
		resources->pids.limit = -1;
	out->record->pids_is_default = !limits->has_pids_limit;
}

/* What the cgroup of a later start would refuse whatever the machine, told now. */
static int check_plan(const struct specgen_output *out, struct error *err)
{
	AUTO(cgroup_limits_release) struct cgroup_limits plan = {0};
	const struct container_record *record = out->record;
	enum cgroup_mode mode;
	int r = cgroup_mode_parse(record->cgroups, &mode, err);

	if (r == 0)
		r = cgroup_limits_plan(
			&out->spec.linux.resources, record->pids_is_default, &plan, err);
	if (r < 0)
		return r;
	if (mode == CGROUP_MODE_DISABLED && cgroup_limits_are_needed(&plan))
		return error_set(
			err, EINVAL, "resource limits need a cgroup, and --cgroups is disabled");
	if (mode == CGROUP_MODE_SPLIT && !str_is_empty(record->cgroup_parent))
		return error_set(
			err, EINVAL, "--cgroups split and --cgroup-parent exclude each other");
	return 0;
}

int specgen_limits(const struct run_limits *limits, const struct throttle_list *throttles,
	struct spec_resources *ret, struct error *err)
{
	int r = set_memory(limits, &ret->memory, err);

	if (r == 0)
		r = set_cpu(limits, &ret->cpu, err);
	if (r == 0)
		r = set_block_io(limits, throttles, &ret->block_io, err);
	if (r == 0)
		strmap_copy(&ret->unified, &limits->cgroup_conf);
	return r;
}

int specgen_resources(const struct specgen_input *in, struct specgen_output *out, struct error *err)
{
	const struct run_limits *limits = &in->request->limits;
	struct spec_resources *resources = &out->spec.linux.resources;
	struct container_record *record = out->record;
	int r = specgen_limits(limits, in->throttles, resources, err);

	if (r < 0)
		return r;
	set_pids(limits, out);
	out->spec.linux.has_resources = true;
	record->cgroups = xstrdup(limits->cgroups ? limits->cgroups : "enabled");
	record->cgroup_manager = xstrdup(limits->cgroup_manager ? limits->cgroup_manager : "auto");
	record->cgroup_parent = xstrdup(limits->cgroup_parent);
	return check_plan(out, err);
}
