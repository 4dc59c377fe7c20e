/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "container/attach.h"
#include "container/event.h"
#include "container/exec-session.h"
#include "monitor/relay.h"
#include "runtime/runtime.h"
#include "runtime/seccomp-cache.h"
#include "sys/file.h"

#define EXIT_CODE_ENGINE 125
/* A process that is killed before it has begun: if it was the container's end, that comes now. */
#define INIT_END_MS 500
#define EXIT_CODE_NO_SESSION 255 /* podman's, where the container does not run any more */

struct session {
	struct exec_monitor *options;
	struct exec_session record;
	struct runtime_container process;
	int run_dirfd; /* of the container */
	int dirfd;     /* of the session; -1: not yet */
	int seccomp_fd;
	int child_fds[3];
	int our_fds[3];
	struct relay *relay;
	int failure_code;
};

static int open_all(struct session *self, struct error *err)
{
	const struct exec_monitor *options = self->options;
	autofree char *path = xasprintf("containers/%s", options->container_id);

	/* Never made here: where it is missing the container has ended. */
	self->run_dirfd = dir_open_at(options->runfd, path, NULL);
	if (self->run_dirfd < 0)
		return error_set(err, ESRCH, "the container has ended");
	for (int i = 0; i < 3 && !options->process->terminal; i++) {
		bool is_input = i == STDIN_FILENO;
		int ends[2];

		if (is_input && !options->interactive)
			continue;
		if (pipe2(ends, O_CLOEXEC) < 0)
			return error_sys(err, errno, "pipe");
		self->child_fds[i] = ends[is_input ? 0 : 1];
		self->our_fds[i] = ends[is_input ? 1 : 0];
	}
	if (str_eq(options->seccomp, "unconfined"))
		return 0;
	return seccomp_filter_prepare(options->runfd,
		str_is_empty(options->seccomp) ? NULL : options->seccomp, options->seccomp_caps,
		&self->seccomp_fd, err);
}

/* The kernel lets us move a process only where we may write in the common ancestor too. */
static bool is_denied_cgroup(int r)
{
	return r == -EACCES || r == -EPERM || r == -EBUSY || r == -EOPNOTSUPP || r == -ENOENT;
}

static int clone_process(struct session *self, struct error *err)
{
	const struct exec_monitor *options = self->options;
	struct runtime_exec_request request = RUNTIME_EXEC_REQUEST_INIT;
	autoclose int cgroup = exec_cgroup_open(options->init_pid);
	int r;

	request.pidfd = options->init_pidfd;
	request.id = options->container_id;
	request.process = options->process;
	request.fds = options->fds;
	request.fd_count = options->fd_count;
	request.seccomp_fd = self->seccomp_fd;
	request.cgroup_fd = cgroup < 0 ? -1 : cgroup;
	memcpy(request.stdio, self->child_fds, sizeof(request.stdio));
	r = runtime_exec(&request, &self->process, err);
	if (cgroup >= 0 && is_denied_cgroup(r)) {
		log_warn("exec: join the cgroup of %.12s: %s: its limits do not hold for this "
			 "process",
			options->container_id, strerror(-r));
		request.cgroup_fd = -1;
		r = runtime_exec(&request, &self->process, err);
	}
	for (int i = 0; i < 3; i++)
		close_fd(&self->child_fds[i]);
	for (size_t i = 0; i < options->fd_count; i++)
		close(options->fds[i]);
	close_fd(&self->seccomp_fd);
	return r;
}

/* While the child mounts and joins: the next command finds it here if we are killed. */
static int record_start(struct session *self, struct error *err)
{
	const struct exec_monitor *options = self->options;
	struct exec_session *record = &self->record;
	int r = process_id_get(getpid(), &record->monitor, err);

	if (r == 0)
		r = process_id_get(self->process.pid, &record->process, err);
	if (r < 0)
		return r;
	record->id = xstrdup(options->session_id);
	record->command = strv_dup(options->process->args);
	record->user = xstrdup(options->user);
	record->tty = options->process->terminal;
	record->started_ns = clock_now_ns();
	self->dirfd = exec_session_make(self->run_dirfd, options->session_id, err);
	return self->dirfd < 0 ? self->dirfd : exec_session_write(self->dirfd, record, err);
}

static void open_relay(struct session *self)
{
	struct exec_monitor *options = self->options;
	struct relay_options relay = {
		.tty = options->process->terminal,
		.console_fd = take_fd(self->process.console_fd),
		.output_fds = {take_fd(self->our_fds[1]), take_fd(self->our_fds[2])},
		.stdin_fd = take_fd(self->our_fds[0]),
		.listen_fd = attach_listen(self->dirfd, NULL),
		.spool_dirfd = -1,
		.init_pidfd = self->process.pidfd,
	};

	self->relay = relay_new(&relay);
	relay_add_client(self->relay, take_fd(options->client_fd), options->client_attaches);
}

static int start(struct session *self, struct error *err)
{
	int r = open_all(self, err);

	if (r == 0)
		r = clone_process(self, err);
	if (r == -ESRCH)
		self->failure_code = EXIT_CODE_NO_SESSION;
	if (r == 0)
		r = record_start(self, err);
	if (r < 0)
		return r;
	r = runtime_wait_ready(&self->process, err);
	if (r == 0) {
		open_relay(self);
		r = runtime_start(&self->process, err);
	}
	if (r == -EPIPE && pidfd_wait_end(self->options->init_pidfd, INIT_END_MS) == 1)
		r = error_set(err, ESRCH, "the container has ended");
	if (r == -ESRCH)
		self->failure_code = EXIT_CODE_NO_SESSION;
	else if (r < 0)
		self->failure_code = runtime_exit_code(err);
	return r;
}

static void note_event(const struct session *self, enum event_status status)
{
	const struct exec_monitor *options = self->options;
	const struct container_event event = {
		.status = status,
		/* Where the process has not ended yet it is 0, and left out. */
		.exit_code = self->record.exit_code,
	};

	container_note_events(options->no_events ? -1 : options->runfd, options->record, &event, 1);
}

/*
 * The process is settled in the record before it is reaped: until then the container cannot have
 * ended, so its directory is there.
 */
static void record_end(struct session *self, const siginfo_t *info)
{
	struct exec_session *record = &self->record;
	struct error err = {0};
	int r;

	record->exit_code = info->si_code == CLD_EXITED ? info->si_status : 128 + info->si_status;
	record->finished_ns = clock_now_ns();
	process_id_release(&record->monitor);
	process_id_release(&record->process);
	note_event(self, EVENT_EXEC_DIED);
	/* Who is attached hears the exit code now; else it is kept for those who ask. */
	if (self->options->client_attaches && relay_has_clients(self->relay)) {
		r = exec_session_remove(self->run_dirfd, record->id, &err);
	} else {
		unlinkat(self->dirfd, ATTACH_SOCKET, 0);
		r = exec_session_write(self->dirfd, record, &err);
		/* Nobody waits for us; whoever starts a session does. */
		exec_session_collect(self->run_dirfd);
	}
	if (r < 0)
		log_debug("exec session %.12s: %s", record->id, error_text(&err));
}

static void run(struct session *self)
{
	struct error ignored = {0};
	siginfo_t info = {0};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	note_event(self, EVENT_EXEC);
	/* What there was to warn of has been said; the person's terminal is not ours to hold. */
	if (null >= 0) {
		dup2(null, STDERR_FILENO);
		close(null);
	}
	relay_ready(self->relay);
	relay_run(self->relay, &ignored);
	while (waitid(P_PIDFD, (id_t)self->process.pidfd, &info, WEXITED | WNOWAIT) < 0 &&
		errno == EINTR)
		continue;
	record_end(self, &info);
	process_wait(self->process.pid);
	self->process.pid = 0;
	relay_finish(self->relay, (int)self->record.exit_code);
}

static void fail(struct session *self, const struct error *cause)
{
	struct attach_writer writer = {0};

	if (self->dirfd >= 0)
		exec_session_remove(self->run_dirfd, self->options->session_id, NULL);
	runtime_abort(&self->process);
	if (self->relay) {
		relay_fail(self->relay, self->failure_code, error_text(cause));
		return;
	}
	attach_add_error(&writer, self->failure_code, error_text(cause));
	attach_writer_flush(&writer, self->options->client_fd);
	attach_writer_release(&writer);
}

static void session_release(struct session *self)
{
	relay_free(self->relay);
	runtime_container_release(&self->process);
	exec_session_release(&self->record);
	for (int i = 0; i < 3; i++) {
		close_fd(&self->child_fds[i]);
		close_fd(&self->our_fds[i]);
	}
	close_fd(&self->seccomp_fd);
	close_fd(&self->dirfd);
	close_fd(&self->run_dirfd);
	close_fd(&self->options->client_fd);
	close_fd(&self->options->init_pidfd);
	close_fd(&self->options->runfd);
}

int exec_monitor_run(struct exec_monitor *options, struct error *err)
{
	struct session self = {
		.options = options,
		.process = RUNTIME_CONTAINER_INIT,
		.run_dirfd = -1,
		.dirfd = -1,
		.seccomp_fd = -1,
		.child_fds = {-1, -1, -1},
		.our_fds = {-1, -1, -1},
		.failure_code = EXIT_CODE_ENGINE,
	};
	static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGXFSZ};
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		signal(ignored[i], SIG_IGN);
	r = start(&self, err);
	if (r == 0)
		run(&self);
	else
		fail(&self, err);
	session_release(&self);
	return r;
}
