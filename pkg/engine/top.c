/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cgroup/pidns.h"
#include "engine/internal.h"
#include "engine/mount-root.h"
#include "engine/running-root.h"
#include "engine/top-column.h"
#include "sys/process.h"

struct processes {
	const struct pidns *ns;
	size_t depth;
	struct top_process *items;
	size_t count;
};

static void processes_release(struct processes *list)
{
	for (size_t i = 0; i < list->count; i++)
		top_process_release(&list->items[i]);
	free(list->items);
}
static inline void auto_processes_release(struct processes *list)
{
	processes_release(list);
}

static int add_process(void *data, const struct pidns_process *found)
{
	struct processes *list = data;
	struct top_process process = {0};

	/* Asked again when all has been read: the number may have been another's meanwhile. */
	if (top_process_read(found->pid, list->depth, &process, NULL) < 0 ||
		!pidns_has(list->ns, found->pid)) {
		top_process_release(&process);
		return 0;
	}
	if (list->count % 64 == 0)
		list->items = xrealloc(list->items, list->count + 64, sizeof(*list->items));
	list->items[list->count++] = process;
	return 0;
}

static int compare(int64_t one, int64_t two)
{
	return one < two ? -1 : one > two ? 1 : 0;
}

static int by_pid(const void *left, const void *right)
{
	return compare(
		((const struct top_process *)left)->pid, ((const struct top_process *)right)->pid);
}

static int by_hpid(const void *left, const void *right)
{
	return compare(((const struct top_process *)left)->hpid,
		((const struct top_process *)right)->hpid);
}

/* Parents as the container sees them; one outside, as that of exec sessions, is 0 there. */
static void set_parents(struct processes *list)
{
	qsort(list->items, list->count, sizeof(*list->items), by_hpid);
	for (size_t i = 0; i < list->count; i++) {
		const struct top_process key = {.hpid = list->items[i].hppid};
		const struct top_process *parent =
			bsearch(&key, list->items, list->count, sizeof(*list->items), by_hpid);

		if (parent)
			list->items[i].ppid = parent->pid;
	}
}

static int read_processes(
	const struct container *ctr, int pidfd, struct processes *ret, struct error *err)
{
	pid_t init = (pid_t)ctr->state.init.pid;
	struct pidns ns;
	int r = pidns_of(init, pidfd, &ns, err);

	ret->ns = &ns;
	if (r == 0)
		r = top_process_depth(init, &ret->depth, err);
	if (r == 0)
		r = pidns_each(&ns, add_process, ret, err);
	ret->ns = NULL;
	if (r < 0)
		return r;
	if (ret->count == 0)
		return error_set(err, ESRCH, "the container has just ended");
	set_parents(ret);
	qsort(ret->items, ret->count, sizeof(*ret->items), by_pid);
	return 0;
}

static int find_columns(char *const *descriptors, const struct top_column **ret, struct error *err)
{
	for (size_t i = 0; descriptors[i]; i++) {
		ret[i] = top_column_find(descriptors[i]);
		if (!ret[i])
			return error_set(err, ENOTSUP, "unknown descriptor: %s", descriptors[i]);
	}
	return 0;
}

static int64_t uptime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* The texts of all cells, row by row. */
static void fill_rows(const struct processes *list, const struct top_column *const *columns,
	size_t column_count, const struct top_context *context, struct engine_top *ret)
{
	for (size_t j = 0; j < column_count; j++)
		strv_add(&ret->headers, top_column_header(columns[j]));
	ret->rows = xcalloc(list->count, sizeof(*ret->rows));
	for (size_t i = 0; i < list->count; i++) {
		for (size_t j = 0; j < column_count; j++)
			strv_take(&ret->rows[i],
				top_column_text(columns[j], context, &list->items[i]));
	}
	ret->count = list->count;
}

static void read_names(
	const struct container *ctr, int pidfd, struct id_names *users, struct id_names *groups)
{
	autoclose int root = running_root_open(ctr, pidfd, NULL);
	autofree char *passwd = root < 0 ? NULL : running_root_read(root, "/etc/passwd");
	autofree char *group = root < 0 ? NULL : running_root_read(root, "/etc/group");

	if (passwd)
		id_names_parse(passwd, users);
	if (group)
		id_names_parse(group, groups);
}

static int make_table(struct engine *engine, const struct container *ctr, int pidfd,
	const struct top_column *const *columns, size_t column_count, struct engine_top *ret,
	struct error *err)
{
	AUTO(processes_release) struct processes list = {0};
	AUTO(id_names_release) struct id_names users = {0};
	AUTO(id_names_release) struct id_names groups = {0};
	AUTO(spec_release) struct spec spec = {0};
	int r = container_read_spec(ctr, &spec, err);
	struct top_context context = {
		.uids = spec.linux.uid_mappings.count ? &spec.linux.uid_mappings : NULL,
		.gids = spec.linux.gid_mappings.count ? &spec.linux.gid_mappings : NULL,
		.host_uids = &engine->userns.uids,
		.host_gids = &engine->userns.gids,
		.users = &users,
		.groups = &groups,
		.ticks_per_second = (uint64_t)sysconf(_SC_CLK_TCK),
		.page_bytes = (uint64_t)sysconf(_SC_PAGESIZE),
	};

	if (r == 0)
		r = read_processes(ctr, pidfd, &list, err);
	if (r < 0)
		return r;
	read_names(ctr, pidfd, &users, &groups);
	context.now_ns = clock_now_ns();
	context.uptime_ns = uptime_ns();
	fill_rows(&list, columns, column_count, &context, ret);
	return 0;
}

int engine_top(struct engine *engine, const char *name, char *const *descriptors,
	struct engine_top *ret, struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	size_t count = strv_len(descriptors);
	autofree const struct top_column **columns = xcalloc(count, sizeof(*columns));
	autoclose int pidfd = -1;
	int r = engine_container_open(engine, name, &ctr, err);

	if (r < 0)
		return r;
	if (ctr->state.status == CONTAINER_RUNNING)
		pidfd = process_id_open(&ctr->state.init);
	if (pidfd < 0)
		return error_set(err, ESRCH, "top can only be used on running containers");
	r = find_columns(descriptors, columns, err);
	*ret = (struct engine_top){0};
	return r < 0 ? r : make_table(engine, ctr, pidfd, columns, count, ret, err);
}

void engine_top_release(struct engine_top *top)
{
	strv_free(top->headers);
	for (size_t i = 0; i < top->count; i++)
		strv_free(top->rows[i]);
	free(top->rows);
	*top = (struct engine_top){0};
}
