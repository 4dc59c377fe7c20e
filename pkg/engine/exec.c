/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/digest.h"
#include "container/attach.h"
#include "container/exec-session.h"
#include "engine/exec-process.h"
#include "engine/internal.h"
#include "engine/running-root.h"
#include "sys/file.h"
#include "sys/process.h"

/* podman's code for a session that could not be made. */
#define EXIT_CODE_NO_SESSION 255
#define FIRST_PRESERVED_FD 3

static int make_process(const struct engine_exec *exec, const struct container *ctr, int pidfd,
	struct spec *spec, struct error *err)
{
	autofree char *text = NULL, *passwd = NULL, *group = NULL;
	size_t len;
	int r = file_read_at(ctr->dirfd, CONTAINER_SPEC_FILE, CONTAINER_MAX_JSON, &text, &len, err);

	if (r == 0)
		r = spec_parse(text, len, spec, err);
	if (r == 0 && !str_is_empty(exec->user)) {
		autoclose int root = running_root_open(ctr, pidfd, err);

		if (root < 0)
			return root;
		passwd = running_root_read(root, "/etc/passwd");
		group = running_root_read(root, "/etc/group");
	}
	if (r < 0)
		return r;
	return exec_process_make(exec, ctr->record, passwd, group, &spec->process, err);
}

struct role {
	engine_exec_monitor_fn *run;
	const struct engine_exec_monitor *monitor;
};

static int run_role(void *data)
{
	const struct role *role = data;

	return role->run(role->monitor);
}

/* Starts the session's monitor; *ret is our end of the connection. */
static int start_monitor(struct engine *engine, const struct engine_exec_monitor *monitor,
	int pidfd, int *ret, struct error *err)
{
	const char *title[] = {"coracle-exec", monitor->container_id, monitor->session_id, NULL};
	struct role role = {engine->run_exec_monitor, monitor};
	int fds[3 + ENGINE_MAX_PRESERVED_FDS];
	struct process_spawn how = {
		.argv = (char *const *)title,
		.stdin_fd = -1,
		.stdout_fd = -1,
		.stderr_fd = monitor->attaches ? -1 : -2,
		.fds = fds,
		.fd_count = 3 + monitor->fd_count,
		.new_session = true,
	};
	int ends[2];
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return error_sys(err, errno, "socketpair");
	fds[0] = ends[1];
	fds[1] = pidfd;
	fds[2] = engine->store->runfd;
	for (size_t i = 0; i < monitor->fd_count; i++)
		fds[3 + i] = FIRST_PRESERVED_FD + (int)i;
	r = process_fork(&how, run_role, &role, NULL, err);
	close(ends[1]);
	if (r < 0)
		close(ends[0]);
	else
		*ret = ends[0];
	return r;
}

/* A pidfd of the first process of a container that runs. */
static int open_init(const struct container *ctr, struct error *err)
{
	int pidfd =
		ctr->state.status == CONTAINER_RUNNING ? process_id_open(&ctr->state.init) : -ESRCH;

	if (pidfd < 0)
		return error_set(err, ESRCH,
			"can only create exec sessions on running containers: container state "
			"improper");
	return pidfd;
}

static int start_session(struct engine *engine, const struct engine_exec *exec,
	const struct container *ctr, int pidfd, const struct spec_process *process,
	struct engine_start_result *ret, struct error *err)
{
	const struct container_record *record = ctr->record;
	const struct engine_exec_monitor monitor = {
		.container_id = record->id,
		.session_id = ret->id,
		.record = record,
		.no_events = engine->store->events_fd < 0,
		.process = process,
		.user = exec->user,
		.seccomp = record->seccomp,
		.seccomp_caps = record->seccomp_caps,
		.init_pid = ctr->state.init.pid,
		.fd_count = exec->preserve_fds,
		.interactive = exec->interactive,
		.attaches = !exec->detach,
	};
	autoclose int fd = -1;
	int r = start_monitor(engine, &monitor, pidfd, &fd, err);

	if (r == 0 && exec->detach)
		r = engine_wait_started(fd, &ret->exit_code, err);
	if (r == 0 && !exec->detach)
		ret->attach_fd = take_fd(fd);
	return r;
}

int engine_exec(struct engine *engine, const struct engine_exec *exec,
	struct engine_start_result *ret, struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	AUTO(spec_release) struct spec spec = {0};
	autoclose int pidfd = -1;
	int r;

	*ret = (struct engine_start_result){.attach_fd = -1, .exit_code = ENGINE_EXIT_ENGINE};
	if (!engine->run_exec_monitor)
		return error_set(err, ENOTSUP, "exec needs its monitor");
	if (exec->preserve_fds > ENGINE_MAX_PRESERVED_FDS)
		return error_set(err, EINVAL, "at most %d descriptors can be preserved",
			ENGINE_MAX_PRESERVED_FDS);
	r = engine_container_open(engine, exec->name, &ctr, err);
	if (r < 0)
		return r;
	ret->exit_code = EXIT_CODE_NO_SESSION;
	pidfd = open_init(ctr, err);
	r = pidfd < 0 ? pidfd : make_process(exec, ctr, pidfd, &spec, err);
	if (r < 0)
		return r;
	ret->id = random_hex(EXEC_SESSION_ID_BYTES);
	ret->tty = exec->tty;
	ret->interactive = exec->interactive;
	ret->detach_keys = xstrdup(ctr->record->detach_keys);
	return start_session(engine, exec, ctr, pidfd, &spec.process, ret, err);
}
