/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/usage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cgroup/events.h"
#include "cgroup/flat.h"

static int read_cpu(int dirfd, struct usage *ret, struct error *err)
{
	autofree char *text = NULL;
	/* Without the cpu controller as well, but for throttled_usec. */
	int r = flat_read(dirfd, "cpu.stat", &text);

	if (r < 0)
		return error_sys(err, -r, "cpu.stat");
	ret->cpu_usec = flat_get(text, "usage_usec");
	ret->cpu_user_usec = flat_get(text, "user_usec");
	ret->cpu_system_usec = flat_get(text, "system_usec");
	ret->throttled_usec = flat_get(text, "throttled_usec");
	return 0;
}

static void read_memory(int dirfd, struct usage *ret)
{
	struct cgroup_memory_events events;
	autofree char *stat = NULL;

	if (flat_read_number(dirfd, "memory.current", &ret->memory_bytes) < 0)
		return;
	ret->has_memory = true;
	ret->memory_limit_bytes = UINT64_MAX;
	flat_read_number(dirfd, "memory.max", &ret->memory_limit_bytes);
	flat_read_number(dirfd, "memory.swap.current", &ret->swap_bytes);
	if (flat_read(dirfd, "memory.stat", &stat) == 0)
		ret->memory_cache_bytes = flat_get(stat, "inactive_file");
	if (cgroup_memory_events_read(dirfd, &events) == 0)
		ret->oom_kills = events.oom_kill;
}

static void read_pids(int dirfd, struct usage *ret)
{
	if (flat_read_number(dirfd, "pids.current", &ret->pids) < 0)
		return;
	ret->has_pids = true;
	ret->pids_limit = UINT64_MAX;
	flat_read_number(dirfd, "pids.max", &ret->pids_limit);
}

/* "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0", a line for each device. */
void usage_add_io_stat(const char *text, struct usage *usage)
{
	AUTO(strv_free) char **words = NULL;
	autofree char *copy = xstrdup(text);
	const struct {
		const char *key;
		uint64_t *value;
	} keys[] = {{"rbytes=", &usage->read_bytes}, {"wbytes=", &usage->written_bytes},
		{"rios=", &usage->reads}, {"wios=", &usage->writes}};

	for (char *at = copy; *at; at++)
		if (*at == '\n')
			*at = ' ';
	words = strv_split(copy, ' ');
	for (size_t i = 0; words[i]; i++)
		for (size_t j = 0; j < ARRAY_SIZE(keys); j++) {
			const char *number = str_after(words[i], keys[j].key);

			if (number)
				*keys[j].value += flat_number(number);
		}
}

int usage_read_cgroup(int dirfd, struct usage *ret, struct error *err)
{
	struct usage usage = {0};
	autofree char *io = NULL;
	int r = read_cpu(dirfd, &usage, err);

	if (r < 0)
		return r;
	read_memory(dirfd, &usage);
	read_pids(dirfd, &usage);
	usage.has_io = flat_read(dirfd, "io.stat", &io) == 0;
	if (usage.has_io)
		usage_add_io_stat(io, &usage);
	*ret = usage;
	return 0;
}

uint64_t usage_cpu_permille(uint64_t before_usec, uint64_t after_usec, int64_t interval_ns)
{
	if (interval_ns < 1000 || after_usec <= before_usec)
		return 0;
	return (after_usec - before_usec) * 1000 / (uint64_t)(interval_ns / 1000);
}
