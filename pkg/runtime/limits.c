/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <stdio.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "runtime/internal.h"

struct word {
	const char *name;
	int value;
};

static const struct word rlimit_names[] = {
	{"RLIMIT_AS", RLIMIT_AS},
	{"RLIMIT_CORE", RLIMIT_CORE},
	{"RLIMIT_CPU", RLIMIT_CPU},
	{"RLIMIT_DATA", RLIMIT_DATA},
	{"RLIMIT_FSIZE", RLIMIT_FSIZE},
	{"RLIMIT_LOCKS", RLIMIT_LOCKS},
	{"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
	{"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
	{"RLIMIT_NICE", RLIMIT_NICE},
	{"RLIMIT_NOFILE", RLIMIT_NOFILE},
	{"RLIMIT_NPROC", RLIMIT_NPROC},
	{"RLIMIT_RSS", RLIMIT_RSS},
	{"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
	{"RLIMIT_RTTIME", RLIMIT_RTTIME},
	{"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
	{"RLIMIT_STACK", RLIMIT_STACK},
};

static const struct word policy_names[] = {
	{"SCHED_OTHER", SCHED_NORMAL},
	{"SCHED_FIFO", SCHED_FIFO},
	{"SCHED_RR", SCHED_RR},
	{"SCHED_BATCH", SCHED_BATCH},
	{"SCHED_IDLE", SCHED_IDLE},
	{"SCHED_DEADLINE", SCHED_DEADLINE},
};

static const struct word scheduler_flags[] = {
	{"SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK},
	{"SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM},
	{"SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN},
	{"SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY},
	{"SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS},
	{"SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN},
	{"SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX},
};

static const struct word io_classes[] = {
	{"IOPRIO_CLASS_RT", IOPRIO_CLASS_RT},
	{"IOPRIO_CLASS_BE", IOPRIO_CLASS_BE},
	{"IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE},
};

static int find_word(const struct word *words, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(words[i].name, name))
			return words[i].value;
	return -EINVAL;
}

void limits_set_oom(const struct spec_process *process)
{
	char text[16];
	int fd, len;

	if (!process->has_oom_score_adj)
		return;
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	len = snprintf(text, sizeof(text), "%d", process->oom_score_adj);
	/* EACCES: less than our own needs privilege on the host, and ours is inherited then. */
	(void)!write(fd, text, (size_t)len);
	close(fd);
}

static int set_rlimits(const struct spec_process *process, struct error *err)
{
	for (size_t i = 0; i < process->rlimit_count; i++) {
		const struct spec_rlimit *limit = &process->rlimits[i];
		struct rlimit value = {.rlim_cur = limit->soft, .rlim_max = limit->hard};
		int resource = find_word(rlimit_names, ARRAY_SIZE(rlimit_names), limit->type);

		if (resource < 0)
			return error_set(err, EINVAL, "unknown resource limit %s", limit->type);
		if (setrlimit((__rlimit_resource_t)resource, &value) < 0)
			return error_sys(err, errno, "set %s to %llu:%llu", limit->type,
				(unsigned long long)limit->soft, (unsigned long long)limit->hard);
	}
	return 0;
}

static int set_scheduler(const struct spec_scheduler *wanted, struct error *err)
{
	struct sched_attr attr = {.size = sizeof(attr),
		.sched_nice = wanted->nice,
		.sched_priority = (uint32_t)wanted->priority,
		.sched_runtime = wanted->runtime,
		.sched_deadline = wanted->deadline,
		.sched_period = wanted->period};
	int policy = find_word(policy_names, ARRAY_SIZE(policy_names), wanted->policy);

	if (policy < 0)
		return error_set(err, EINVAL, "unknown scheduler policy %s", wanted->policy);
	attr.sched_policy = (uint32_t)policy;
	for (size_t i = 0; wanted->flags && wanted->flags[i]; i++) {
		int flag =
			find_word(scheduler_flags, ARRAY_SIZE(scheduler_flags), wanted->flags[i]);

		if (flag < 0)
			return error_set(
				err, EINVAL, "unknown scheduler flag %s", wanted->flags[i]);
		attr.sched_flags |= (uint64_t)flag;
	}
	if (syscall(SYS_sched_setattr, 0, &attr, 0) < 0)
		return error_sys(err, errno, "set scheduler policy %s", wanted->policy);
	return 0;
}

static int set_io_priority(const struct spec_io_priority *wanted, struct error *err)
{
	int class = find_word(io_classes, ARRAY_SIZE(io_classes), wanted->class);

	if (class < 0)
		return error_set(err, EINVAL, "unknown I/O priority class %s", wanted->class);
	if (syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
		    IOPRIO_PRIO_VALUE(class, wanted->priority)) < 0)
		return error_sys(err, errno, "set I/O priority");
	return 0;
}

int limits_apply(const struct spec_process *process, struct error *err)
{
	int r = set_rlimits(process, err);

	if (r == 0 && process->has_scheduler)
		r = set_scheduler(&process->scheduler, err);
	if (r == 0 && process->has_io_priority)
		r = set_io_priority(&process->io_priority, err);
	if (r == 0)
		umask(process->user.has_umask ? process->user.umask & 0777 : 0022);
	return r;
}

int limits_set_personality(const struct spec_linux *linux, struct error *err)
{
	unsigned long domain;

	if (!linux->has_personality)
		return 0;
	if (str_eq(linux->personality.domain, "LINUX"))
		domain = PER_LINUX;
	else if (str_eq(linux->personality.domain, "LINUX32"))
		domain = PER_LINUX32;
	else
		return error_set(err, EINVAL, "unknown personality %s", linux->personality.domain);
	if (personality(domain) < 0)
		return error_sys(err, errno, "set personality");
	return 0;
}
