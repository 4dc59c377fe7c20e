/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/file.h"
#include "sys/process-title.h"

#define SPAWN_MAX_FDS 64

extern char **environ;

/* Where a name without a slash is found in our PATH; NULL when nowhere. */
static char *find_in_path(const char *name)
{
	const char *path = getenv("PATH");
	AUTO(strv_free) char **dirs = strv_split(path ? path : "/usr/bin:/bin", ':');

	if (strchr(name, '/'))
		return xstrdup(name);
	for (size_t i = 0; dirs[i]; i++) {
		autofree char *full = xasprintf("%s/%s", *dirs[i] ? dirs[i] : ".", name);

		if (access(full, X_OK) == 0)
			return take_ptr(full);
	}
	return NULL;
}

static void reset_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	/* Ignored signals stay ignored over exec; SIGPIPE in particular must not. */
	for (int sig = 1; sig < SIGRTMIN; sig++) {
		struct sigaction old;

		if (sigaction(sig, NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			sigaction(sig, &action, NULL);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * Puts sources[i] at number i. All sources are moved above the targets first, so that no step
 * overwrites a descriptor that is still needed. Runs after vfork(): nothing but system calls.
 */
static int place_fds(int *sources, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int moved = sources[i] < 0
			? open("/dev/null", O_RDWR | O_CLOEXEC)
			: fcntl(sources[i], F_DUPFD_CLOEXEC, (int)count);

		if (moved >= 0 && moved < (int)count) {
			int higher = fcntl(moved, F_DUPFD_CLOEXEC, (int)count);

			close(moved);
			moved = higher;
		}
		if (moved < 0)
			return errno;
		sources[i] = moved;
	}
	for (size_t i = 0; i < count; i++) {
		if (dup2(sources[i], (int)i) < 0)
			return errno;
	}
	if (close_range((unsigned)count, ~0U, 0) < 0)
		return errno;
	return 0;
}

/* The descriptors that place_fds() wants, in its order; their count. */
static int wanted_fds(const struct process_spawn *spawn, int *fds, struct error *err)
{
	if (spawn->fd_count > SPAWN_MAX_FDS)
		return error_set(err, EINVAL, "too many descriptors for %s", spawn->path);
	fds[0] = spawn->stdin_fd;
	fds[1] = spawn->stdout_fd;
	fds[2] = spawn->stderr_fd == -1 ? STDERR_FILENO : spawn->stderr_fd;
	for (size_t i = 0; i < spawn->fd_count; i++)
		fds[3 + i] = spawn->fds[i];
	return 3 + (int)spawn->fd_count;
}

static _Noreturn void spawn_child(const struct process_spawn *spawn, const char *path, int *fds,
	size_t count, volatile int *failure)
{
	if (spawn->new_session)
		setsid();
	/* Memory is shared with the parent until exec, namespaces are not. */
	if (spawn->netns_fd && setns(*spawn->netns_fd, CLONE_NEWNET) < 0)
		*failure = errno;
	else
		*failure = place_fds(fds, count);
	if (*failure == 0) {
		reset_signals();
		execve(path, spawn->argv, spawn->env ? spawn->env : environ);
		*failure = errno;
	}
	_exit(127);
}

int process_spawn(const struct process_spawn *spawn, pid_t *ret_pid, int *ret_pidfd,
	struct error *err)
{
	autofree char *path = find_in_path(spawn->path);
	int fds[3 + SPAWN_MAX_FDS];
	volatile int failure = 0;
	sigset_t all, saved;
	int count;
	pid_t pid;

	if (!path)
		return error_set(err, ENOENT, "%s: not found in PATH", spawn->path);
	count = wanted_fds(spawn, fds, err);
	if (count < 0)
		return count;
	/* A handler of ours that ran in the child would run on our own memory. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &saved);
	pid = vfork();
	if (pid == 0)
		spawn_child(spawn, path, fds, (size_t)count, &failure);
	sigprocmask(SIG_SETMASK, &saved, NULL);
	if (pid < 0)
		return error_sys(err, errno, "start %s", path);
	if (failure) {
		process_wait(pid);
		return error_sys(err, failure, "start %s", path);
	}
	if (ret_pidfd) {
		int pidfd = pidfd_open_pid(pid);

		if (pidfd < 0)
			return error_sys(err, -pidfd, "start %s", path);
		*ret_pidfd = pidfd;
	}
	if (ret_pid)
		*ret_pid = pid;
	return 0;
}

int process_fork(const struct process_spawn *spawn, process_role *role, void *data, pid_t *ret_pid,
	struct error *err)
{
	int fds[3 + SPAWN_MAX_FDS];
	int count = wanted_fds(spawn, fds, err);
	sigset_t all, saved;
	pid_t pid;

	if (count < 0)
		return count;
	/* As in process_spawn(): the child takes signals only once they are reset. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &saved);
	pid = fork();
	if (pid == 0) {
		if (spawn->new_session)
			setsid();
		if (place_fds(fds, (size_t)count) != 0)
			_exit(127);
		process_title_set(spawn->argv);
		/* As an exec would: joining a namespace has made our parent's /proc files root's. */
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
		reset_signals();
		/* Not exit(): what the parent has buffered and registered is not ours. */
		_exit(role(data));
	}
	sigprocmask(SIG_SETMASK, &saved, NULL);
	if (pid < 0)
		return error_sys(err, errno, "start %s", spawn->argv[0]);
	if (ret_pid)
		*ret_pid = pid;
	return 0;
}

int process_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* One of the three streams of process_run(). */
struct run_stream {
	int fd; /* our end; -1 when done */
	struct strbuf buf;
};

static int drain(struct run_stream *stream, size_t limit)
{
	char chunk[16384];
	ssize_t got = read(stream->fd, chunk, sizeof(chunk));

	if (got < 0)
		return errno == EINTR ? 0 : -errno;
	if (got == 0)
		close_fd(&stream->fd);
	else if (stream->buf.len + (size_t)got > limit)
		return -EFBIG;
	else
		strbuf_add(&stream->buf, chunk, (size_t)got);
	return 0;
}

static int feed(int *fd, const char **input, size_t *len)
{
	ssize_t done = write(*fd, *input, *len);

	/* A program that does not read its input says with its status whether that was right. */
	if (done < 0 && errno == EPIPE)
		*len = 0;
	else if (done < 0 && errno != EINTR && errno != EAGAIN)
		return -errno;
	else if (done > 0) {
		*input += done;
		*len -= (size_t)done;
	}
	if (*len == 0)
		close_fd(fd);
	return 0;
}

static int exchange(int *input_fd, const char *input, size_t len, struct run_stream *out,
	struct run_stream *errors, size_t limit)
{
	int r = 0;

	if (len == 0)
		close_fd(input_fd);
	while (r == 0 && (*input_fd >= 0 || out->fd >= 0 || errors->fd >= 0)) {
		struct pollfd fds[3] = { { .fd = *input_fd, .events = POLLOUT },
			{ .fd = out->fd, .events = POLLIN }, { .fd = errors->fd, .events = POLLIN } };

		if (poll(fds, 3, -1) < 0) {
			r = errno == EINTR ? 0 : -errno;
			continue;
		}
		if (fds[0].revents)
			r = feed(input_fd, &input, &len);
		if (r == 0 && fds[1].revents)
			r = drain(out, limit);
		if (r == 0 && fds[2].revents)
			r = drain(errors, limit);
	}
	return r;
}

int process_run(const struct process_spawn *spawn, const char *input, size_t input_len,
	size_t limit, char **ret_output, char **ret_errors, struct error *err)
{
	struct process_spawn actual = *spawn;
	int in[2], out[2], errors[2], status, r;
	struct run_stream out_stream = { .fd = -1 }, error_stream = { .fd = -1 };
	struct sigaction ignore = { .sa_handler = SIG_IGN }, saved;
	pid_t pid;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(errors, O_CLOEXEC) < 0)
		return error_sys(err, errno, "start %s", spawn->path);
	actual.stdin_fd = in[0];
	actual.stdout_fd = out[1];
	actual.stderr_fd = errors[1];
	r = process_spawn(&actual, &pid, NULL, err);
	close(in[0]);
	close(out[1]);
	close(errors[1]);
	out_stream.fd = out[0];
	error_stream.fd = errors[0];
	if (r == 0) {
		fcntl(in[1], F_SETFL, O_NONBLOCK);
		sigaction(SIGPIPE, &ignore, &saved);
		r = exchange(&in[1], input, input_len, &out_stream, &error_stream, limit);
		sigaction(SIGPIPE, &saved, NULL);
		if (r < 0) {
			kill(pid, SIGKILL);
			error_sys(err, -r, "run %s", spawn->path);
		}
		status = process_wait(pid);
		r = r < 0 ? r : status;
	}
	close_fd(&in[1]);
	close_fd(&out_stream.fd);
	close_fd(&error_stream.fd);
	if (r >= 0 && ret_output)
		*ret_output = strbuf_take(&out_stream.buf);
	if (r >= 0 && ret_errors)
		*ret_errors = strbuf_take(&error_stream.buf);
	strbuf_release(&out_stream.buf);
	strbuf_release(&error_stream.buf);
	return r;
}
