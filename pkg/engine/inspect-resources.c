/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "engine/inspect.h"
#include "spec/spec.h"

/* The spec keeps numbers only; udev has a name for each. */
static struct json_object *rates_json(const struct spec_throttle_device *items, size_t count)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++) {
		struct json_object *obj = json_object_new_object();
		autofree char *path = xasprintf(
			"/dev/block/%" PRId64 ":%" PRId64, items[i].major, items[i].minor);

		json_add_string(obj, "Path", path);
		json_add_int(obj, "Rate", (int64_t)items[i].rate);
		json_object_array_add(array, obj);
	}
	return array;
}

static void add_cpu(struct json_object *obj, const struct spec_cpu *cpu)
{
	bool has_quota = cpu->quota > 0 && cpu->period > 0;

	json_add_int(obj, "CpuShares", (int64_t)cpu->shares);
	json_add_int(obj, "CpuPeriod", (int64_t)cpu->period);
	json_add_int(obj, "CpuQuota", cpu->quota);
	json_add_int(obj, "CpuRealtimePeriod", 0);
	json_add_int(obj, "CpuRealtimeRuntime", 0);
	json_add_int(obj, "NanoCpus",
		has_quota ? (int64_t)((double)cpu->quota * 1e9 / (double)cpu->period) : 0);
	json_add_string(obj, "CpusetCpus", cpu->cpus);
	json_add_string(obj, "CpusetMems", cpu->mems);
}

static void add_memory(struct json_object *obj, const struct spec_memory *memory)
{
	json_add_int(obj, "Memory", memory->limit);
	json_add_int(obj, "MemoryReservation", memory->reservation);
	json_add_int(obj, "MemorySwap", memory->swap);
	json_add_int(obj, "MemorySwappiness", 0);
	json_add_int(obj, "KernelMemory", 0);
	json_add_bool(obj, "OomKillDisable", false);
}

static void add_block_io(struct json_object *obj, const struct spec_block_io *io)
{
	json_add_int(obj, "BlkioWeight", io->weight);
	json_object_object_add(obj, "BlkioWeightDevice", NULL);
	json_object_object_add(
		obj, "BlkioDeviceReadBps", rates_json(io->read_bps, io->read_bps_count));
	json_object_object_add(
		obj, "BlkioDeviceWriteBps", rates_json(io->write_bps, io->write_bps_count));
	json_object_object_add(
		obj, "BlkioDeviceReadIOps", rates_json(io->read_iops, io->read_iops_count));
	json_object_object_add(
		obj, "BlkioDeviceWriteIOps", rates_json(io->write_iops, io->write_iops_count));
}

void inspect_add_resources(struct json_object *obj, const struct container_record *record,
	const struct spec_resources *resources)
{
	add_cpu(obj, &resources->cpu);
	add_memory(obj, &resources->memory);
	add_block_io(obj, &resources->block_io);
	json_add_int(obj, "PidsLimit", resources->has_pids ? resources->pids.limit : 0);
	json_object_object_add(obj, "CgroupConf", json_from_strmap(&resources->unified));
	json_add_string(obj, "CgroupParent", record->cgroup_parent);
	json_add_string(obj, "CgroupManager", record->cgroup_manager);
	/* podman's word for what it calls "enabled" on the command line. */
	json_add_string(obj, "Cgroups",
		str_is_empty(record->cgroups) || str_eq(record->cgroups, "enabled")
			? "default"
			: record->cgroups);
	json_add_string(obj, "CgroupMode", "private");
}
