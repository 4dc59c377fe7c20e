/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/defaults.h"

#include <inttypes.h>

#include "spec/capability.h"

const char *const default_capabilities[] = {"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER",
	"CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_SETFCAP", "CAP_SETGID",
	"CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT", NULL};

const char *const default_masked_paths[] = {"/proc/acpi", "/proc/kcore", "/proc/keys",
	"/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list",
	"/proc/timer_stats", "/proc/interrupts", "/sys/firmware", "/sys/devices/virtual/powercap",
	"/sys/fs/selinux", "/sys/dev/block", "/sys/devices/system/cpu/cpu*/thermal_throttle", NULL};

const char *const default_readonly_paths[] = {"/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq",
	"/proc/sys", "/proc/sysrq-trigger", NULL};

uint64_t default_capability_set(void)
{
	uint64_t set = 0;

	for (size_t i = 0; default_capabilities[i]; i++)
		set |= UINT64_C(1) << capability_parse(default_capabilities[i]);
	return set;
}

/* One mount with its options as a literal, "nosuid,noexec". */
static void add(struct spec *spec, const char *destination, const char *type, const char *source,
	const char *options)
{
	AUTO(strv_free) char **list = strv_split(options, ',');

	spec_add_mount(spec, destination, type, source, list);
}

static void add_shared_memory(struct spec *spec, const struct default_mounts *choice)
{
	autofree char *options = NULL;

	if (choice->host_ipc) {
		add(spec, "/dev/shm", "bind", "/dev/shm", "rbind,nosuid,noexec,nodev,rprivate");
		add(spec, "/dev/mqueue", "bind", "/dev/mqueue",
			"rbind,nosuid,noexec,nodev,rprivate");
		return;
	}
	options = xasprintf("nosuid,noexec,nodev,mode=1777,size=%" PRIu64,
		choice->shm_bytes ? choice->shm_bytes : (uint64_t)DEFAULT_SHM_BYTES);
	add(spec, "/dev/shm", "tmpfs", "shm", options);
	add(spec, "/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev");
}

void defaults_add_mounts(struct spec *spec, const struct default_mounts *choice)
{
	const char *access = choice->privileged ? "rw" : "ro";
	autofree char *sys = xasprintf("nosuid,noexec,nodev,%s", access);
	autofree char *sys_bind = xasprintf(
		"rbind,nosuid,noexec,nodev,rprivate,%s", choice->privileged ? "rw" : "rro");

	if (choice->host_pid)
		add(spec, "/proc", "bind", "/proc", "rbind,nosuid,noexec,nodev,rprivate");
	else
		add(spec, "/proc", "proc", "proc", "nosuid,noexec,nodev");
	add(spec, "/dev", "tmpfs", "tmpfs", "nosuid,noexec,strictatime,mode=755,size=65536k");
	add(spec, "/dev/pts", "devpts", "devpts",
		choice->tty_group_mapped ? "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5"
					 : "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620");
	add_shared_memory(spec, choice);
	if (choice->host_network)
		add(spec, "/sys", "bind", "/sys", sys_bind);
	else
		add(spec, "/sys", "sysfs", "sysfs", sys);
	if (!choice->no_cgroup)
		add(spec, "/sys/fs/cgroup", "cgroup", "cgroup", sys);
}

void defaults_set_capabilities(struct spec_process *process, uint64_t set, uint64_t added)
{
	struct spec_capabilities *caps = &process->capabilities;
	bool root = process->user.uid == 0;

	/* capabilities(7): what a non-root program is to keep over execve() must be ambient. */
	process->has_capabilities = true;
	caps->bounding = capability_names(set);
	caps->permitted = capability_names(root ? set : set & added);
	caps->effective = capability_names(root ? set : set & added);
	caps->inheritable = capability_names(root ? 0 : set & added);
	caps->ambient = capability_names(root ? 0 : set & added);
}
