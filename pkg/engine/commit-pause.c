/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/commit-pause.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"
#include "sys/process.h"

/* Processes may start others until they are stopped themselves: it takes some rounds. */
#define MAX_ROUNDS 500
#define ROUND_PAUSE_US 2000

enum { PAUSE_COMMANDS = 3, PAUSE_RESULTS };

struct pausing {
	struct stat namespace; /* pid namespace of the container */
};

static bool is_in(const struct pausing *pausing, const char *pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%.20s/ns/pid", pid);
	return stat(path, &st) == 0 && st.st_ino == pausing->namespace.st_ino &&
	       st.st_dev == pausing->namespace.st_dev;
}

/* T and t are stopped, Z and X have ended. */
static bool has_stopped(const char *pid)
{
	autofree char *path = xasprintf("/proc/%.20s/stat", pid);
	autofree char *text = NULL;
	const char *state;

	if (file_read_at(AT_FDCWD, path, 4096, &text, NULL, NULL) < 0)
		return true;
	state = strrchr(text, ')');
	return state && state[1] && strchr("TtZX", state[2]);
}

/* Signals one that does not have the state yet: 1 if it did not, 0 otherwise. */
static int signal_one(const struct pausing *pausing, const char *name, int sig)
{
	autoclose int pidfd = -1;
	uint64_t pid;

	if (str_to_u64(name, 10, &pid) < 0 || pid > INT32_MAX || !is_in(pausing, name) ||
		(sig == SIGSTOP && has_stopped(name)))
		return 0;
	pidfd = pidfd_open_pid((pid_t)pid);
	/* Again: the number may have been another's before. */
	if (pidfd >= 0 && is_in(pausing, name))
		(void)pidfd_signal(pidfd, sig);
	return 1;
}

/* How many had to be signalled. */
static int signal_all(const struct pausing *pausing, int sig)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	while (dir && (entry = readdir(dir)))
		count += signal_one(pausing, entry->d_name, sig);
	if (dir)
		closedir(dir);
	return count;
}

static int stop_all(const struct pausing *pausing)
{
	for (int round = 0; round < MAX_ROUNDS; round++) {
		if (signal_all(pausing, SIGSTOP) == 0)
			return 0;
		usleep(ROUND_PAUSE_US);
	}
	return -ETIMEDOUT;
}

static int pause_run(void *data)
{
	const struct pausing *pausing = data;
	int r = stop_all(pausing);
	char end;

	if (r == 0 && fd_write_all(PAUSE_RESULTS, &r, sizeof(r)) == 0) {
		/* Until the other side closes its end, or is no more. */
		while (read(PAUSE_COMMANDS, &end, 1) < 0 && errno == EINTR)
			;
	} else {
		(void)fd_write_all(PAUSE_RESULTS, &r, sizeof(r));
	}
	signal_all(pausing, SIGCONT);
	return 0;
}

static int start(
	struct pausing *pausing, struct commit_pause *ret, int *ret_results, struct error *err)
{
	int commands[2], results[2], fds[2];
	const char *title[] = {"coracle-pause", NULL};
	struct process_spawn how = {.argv = (char *const *)title,
		.stdin_fd = -1,
		.stdout_fd = -1,
		.stderr_fd = -1,
		.fds = fds,
		.fd_count = 2,
		/* Keys that end the command do not end the pause before it. */
		.new_session = true};
	int r;

	if (pipe2(commands, O_CLOEXEC) < 0)
		return error_sys(err, errno, "create pipe");
	if (pipe2(results, O_CLOEXEC) < 0) {
		r = error_sys(err, errno, "create pipe");
		close(commands[0]);
		close(commands[1]);
		return r;
	}
	fds[0] = commands[0];
	fds[1] = results[1];
	r = process_fork(&how, pause_run, pausing, &ret->pid, err);
	close(commands[0]);
	close(results[1]);
	ret->fd = commands[1];
	*ret_results = results[0];
	return r;
}

int commit_pause_begin(const struct container *ctr, struct commit_pause *ret, struct error *err)
{
	autofree char *path = xasprintf("/proc/%" PRId64 "/ns/pid", ctr->state.init.pid);
	autoclose int pidfd = process_id_open(&ctr->state.init);
	autoclose int results = -1;
	struct pausing pausing;
	int r, code = -EIO;

	*ret = (struct commit_pause){.fd = -1};
	if (pidfd < 0 || stat(path, &pausing.namespace) < 0 || pidfd_signal(pidfd, 0) < 0)
		return error_set(err, ESRCH, "pause: the container has just ended");
	r = start(&pausing, ret, &results, err);
	if (r == 0 && read(results, &code, sizeof(code)) != sizeof(code))
		code = -EIO;
	if (r == 0 && code < 0)
		r = error_sys(err, -code, "pause the container");
	if (r < 0)
		commit_pause_end(ret);
	return r;
}

void commit_pause_end(struct commit_pause *pause)
{
	close_fd(&pause->fd);
	if (pause->pid > 0)
		process_wait(pause->pid);
	pause->pid = 0;
}
