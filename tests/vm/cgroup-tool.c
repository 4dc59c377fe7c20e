/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroup-tool VERB CGROUP|PID [ARGUMENT...] - pkg/cgroup from a shell, for tests/vm: what the verbs
 * pause, stats, update and exec do to the cgroup of a running container.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "cgroup/cgroup.h"
#include "cgroup/events.h"
#include "cgroup/signal-freezer.h"
#include "cgroup/usage.h"
#include "sys/process.h"

#define TIMEOUT_MS 10000

static int freeze(const struct cgroup *cg, char **args, struct error *err)
{
	(void)args;
	return cgroup_freeze(cg, true, TIMEOUT_MS, err);
}

static int thaw(const struct cgroup *cg, char **args, struct error *err)
{
	(void)args;
	return cgroup_freeze(cg, false, TIMEOUT_MS, err);
}

static int kill_all(const struct cgroup *cg, char **args, struct error *err)
{
	(void)args;
	return cgroup_kill(cg, err);
}

/* Becomes the command @args in the cgroup. */
static int add(const struct cgroup *cg, char **args, struct error *err)
{
	int r = cgroup_add(cg, 0, err);

	if (r < 0)
		return r;
	execvp(args[0], args);
	return error_sys(err, ENOENT, "%s", args[0]);
}

/* Another limit of memory, in bytes. */
static int update(const struct cgroup *cg, char **args, struct error *err)
{
	struct spec_resources resources = {.memory.has_limit = true};
	int r = str_to_i64(args[0] ? args[0] : "", &resources.memory.limit);

	return r < 0 ? error_set(err, -r, "not a number") : cgroup_update(cg, &resources, err);
}

static void print_usage(const struct usage *usage)
{
	printf("cpu_usec %" PRIu64 "\nmemory_bytes %" PRIu64 "\nmemory_limit_bytes %" PRIu64
	       "\npids %" PRIu64 "\npids_limit %" PRIu64 "\noom_kills %" PRIu64
	       "\nread_bytes %" PRIu64 "\nwritten_bytes %" PRIu64 "\n",
		usage->cpu_usec, usage->memory_bytes, usage->memory_limit_bytes, usage->pids,
		usage->pids_limit, usage->oom_kills, usage->read_bytes, usage->written_bytes);
}

static int usage(const struct cgroup *cg, char **args, struct error *err)
{
	struct usage numbers;
	int r = usage_read_cgroup(cg->dirfd, &numbers, err);

	(void)args;
	if (r == 0)
		print_usage(&numbers);
	return r;
}

/* Waits until a process was killed for memory, or the cgroup is empty. */
static int watch(const struct cgroup *cg, char **args, struct error *err)
{
	struct cgroup_memory_events memory = {0};
	struct cgroup_events events = {.populated = true};
	int fd = cgroup_watch(cg->dirfd, err);

	(void)args;
	if (fd < 0)
		return fd;
	while (!memory.oom_kill && events.populated) {
		cgroup_watch_clear(fd);
		cgroup_memory_events_read(cg->dirfd, &memory);
		if (cgroup_events_read(cg->dirfd, &events) < 0)
			break;
		usleep(1000);
	}
	puts(memory.oom_kill ? "oom" : "empty");
	return 0;
}

static int by_pid(const char *verb, const char *number, struct error *err)
{
	struct usage numbers;
	struct pidns ns;
	int64_t pid = 0;
	int pidfd, r = str_to_i64(number, &pid);

	pidfd = pidfd_open_pid((pid_t)pid);
	if (r == 0)
		r = pidns_of((pid_t)pid, pidfd, &ns, err);
	if (r < 0)
		return r;
	if (str_eq(verb, "stop"))
		return signal_freeze(&ns, TIMEOUT_MS, err);
	if (str_eq(verb, "continue"))
		return signal_thaw(&ns, err);
	r = usage_read_pidns(&ns, &numbers, err);
	if (r == 0)
		print_usage(&numbers);
	return r;
}

static int by_path(const char *verb, char **args, struct error *err)
{
	static const struct {
		const char *name;
		int (*run)(const struct cgroup *cg, char **args, struct error *err);
	} verbs[] = {{"freeze", freeze}, {"thaw", thaw}, {"kill", kill_all}, {"add", add},
		{"update", update}, {"usage", usage}, {"watch", watch}};
	AUTO(cgroup_free) struct cgroup *cg = NULL;
	int r = cgroup_open(args[0], &cg, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (str_eq(verb, verbs[i].name))
			return verbs[i].run(cg, args + 1, err);
	return error_set(err, EINVAL, "no verb %s", verb);
}

int main(int argc, char **argv)
{
	struct error err = {0};
	int r;

	if (argc < 3)
		return 2;
	r = *argv[2] == '/' ? by_path(argv[1], argv + 2, &err) : by_pid(argv[1], argv[2], &err);
	if (r < 0)
		fprintf(stderr, "%s\n", error_text(&err));
	return r < 0;
}
