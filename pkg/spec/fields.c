/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of config.json, in the order of the specification's pages config.md and
 * config-linux.md. Leaves first, because a table names those of its parts.
 */
#include "spec/spec.h"

/* {containerID, hostID, size}, the members of struct idmap. */
#define IDMAP(type, member, key)                                                                   \
	JSON_OBJECTS(type, member.ranges, member.count, key, idrange_fields)

const struct json_field spec_mount_fields[] = {
	JSON_STRING(struct spec_mount, destination, "destination", JSON_REQUIRED),
	JSON_STRING(struct spec_mount, type, "type"),
	JSON_STRING(struct spec_mount, source, "source"),
	JSON_STRINGS(struct spec_mount, options, "options"),
	IDMAP(struct spec_mount, uid_mappings, "uidMappings"),
	IDMAP(struct spec_mount, gid_mappings, "gidMappings"),
	JSON_END,
};

static const struct json_field root_fields[] = {
	JSON_STRING(struct spec_root, path, "path", JSON_REQUIRED),
	JSON_BOOL(struct spec_root, readonly, "readonly"),
	JSON_END,
};

static const struct json_field rlimit_fields[] = {
	JSON_STRING(struct spec_rlimit, type, "type", JSON_REQUIRED),
	JSON_U64(struct spec_rlimit, hard, "hard", JSON_REQUIRED),
	JSON_U64(struct spec_rlimit, soft, "soft", JSON_REQUIRED),
	JSON_END,
};

static const struct json_field user_fields[] = {
	JSON_U32(struct spec_user, uid, "uid", JSON_ALWAYS),
	JSON_U32(struct spec_user, gid, "gid", JSON_ALWAYS),
	JSON_HAS(U32, struct spec_user, umask, has_umask, "umask"),
	JSON_RAW(struct spec_user, additional_gids, "additionalGids"),
	JSON_STRING(struct spec_user, username, "username"),
	JSON_END,
};

static const struct json_field capabilities_fields[] = {
	JSON_STRINGS(struct spec_capabilities, bounding, "bounding"),
	JSON_STRINGS(struct spec_capabilities, effective, "effective"),
	JSON_STRINGS(struct spec_capabilities, inheritable, "inheritable"),
	JSON_STRINGS(struct spec_capabilities, permitted, "permitted"),
	JSON_STRINGS(struct spec_capabilities, ambient, "ambient"),
	JSON_END,
};

static const struct json_field console_size_fields[] = {
	JSON_U32(struct spec_console_size, height, "height", JSON_ALWAYS),
	JSON_U32(struct spec_console_size, width, "width", JSON_ALWAYS),
	JSON_END,
};

static const struct json_field scheduler_fields[] = {
	JSON_STRING(struct spec_scheduler, policy, "policy", JSON_REQUIRED),
	JSON_I32(struct spec_scheduler, nice, "nice"),
	JSON_I32(struct spec_scheduler, priority, "priority"),
	JSON_STRINGS(struct spec_scheduler, flags, "flags"),
	JSON_U64(struct spec_scheduler, runtime, "runtime"),
	JSON_U64(struct spec_scheduler, deadline, "deadline"),
	JSON_U64(struct spec_scheduler, period, "period"),
	JSON_END,
};

static const struct json_field io_priority_fields[] = {
	JSON_STRING(struct spec_io_priority, class, "class", JSON_REQUIRED),
	JSON_I32(struct spec_io_priority, priority, "priority", JSON_ALWAYS),
	JSON_END,
};

static const struct json_field cpu_affinity_fields[] = {
	JSON_STRING(struct spec_cpu_affinity, initial, "initial"),
	JSON_STRING(struct spec_cpu_affinity, final, "final"),
	JSON_END,
};

const struct json_field spec_process_fields[] = {
	JSON_BOOL(struct spec_process, terminal, "terminal"),
	JSON_OPT_OBJECT(struct spec_process, console_size, has_console_size, "consoleSize",
		console_size_fields),
	JSON_OBJECT(struct spec_process, user, "user", user_fields),
	JSON_STRINGS(struct spec_process, args, "args"),
	JSON_STRINGS(struct spec_process, env, "env"),
	JSON_STRING(struct spec_process, cwd, "cwd", JSON_REQUIRED),
	JSON_OPT_OBJECT(struct spec_process, capabilities, has_capabilities, "capabilities",
		capabilities_fields),
	JSON_OBJECTS(struct spec_process, rlimits, rlimit_count, "rlimits", rlimit_fields),
	JSON_BOOL(struct spec_process, no_new_privileges, "noNewPrivileges"),
	JSON_STRING(struct spec_process, apparmor_profile, "apparmorProfile"),
	JSON_STRING(struct spec_process, selinux_label, "selinuxLabel"),
	JSON_HAS(I32, struct spec_process, oom_score_adj, has_oom_score_adj, "oomScoreAdj"),
	JSON_OPT_OBJECT(struct spec_process, scheduler, has_scheduler, "scheduler",
		scheduler_fields),
	JSON_OPT_OBJECT(struct spec_process, io_priority, has_io_priority, "ioPriority",
		io_priority_fields),
	JSON_OPT_OBJECT(struct spec_process, exec_cpu_affinity, has_exec_cpu_affinity,
		"execCPUAffinity", cpu_affinity_fields),
	JSON_END,
};

static const struct json_field hook_fields[] = {
	JSON_STRING(struct spec_hook, path, "path", JSON_REQUIRED),
	JSON_STRINGS(struct spec_hook, args, "args"),
	JSON_STRINGS(struct spec_hook, env, "env"),
	JSON_HAS(I32, struct spec_hook, timeout, has_timeout, "timeout"),
	JSON_END,
};

#define HOOKS(member, key)                                                                         \
	JSON_OBJECTS(struct spec_hooks, member, member##_count, key, hook_fields)
static const struct json_field hooks_fields[] = {
	HOOKS(prestart, "prestart"),
	HOOKS(create_runtime, "createRuntime"),
	HOOKS(create_container, "createContainer"),
	HOOKS(start_container, "startContainer"),
	HOOKS(poststart, "poststart"),
	HOOKS(poststop, "poststop"),
	JSON_END,
};

static const struct json_field namespace_fields[] = {
	JSON_STRING(struct spec_namespace, type, "type", JSON_REQUIRED),
	JSON_STRING(struct spec_namespace, path, "path"),
	JSON_END,
};

static const struct json_field device_fields[] = {
	JSON_STRING(struct spec_device, type, "type", JSON_REQUIRED),
	JSON_STRING(struct spec_device, path, "path", JSON_REQUIRED),
	JSON_I64(struct spec_device, major, "major", JSON_ALWAYS),
	JSON_I64(struct spec_device, minor, "minor", JSON_ALWAYS),
	JSON_HAS(U32, struct spec_device, file_mode, has_file_mode, "fileMode"),
	JSON_HAS(U32, struct spec_device, uid, has_uid, "uid"),
	JSON_HAS(U32, struct spec_device, gid, has_gid, "gid"),
	JSON_END,
};

static const struct json_field device_rule_fields[] = {
	JSON_BOOL(struct spec_device_rule, allow, "allow", JSON_REQUIRED),
	JSON_STRING(struct spec_device_rule, type, "type"),
	JSON_HAS(I64, struct spec_device_rule, major, has_major, "major"),
	JSON_HAS(I64, struct spec_device_rule, minor, has_minor, "minor"),
	JSON_STRING(struct spec_device_rule, access, "access"),
	JSON_END,
};

static const struct json_field memory_fields[] = {
	JSON_HAS(I64, struct spec_memory, limit, has_limit, "limit"),
	JSON_HAS(I64, struct spec_memory, reservation, has_reservation, "reservation"),
	JSON_HAS(I64, struct spec_memory, swap, has_swap, "swap"),
	JSON_HAS(I64, struct spec_memory, kernel, has_kernel, "kernel"),
	JSON_HAS(I64, struct spec_memory, kernel_tcp, has_kernel_tcp, "kernelTCP"),
	JSON_HAS(U64, struct spec_memory, swappiness, has_swappiness, "swappiness"),
	JSON_BOOL(struct spec_memory, disable_oom_killer, "disableOOMKiller"),
	JSON_BOOL(struct spec_memory, use_hierarchy, "useHierarchy"),
	JSON_BOOL(struct spec_memory, check_before_update, "checkBeforeUpdate"),
	JSON_END,
};

static const struct json_field cpu_fields[] = {
	JSON_HAS(U64, struct spec_cpu, shares, has_shares, "shares"),
	JSON_HAS(I64, struct spec_cpu, quota, has_quota, "quota"),
	JSON_HAS(U64, struct spec_cpu, burst, has_burst, "burst"),
	JSON_HAS(U64, struct spec_cpu, period, has_period, "period"),
	JSON_HAS(I64, struct spec_cpu, realtime_runtime, has_realtime_runtime, "realtimeRuntime"),
	JSON_HAS(U64, struct spec_cpu, realtime_period, has_realtime_period, "realtimePeriod"),
	JSON_STRING(struct spec_cpu, cpus, "cpus"),
	JSON_STRING(struct spec_cpu, mems, "mems"),
	JSON_HAS(I64, struct spec_cpu, idle, has_idle, "idle"),
	JSON_END,
};

static const struct json_field weight_device_fields[] = {
	JSON_I64(struct spec_weight_device, major, "major", JSON_ALWAYS),
	JSON_I64(struct spec_weight_device, minor, "minor", JSON_ALWAYS),
	JSON_U32(struct spec_weight_device, weight, "weight"),
	JSON_U32(struct spec_weight_device, leaf_weight, "leafWeight"),
	JSON_END,
};

static const struct json_field throttle_device_fields[] = {
	JSON_I64(struct spec_throttle_device, major, "major", JSON_ALWAYS),
	JSON_I64(struct spec_throttle_device, minor, "minor", JSON_ALWAYS),
	JSON_U64(struct spec_throttle_device, rate, "rate", JSON_ALWAYS),
	JSON_END,
};

#define THROTTLE(member, key)                                                                      \
	JSON_OBJECTS(struct spec_block_io, member, member##_count, key, throttle_device_fields)
static const struct json_field block_io_fields[] = {
	JSON_HAS(U32, struct spec_block_io, weight, has_weight, "weight"),
	JSON_HAS(U32, struct spec_block_io, leaf_weight, has_leaf_weight, "leafWeight"),
	JSON_OBJECTS(struct spec_block_io, weight_devices, weight_device_count, "weightDevice",
		weight_device_fields),
	THROTTLE(read_bps, "throttleReadBpsDevice"),
	THROTTLE(write_bps, "throttleWriteBpsDevice"),
	THROTTLE(read_iops, "throttleReadIOPSDevice"),
	THROTTLE(write_iops, "throttleWriteIOPSDevice"),
	JSON_END,
};

static const struct json_field hugepage_limit_fields[] = {
	JSON_STRING(struct spec_hugepage_limit, page_size, "pageSize", JSON_REQUIRED),
	JSON_U64(struct spec_hugepage_limit, limit, "limit", JSON_REQUIRED),
	JSON_END,
};

static const struct json_field pids_fields[] = {
	JSON_I64(struct spec_pids, limit, "limit", JSON_ALWAYS),
	JSON_END,
};

const struct json_field spec_resources_fields[] = {
	JSON_MAP(struct spec_resources, unified, "unified"),
	JSON_OBJECTS(struct spec_resources, devices, device_count, "devices", device_rule_fields),
	JSON_OBJECT(struct spec_resources, memory, "memory", memory_fields),
	JSON_OBJECT(struct spec_resources, cpu, "cpu", cpu_fields),
	JSON_OPT_OBJECT(struct spec_resources, pids, has_pids, "pids", pids_fields),
	JSON_OBJECT(struct spec_resources, block_io, "blockIO", block_io_fields),
	JSON_OBJECTS(struct spec_resources, hugepage_limits, hugepage_limit_count,
		"hugepageLimits", hugepage_limit_fields),
	JSON_RAW(struct spec_resources, network, "network"),
	JSON_RAW(struct spec_resources, rdma, "rdma"),
	JSON_END,
};

static const struct json_field seccomp_arg_fields[] = {
	JSON_U32(struct spec_seccomp_arg, index, "index", JSON_REQUIRED),
	JSON_U64(struct spec_seccomp_arg, value, "value", JSON_REQUIRED),
	JSON_U64(struct spec_seccomp_arg, value_two, "valueTwo"),
	JSON_STRING(struct spec_seccomp_arg, op, "op", JSON_REQUIRED),
	JSON_END,
};

static const struct json_field seccomp_syscall_fields[] = {
	JSON_STRINGS(struct spec_seccomp_syscall, names, "names", JSON_REQUIRED),
	JSON_STRING(struct spec_seccomp_syscall, action, "action", JSON_REQUIRED),
	JSON_HAS(U32, struct spec_seccomp_syscall, errno_ret, has_errno_ret, "errnoRet"),
	JSON_OBJECTS(struct spec_seccomp_syscall, args, arg_count, "args", seccomp_arg_fields),
	JSON_END,
};

const struct json_field spec_seccomp_fields[] = {
	JSON_STRING(struct spec_seccomp, default_action, "defaultAction", JSON_REQUIRED),
	JSON_HAS(U32, struct spec_seccomp, default_errno_ret, has_default_errno_ret,
		"defaultErrnoRet"),
	JSON_STRINGS(struct spec_seccomp, architectures, "architectures"),
	JSON_STRINGS(struct spec_seccomp, flags, "flags"),
	JSON_STRING(struct spec_seccomp, listener_path, "listenerPath"),
	JSON_STRING(struct spec_seccomp, listener_metadata, "listenerMetadata"),
	JSON_OBJECTS(struct spec_seccomp, syscalls, syscall_count, "syscalls",
		seccomp_syscall_fields),
	JSON_END,
};

static const struct json_field personality_fields[] = {
	JSON_STRING(struct spec_personality, domain, "domain", JSON_REQUIRED),
	JSON_STRINGS(struct spec_personality, flags, "flags"),
	JSON_END,
};

static const struct json_field linux_fields[] = {
	IDMAP(struct spec_linux, uid_mappings, "uidMappings"),
	IDMAP(struct spec_linux, gid_mappings, "gidMappings"),
	JSON_MAP(struct spec_linux, sysctl, "sysctl"),
	JSON_OPT_OBJECT(struct spec_linux, resources, has_resources, "resources",
		spec_resources_fields),
	JSON_STRING(struct spec_linux, cgroups_path, "cgroupsPath"),
	JSON_OBJECTS(struct spec_linux, namespaces, namespace_count, "namespaces",
		namespace_fields),
	JSON_OBJECTS(struct spec_linux, devices, device_count, "devices", device_fields),
	JSON_RAW(struct spec_linux, net_devices, "netDevices"),
	JSON_OPT_OBJECT(struct spec_linux, seccomp, has_seccomp, "seccomp", spec_seccomp_fields),
	JSON_STRING(struct spec_linux, rootfs_propagation, "rootfsPropagation"),
	JSON_STRINGS(struct spec_linux, masked_paths, "maskedPaths"),
	JSON_STRINGS(struct spec_linux, readonly_paths, "readonlyPaths"),
	JSON_STRING(struct spec_linux, mount_label, "mountLabel"),
	JSON_RAW(struct spec_linux, intel_rdt, "intelRdt"),
	JSON_OPT_OBJECT(struct spec_linux, personality, has_personality, "personality",
		personality_fields),
	JSON_RAW(struct spec_linux, time_offsets, "timeOffsets"),
	JSON_END,
};

const struct json_field spec_fields[] = {
	JSON_STRING(struct spec, oci_version, "ociVersion", JSON_REQUIRED),
	JSON_OPT_OBJECT(struct spec, process, has_process, "process", spec_process_fields),
	JSON_OBJECT(struct spec, root, "root", root_fields),
	JSON_STRING(struct spec, hostname, "hostname"),
	JSON_STRING(struct spec, domainname, "domainname"),
	JSON_OBJECTS(struct spec, mounts, mount_count, "mounts", spec_mount_fields),
	JSON_OBJECT(struct spec, hooks, "hooks", hooks_fields),
	JSON_MAP(struct spec, annotations, "annotations"),
	JSON_OBJECT(struct spec, linux, "linux", linux_fields),
	JSON_END,
};
