/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/str.h"
#include "cgroup/flat.h"
#include "cgroup/usage.h"

static uint64_t ticks_to_usec(uint64_t ticks)
{
	return ticks * UINT64_C(1000000) / (uint64_t)sysconf(_SC_CLK_TCK);
}

/* "read_bytes: 1" and so on; proc(5). */
static uint64_t io_value(const char *text, const char *key)
{
	const char *at = text;

	while (at && *at) {
		const char *number = str_after(at, key);

		if (number)
			return flat_number(number);
		at = strchr(at, '\n');
		at += at != NULL;
	}
	return 0;
}

void usage_add_process_io(const char *text, struct usage *usage)
{
	usage->read_bytes += io_value(text, "read_bytes: ");
	usage->written_bytes += io_value(text, "write_bytes: ");
	usage->reads += io_value(text, "syscr: ");
	usage->writes += io_value(text, "syscw: ");
}

static int add_process(void *data, const struct pidns_process *process)
{
	struct usage *usage = data;
	autofree char *path = xasprintf("/proc/%d/io", (int)process->pid);
	autofree char *io = NULL;

	usage->cpu_user_usec += ticks_to_usec(process->user_ticks);
	usage->cpu_system_usec += ticks_to_usec(process->system_ticks);
	usage->memory_bytes += process->rss_pages * (uint64_t)sysconf(_SC_PAGESIZE);
	usage->pids += process->threads;
	if (flat_read(AT_FDCWD, path, &io) == 0) {
		usage->has_io = true;
		usage_add_process_io(io, usage);
	}
	return 0;
}

int usage_read_pidns(const struct pidns *ns, struct usage *ret, struct error *err)
{
	struct usage usage = {.memory_limit_bytes = UINT64_MAX, .pids_limit = UINT64_MAX};
	int r = pidns_each(ns, add_process, &usage, err);

	if (r < 0)
		return r;
	if (usage.pids == 0)
		return error_set(err, ESRCH, "the container has no processes");
	usage.cpu_usec = usage.cpu_user_usec + usage.cpu_system_usec;
	usage.has_memory = true;
	usage.has_pids = true;
	*ret = usage;
	return 0;
}
