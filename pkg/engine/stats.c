/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <sys/sysinfo.h>

#include "base/clock.h"
#include "base/log.h"
#include "cgroup/cgroup.h"
#include "cgroup/usage.h"
#include "engine/internal.h"
#include "engine/net-usage.h"
#include "sys/process.h"

void engine_stats_release(struct engine_stats *stats)
{
	for (size_t i = 0; i < stats->count; i++) {
		free(stats->rows[i].id);
		free(stats->rows[i].name);
	}
	free(stats->rows);
	*stats = (struct engine_stats){0};
}

static uint64_t host_memory_bytes(void)
{
	struct sysinfo info;

	return sysinfo(&info) < 0 ? 0 : (uint64_t)info.totalram * info.mem_unit;
}

/* What the cgroup cannot tell, for want of a controller, the processes may. */
static void complete(struct usage *usage, const struct usage *other)
{
	if (!usage->has_memory) {
		usage->has_memory = other->has_memory;
		usage->memory_bytes = other->memory_bytes;
		usage->memory_limit_bytes = UINT64_MAX;
	}
	if (!usage->has_pids) {
		usage->has_pids = other->has_pids;
		usage->pids = other->pids;
	}
	if (!usage->has_io) {
		usage->has_io = other->has_io;
		usage->read_bytes = other->read_bytes;
		usage->written_bytes = other->written_bytes;
	}
}

static int read_processes(
	const struct container *ctr, int pidfd, struct usage *ret, struct error *err)
{
	struct pidns ns;
	int r = pidns_of((pid_t)ctr->state.init.pid, pidfd, &ns, err);

	return r < 0 ? r : usage_read_pidns(&ns, ret, err);
}

static int read_usage(
	const struct container *ctr, int pidfd, struct engine_stats_row *row, struct error *err)
{
	AUTO(cgroup_free) struct cgroup *cg = NULL;
	struct usage usage = {0}, processes;
	int r = ctr->state.cgroup ? cgroup_open(ctr->state.cgroup, &cg, err) : 0;

	if (r == 0)
		r = cg ? usage_read_cgroup(cg->dirfd, &usage, err)
		       : read_processes(ctr, pidfd, &usage, err);
	if (r < 0)
		return r;
	if ((!usage.has_memory || !usage.has_pids || !usage.has_io) &&
		read_processes(ctr, pidfd, &processes, NULL) == 0)
		complete(&usage, &processes);
	row->source = cg ? "cgroup" : "processes";
	row->cpu_usec = usage.cpu_usec;
	row->cpu_system_usec = usage.cpu_system_usec;
	/* As podman and docker have it: what the kernel would give back at once is not in use. */
	row->memory_bytes = usage.memory_bytes > usage.memory_cache_bytes
				    ? usage.memory_bytes - usage.memory_cache_bytes
				    : 0;
	row->memory_limit_bytes = host_memory_bytes();
	if (usage.memory_limit_bytes < row->memory_limit_bytes)
		row->memory_limit_bytes = usage.memory_limit_bytes;
	row->read_bytes = usage.read_bytes;
	row->written_bytes = usage.written_bytes;
	row->pids = usage.pids;
	return 0;
}

/* One that does not run, or ends while we look, has used nothing. */
static void fill_row(const struct container *ctr, struct engine_stats_row *row)
{
	autoclose int pidfd = container_is_up(ctr) ? process_id_open(&ctr->state.init) : -ESRCH;
	struct engine_stats_row full = {.source = ""};
	struct net_usage net = {0};
	struct error err = {0};

	*row = (struct engine_stats_row){.source = ""};
	if (pidfd >= 0 && read_usage(ctr, pidfd, &full, &err) < 0)
		log_debug("stats of %.12s: %s", ctr->record->id, error_text(&err));
	else if (pidfd >= 0)
		(void)net_usage_read((pid_t)ctr->state.init.pid, &net);
	/* It lives still, so all of it was its own. */
	if (pidfd >= 0 && pidfd_wait_end(pidfd, 0) == 0) {
		*row = full;
		row->is_up = true;
		row->received_bytes = net.received_bytes;
		row->sent_bytes = net.sent_bytes;
		row->up_ns = clock_now_ns() - ctr->state.started_ns;
	}
	row->taken_ns = clock_monotonic_ns();
	row->id = xstrdup(ctr->record->id);
	row->name = xstrdup(ctr->record->name);
}

static void add(struct engine_stats *stats, const struct container *ctr)
{
	if (stats->count % 16 == 0)
		stats->rows = xrealloc(stats->rows, stats->count + 16, sizeof(*stats->rows));
	fill_row(ctr, &stats->rows[stats->count++]);
}

static int add_named(
	struct engine *engine, char *const *names, struct engine_stats *stats, struct error *err)
{
	for (size_t i = 0; names[i]; i++) {
		AUTO(container_free) struct container *ctr = NULL;
		int r = engine_container_open(engine, names[i], &ctr, err);

		if (r < 0)
			return r;
		add(stats, ctr);
	}
	return 0;
}

static int add_all(struct engine *engine, bool all, struct engine_stats *stats, struct error *err)
{
	AUTO(strv_free) char **ids = NULL;
	int r = container_list(engine->store, &ids, err);

	if (r < 0)
		return r;
	for (size_t i = 0; ids[i]; i++) {
		AUTO(container_free) struct container *ctr = NULL;
		struct error cause = {0};

		r = container_open(engine->store, ids[i], &ctr, &cause);
		if (r < 0 && r != -ENOENT)
			log_warn("%s", error_text(&cause));
		if (r == 0 && (all || container_is_up(ctr)))
			add(stats, ctr);
	}
	return 0;
}

static int by_name(const void *left, const void *right)
{
	return strcmp(((const struct engine_stats_row *)left)->name,
		((const struct engine_stats_row *)right)->name);
}

int engine_stats(struct engine *engine, char *const *names, bool all, struct engine_stats *ret,
	struct error *err)
{
	AUTO(engine_stats_release) struct engine_stats stats = {0};
	int r = names && names[0] ? add_named(engine, names, &stats, err)
				  : add_all(engine, all, &stats, err);

	if (r < 0)
		return r;
	/* So that rows stay where they are while somebody watches. */
	if (!names || !names[0])
		qsort(stats.rows, stats.count, sizeof(*stats.rows), by_name);
	*ret = stats;
	stats = (struct engine_stats){0};
	return 0;
}

double engine_stats_cpu_percent(
	const struct engine_stats_row *row, const struct engine_stats_row *before)
{
	int64_t span_ns = before ? row->taken_ns - before->taken_ns : row->up_ns;
	uint64_t used = row->cpu_usec;

	if (before)
		used -= before->cpu_usec < used ? before->cpu_usec : used;
	return span_ns > 0 ? (double)used * 1000 * 100 / (double)span_ns : 0;
}
