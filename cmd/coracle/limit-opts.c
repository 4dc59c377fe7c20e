/* SPDX-License-Identifier: Apache-2.0 */
#include "limit-opts.h"

#define L struct run_limits
const struct opt limit_opts[] = {
	OPT_I64(L, blkio_weight, "blkio-weight", 0, "WEIGHT", "Share of block I/O, 10 to 1000"),
	OPT_MAP(L, cgroup_conf, "cgroup-conf", 0, "FILE=VALUE", "Write a setting of cgroup v2"),
	OPT_I64(L, cpu_period, "cpu-period", 0, "USEC", "Period of --cpu-quota (default 100000)"),
	OPT_I64(L, cpu_quota, "cpu-quota", 0, "USEC", "Processor time in each period"),
	OPT_I64(L, cpu_shares, "cpu-shares", 'c', "SHARES",
		"Share of the processors under load (usual: 1024)"),
	OPT_STRING(L, cpus, "cpus", 0, "NUMBER", "Number of processors, such as 1.5"),
	OPT_STRING(
		L, cpuset_cpus, "cpuset-cpus", 0, "LIST", "Processors that it may run on (0-2,4)"),
	OPT_STRING(L, cpuset_mems, "cpuset-mems", 0, "LIST", "Memory nodes that it may use (0,1)"),
	OPT_CSV(L, device_read_bps, "device-read-bps", 0, "DEVICE:SIZE",
		"Bytes read from a device in a second"),
	OPT_CSV(L, device_read_iops, "device-read-iops", 0, "DEVICE:NUMBER",
		"Reads from a device in a second"),
	OPT_CSV(L, device_write_bps, "device-write-bps", 0, "DEVICE:SIZE",
		"Bytes written to a device in a second"),
	OPT_CSV(L, device_write_iops, "device-write-iops", 0, "DEVICE:NUMBER",
		"Writes to a device in a second"),
	OPT_SIZE(L, memory_bytes, "memory", 'm', "SIZE", "Limit of memory",
		.has_offset = offsetof(L, has_memory)),
	OPT_SIZE(L, memory_reservation_bytes, "memory-reservation", 0, "SIZE",
		"Memory that is taken back last"),
	OPT_STRING(L, memory_swap, "memory-swap", 0, "SIZE",
		"Limit of memory and swap together, or -1"),
	OPT_I64(L, memory_swappiness, "memory-swappiness", 0, "N", "Of cgroup v1; refused"),
	OPT_I64(L, pids_limit, "pids-limit", 0, "N",
		"Limit of processes and threads, or -1 (default 2048)",
		.has_offset = offsetof(L, has_pids_limit)),
	OPT_END,
};
