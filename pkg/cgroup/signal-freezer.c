/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/signal-freezer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "sys/file.h"
#include "sys/process.h"

/*
 * A walk through /proc may miss a process that was born behind its back, but only of a parent that
 * ran at the time. When a whole walk has met stopped processes only, the next one meets all that
 * are left.
 */
#define QUIET_WALKS 2
#define PAUSE_NS 2000000

struct walk {
	const struct pidns *ns;
	int signal;
	size_t seen;
	size_t running;
};

static bool is_stopped(char state)
{
	return state == 'T' || state == 't';
}

static bool is_dead(char state)
{
	return state == 'Z' || state == 'X' || state == 'x';
}

/* A first thread that has ended looks dead while others of its process run. */
static bool has_running_thread(pid_t pid)
{
	autofree char *path = xasprintf("/proc/%d/task", (int)pid);
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool runs = false;

	while (dir && !runs && (entry = readdir(dir))) {
		autofree char *file = xasprintf("%s/stat", entry->d_name);
		autofree char *text = NULL;
		struct pidns_process task;

		if (*entry->d_name == '.' ||
			file_read_at(dirfd(dir), file, 4096, &text, NULL, NULL) < 0 ||
			pidns_stat_parse(text, &task) < 0)
			continue;
		runs = !is_stopped(task.state) && !is_dead(task.state);
	}
	if (dir)
		closedir(dir);
	return runs;
}

/* Is a stop on its way? Then the process returns from the kernel into it, not to its program. */
static bool has_pending_stop(pid_t pid)
{
	autofree char *path = xasprintf("/proc/%d/status", (int)pid);
	autofree char *text = NULL;
	const char *mask;

	if (file_read_at(AT_FDCWD, path, 65536, &text, NULL, NULL) < 0)
		return false;
	mask = strstr(text, "\nShdPnd:\t");
	return mask && (strtoull(mask + 9, NULL, 16) & (UINT64_C(1) << (SIGSTOP - 1)));
}

/*
 * 'D' may last for as long as the others are stopped: a parent waits in vfork() for its child,
 * a reader for a file system that is served by another process of the container.
 */
static bool is_running(const struct pidns_process *process)
{
	if (is_dead(process->state))
		return process->threads > 1 && has_running_thread(process->pid);
	if (process->state == 'D')
		return !has_pending_stop(process->pid);
	return !is_stopped(process->state);
}

/* By pidfd, and only after another look: the number may belong to somebody else by now. */
static void send(const struct pidns *ns, pid_t pid, int signal)
{
	autoclose int pidfd = pidfd_open_pid(pid);

	if (pidfd >= 0 && pidns_has(ns, pid) && pidfd_signal(pidfd, 0) == 0)
		pidfd_signal(pidfd, signal);
}

static int stop_process(void *data, const struct pidns_process *process)
{
	struct walk *walk = data;

	if (is_dead(process->state) && process->threads <= 1)
		return 0;
	walk->seen++;
	if (is_running(process)) {
		walk->running++;
		send(walk->ns, process->pid, SIGSTOP);
	}
	return 0;
}

static int count_process(void *data, const struct pidns_process *process)
{
	struct walk *walk = data;

	if (is_dead(process->state) && process->threads <= 1)
		return 0;
	walk->seen++;
	walk->running += is_running(process);
	return walk->running > 0;
}

static int continue_process(void *data, const struct pidns_process *process)
{
	struct walk *walk = data;

	/* To all of them: one that looks as if it ran may be on its way into a stop. */
	send(walk->ns, process->pid, SIGCONT);
	return 0;
}

int signal_freeze(const struct pidns *ns, int timeout_ms, struct error *err)
{
	int64_t end_ns = clock_monotonic_ns() + timeout_ms * INT64_C(1000000);
	const struct timespec pause = {0, PAUSE_NS};
	int quiet = 0;

	for (;;) {
		struct walk walk = {.ns = ns};
		int r = pidns_each(ns, stop_process, &walk, err);

		if (r < 0)
			return r;
		if (walk.seen == 0)
			return error_set(err, ESRCH, "the container has no processes");
		quiet = walk.running ? 0 : quiet + 1;
		if (quiet == QUIET_WALKS)
			return 0;
		if (quiet == 0 && clock_monotonic_ns() > end_ns)
			break;
		if (quiet == 0)
			nanosleep(&pause, NULL);
	}
	signal_thaw(ns, NULL);
	return error_set(err, ETIMEDOUT, "some processes of the container do not stop");
}

int signal_thaw(const struct pidns *ns, struct error *err)
{
	struct walk walk = {.ns = ns};

	return pidns_each(ns, continue_process, &walk, err);
}

bool signal_is_frozen(const struct pidns *ns)
{
	struct walk walk = {.ns = ns};

	return pidns_each(ns, count_process, &walk, NULL) == 0 && walk.seen > 0;
}
