/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_SPEC_H
#define SPEC_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/idrange.h"
#include "base/json.h"
#include "base/str.h"

/*
 * config.json of the OCI runtime specification 1.2, the part that is about Linux. Field names
 * follow the document; a has_ flag stands where absence differs from zero. Zeroed structs are
 * empty documents. Lists and strings are owned by the struct.
 */
#define SPEC_VERSION "1.2.0"
/* A config.json that is larger is refused unread. */
#define SPEC_MAX_BYTES (16 << 20)

struct spec_root {
	char *path;
	bool readonly;
};

struct spec_mount {
	char *destination; /* absolute, in the container */
	char *source;
	char *type;
	char **options;
	struct idmap uid_mappings;
	struct idmap gid_mappings;
};

struct spec_rlimit {
	char *type;    /* "RLIMIT_NOFILE" */
	uint64_t hard; /* UINT64_MAX: no limit; the file holds it as 2^64-1 */
	uint64_t soft;
};

struct spec_user {
	uint32_t uid;
	uint32_t gid;
	bool has_umask;
	uint32_t umask;
	struct json_object *additional_gids; /* array of integers; see spec_user_groups() */
	char *username;                      /* Windows only; kept */
};

struct spec_capabilities { /* names with CAP_ */
	char **bounding;
	char **effective;
	char **inheritable;
	char **permitted;
	char **ambient;
};

struct spec_process {
	bool terminal;
	bool has_console_size;
	struct spec_console_size {
		uint32_t height;
		uint32_t width;
	} console_size;
	char *cwd;
	char **env;
	char **args;
	struct spec_rlimit *rlimits;
	size_t rlimit_count;
	char *apparmor_profile;
	char *selinux_label;
	bool has_capabilities;
	struct spec_capabilities capabilities;
	bool no_new_privileges;
	bool has_oom_score_adj;
	int32_t oom_score_adj;
	bool has_scheduler;
	struct spec_scheduler {
		char *policy;
		int32_t nice;
		int32_t priority;
		char **flags;
		uint64_t runtime;
		uint64_t deadline;
		uint64_t period;
	} scheduler;
	bool has_io_priority;
	struct spec_io_priority {
		char *class;
		int32_t priority;
	} io_priority;
	bool has_exec_cpu_affinity;
	struct spec_cpu_affinity {
		char *initial;
		char *final;
	} exec_cpu_affinity;
	struct spec_user user;
};

struct spec_hook {
	char *path;
	char **args;
	char **env;
	bool has_timeout;
	int32_t timeout; /* seconds */
};

struct spec_hooks {
	struct spec_hook *prestart;
	size_t prestart_count;
	struct spec_hook *create_runtime;
	size_t create_runtime_count;
	struct spec_hook *create_container;
	size_t create_container_count;
	struct spec_hook *start_container;
	size_t start_container_count;
	struct spec_hook *poststart;
	size_t poststart_count;
	struct spec_hook *poststop;
	size_t poststop_count;
};

struct spec_namespace {
	char *type; /* pid network mount ipc uts user cgroup time */
	char *path; /* NULL: a new one */
};

struct spec_device {
	char *type; /* c b u p */
	char *path;
	int64_t major;
	int64_t minor;
	bool has_file_mode;
	uint32_t file_mode;
	bool has_uid;
	uint32_t uid;
	bool has_gid;
	uint32_t gid;
};

struct spec_device_rule {
	bool allow;
	char *type; /* a c b */
	bool has_major;
	int64_t major;
	bool has_minor;
	int64_t minor;
	char *access; /* "rwm" */
};

struct spec_memory {
	int64_t limit; /* bytes; -1: unlimited */
	bool has_limit, has_reservation, has_swap, has_kernel, has_kernel_tcp, has_swappiness;
	int64_t reservation;
	int64_t swap; /* memory and swap together */
	int64_t kernel;
	int64_t kernel_tcp;
	uint64_t swappiness;
	bool disable_oom_killer;
	bool use_hierarchy;
	bool check_before_update;
};

struct spec_cpu {
	uint64_t shares;
	bool has_shares, has_quota, has_burst, has_period, has_realtime_runtime,
		has_realtime_period, has_idle;
	int64_t quota; /* microseconds in each period; <= 0: no limit */
	uint64_t burst;
	uint64_t period;
	int64_t realtime_runtime;
	uint64_t realtime_period;
	char *cpus;
	char *mems;
	int64_t idle;
};

struct spec_weight_device {
	int64_t major;
	int64_t minor;
	uint32_t weight;
	uint32_t leaf_weight;
};

struct spec_throttle_device {
	int64_t major;
	int64_t minor;
	uint64_t rate;
};

struct spec_block_io {
	uint32_t weight;
	bool has_weight, has_leaf_weight;
	uint32_t leaf_weight;
	struct spec_weight_device *weight_devices;
	size_t weight_device_count;
	struct spec_throttle_device *read_bps;
	size_t read_bps_count;
	struct spec_throttle_device *write_bps;
	size_t write_bps_count;
	struct spec_throttle_device *read_iops;
	size_t read_iops_count;
	struct spec_throttle_device *write_iops;
	size_t write_iops_count;
};

struct spec_hugepage_limit {
	char *page_size; /* "2MB" */
	uint64_t limit;
};

struct spec_resources {
	struct strmap unified;
	struct spec_device_rule *devices;
	size_t device_count;
	struct spec_memory memory;
	struct spec_cpu cpu;
	struct spec_block_io block_io;
	struct spec_hugepage_limit *hugepage_limits;
	size_t hugepage_limit_count;
	struct json_object *network; /* classID, priorities: cgroup v1 only; kept */
	bool has_pids;
	struct spec_pids {
		int64_t limit; /* -1: unlimited */
	} pids;
	struct json_object *rdma;
};

struct spec_seccomp_arg {
	uint32_t index;
	uint64_t value;
	uint64_t value_two;
	char *op; /* SCMP_CMP_EQ */
};

struct spec_seccomp_syscall {
	char **names;
	char *action;
	bool has_errno_ret;
	uint32_t errno_ret;
	struct spec_seccomp_arg *args;
	size_t arg_count;
};

struct spec_seccomp {
	char *default_action;
	bool has_default_errno_ret;
	uint32_t default_errno_ret;
	char **architectures; /* SCMP_ARCH_X86_64 */
	char **flags;
	char *listener_path;
	char *listener_metadata;
	struct spec_seccomp_syscall *syscalls;
	size_t syscall_count;
};

struct spec_linux {
	struct spec_namespace *namespaces;
	size_t namespace_count;
	struct idmap uid_mappings;
	struct idmap gid_mappings;
	struct json_object *time_offsets;
	struct spec_device *devices;
	size_t device_count;
	struct json_object *net_devices;
	char *cgroups_path;
	char *rootfs_propagation;
	bool has_resources;
	struct spec_resources resources;
	struct strmap sysctl;
	bool has_seccomp;
	struct spec_seccomp seccomp;
	char **masked_paths;
	char **readonly_paths;
	char *mount_label;
	struct json_object *intel_rdt;
	bool has_personality;
	struct spec_personality {
		char *domain;
		char **flags;
	} personality;
};

struct spec {
	char *oci_version;
	struct spec_root root;
	struct spec_mount *mounts;
	size_t mount_count;
	bool has_process;
	struct spec_process process;
	char *hostname;
	char *domainname;
	struct spec_hooks hooks;
	struct strmap annotations;
	struct spec_linux linux;
};

/* The tables, for documents that embed a part (the process of an exec). */
extern const struct json_field spec_fields[];
extern const struct json_field spec_process_fields[];
extern const struct json_field spec_mount_fields[];
extern const struct json_field spec_resources_fields[];
extern const struct json_field spec_seccomp_fields[];

/*
 * spec_parse - read a config.json and check what the specification demands of it.
 * @ret: zeroed by the caller; spec_release() it, also on failure
 *
 * Arguments and variables may be any bytes, as the kernel has them.
 * Returns 0; -EBADMSG with the path of the field ("config.json.process.cwd: missing").
 */
int spec_parse(const char *text, size_t len, struct spec *ret, struct error *err);

/* As spec_parse() for the text of an OCI process object ("process.json" of an exec). */
int spec_process_parse(const char *text, size_t len, struct spec_process *ret, struct error *err);

/* The checks of spec_parse() on a struct that was made otherwise; 0 or -EBADMSG. */
int spec_check(const struct spec *spec, struct error *err);

char *spec_write(const struct spec *spec);                    /* owned by the caller */
char *spec_process_write(const struct spec_process *process); /* owned by the caller */

void spec_release(struct spec *spec); /* frees what the members own; the struct may be reused */
void spec_process_release(struct spec_process *process);
static inline void auto_spec_release(struct spec *spec)
{
	spec_release(spec);
}
void spec_free(struct spec *spec); /* spec_release() and free() */
DEFINE_AUTO(struct spec *, spec_free);

/* Building: each copies its strings and returns the new item, borrowed until the next call. */
struct spec_mount *spec_add_mount(struct spec *spec, const char *destination, const char *type,
	const char *source, char *const *options);
struct spec_namespace *spec_add_namespace(struct spec *spec, const char *type, const char *path);
struct spec_rlimit *spec_add_rlimit(
	struct spec_process *process, const char *type, uint64_t soft, uint64_t hard);
void spec_add_group(struct spec_user *user, uint32_t gid); /* an additional group, once */

/* Finding: NULL when there is none; borrowed. */
const struct spec_mount *spec_find_mount(const struct spec *spec, const char *destination);
const struct spec_namespace *spec_find_namespace(const struct spec *spec, const char *type);

/* Additional groups as a list owned by the caller; the count is returned. */
size_t spec_user_groups(const struct spec_user *user, uint32_t **ret);

#endif
