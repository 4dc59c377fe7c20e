/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "container/attach.h"
#include "container/event.h"
#include "container/start-order.h"
#include "engine/internal.h"
#include "engine/specgen.h"
#include "sys/process.h"

void engine_start_result_release(struct engine_start_result *result)
{
	free(result->id);
	free(result->detach_keys);
	close_fd(&result->attach_fd);
}

struct role {
	engine_monitor_fn *run;
	const struct engine_monitor *monitor;
};

static int run_role(void *data)
{
	const struct role *role = data;

	return role->run(role->monitor);
}

static int execute_monitor(
	const struct engine_monitor *monitor, struct process_spawn *how, struct error *err)
{
	autofree char *program = libexec_path("coracle-monitor");
	const char *waits = monitor->waits ? "1" : "0";
	autofree char *rows = xasprintf("%u", monitor->rows);
	autofree char *columns = xasprintf("%u", monitor->columns);
	const char *argv[] = {"coracle-monitor", monitor->id, monitor->root, monitor->runroot,
		monitor->driver ? monitor->driver : "", monitor->attaches ? "1" : "0", rows,
		columns, monitor->no_events ? "1" : "0", waits, NULL};

	how->path = program;
	how->argv = (char *const *)argv;
	return process_spawn(how, NULL, NULL, err);
}

static int fork_monitor(struct engine *engine, const struct engine_monitor *monitor,
	struct process_spawn *how, struct error *err)
{
	struct role role = {engine->run_monitor, monitor};
	const char *title[] = {"coracle-monitor", monitor->id, NULL};

	how->argv = (char *const *)title;
	return process_fork(how, run_role, &role, NULL, err);
}

/* Starts the monitor; *ret is our end of the connection. */
static int start_monitor(
	struct engine *engine, const struct engine_monitor *monitor, int *ret, struct error *err)
{
	int ends[2];
	/* Its standard error stays ours only while somebody watches: warnings reach them. */
	struct process_spawn how = {
		.stdin_fd = -1,
		.stdout_fd = -1,
		.stderr_fd = monitor->attaches ? -1 : -2,
		.fds = &ends[1],
		.fd_count = 1,
		.new_session = true,
	};
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return error_sys(err, errno, "socketpair");
	r = engine->run_monitor ? fork_monitor(engine, monitor, &how, err)
				: execute_monitor(monitor, &how, err);
	close(ends[1]);
	if (r < 0)
		close(ends[0]);
	else
		*ret = ends[0];
	return r;
}

int engine_wait_started(int fd, int *ret_code, struct error *err)
{
	struct attach_reader reader = {0};
	int r = 0;

	for (;;) {
		struct pollfd pfd = {fd, POLLIN, 0};
		struct attach_frame frame;
		uint32_t code;

		r = attach_reader_next(&reader, &frame);
		if (r > 0 && frame.type == ATTACH_READY) {
			r = 0;
			break;
		}
		if (r > 0 && frame.type == ATTACH_ERROR && attach_get_u32(&frame, &code) == 0) {
			*ret_code = (int)code;
			r = error_set(err, ENOEXEC, "%.*s", (int)(frame.len - 4), frame.data + 4);
			break;
		}
		if (r != 0)
			continue;
		poll(&pfd, 1, -1);
		r = attach_reader_fill(&reader, fd);
		if (r == 0 || (r < 0 && r != -EAGAIN)) {
			r = error_set(
				err, ECONNRESET, "the container's monitor ended unexpectedly");
			break;
		}
	}
	attach_reader_release(&reader);
	return r;
}

static int attach_to(
	struct engine *engine, const struct container_record *record, int *ret, struct error *err)
{
	autoclose int run = container_run_dir(engine->store, record->id, err);
	int fd = run < 0 ? run : attach_connect(run, err);

	if (fd < 0)
		return error_wrap(err, fd, "attach to container %.12s", record->id);
	container_note_event(engine->store->events_fd, record, EVENT_ATTACH);
	*ret = fd;
	return 0;
}

static void fill_result(const struct container_record *record, struct engine_start_result *ret)
{
	ret->id = xstrdup(record->id);
	ret->tty = record->tty;
	ret->interactive = record->interactive;
	ret->detach_keys = xstrdup(record->detach_keys);
}

static struct engine_monitor describe_monitor(const struct engine *engine, struct container *ctr)
{
	return (struct engine_monitor){
		.id = ctr->record->id,
		.root = engine->store->root,
		.runroot = engine->store->run,
		/* What another driver has written would not be understood. */
		.driver = engine->driver_option ? engine->driver_option : ctr->record->driver,
		.no_events = engine->store->events_fd < 0,
		.record = ctr->record,
	};
}

/* The monitor of one that is initialized has done the rest already. */
static int order_start(struct engine *engine, const struct container *ctr,
	const struct engine_monitor *monitor, int *ret, struct error *err)
{
	const struct start_order order = {
		.attaches = monitor->attaches, .rows = monitor->rows, .columns = monitor->columns};
	autoclose int run = container_run_dir(engine->store, ctr->record->id, err);
	autoclose int fd = run < 0 ? run : attach_connect(run, err);
	int r = fd < 0 ? fd : start_order_send(fd, &order, err);

	if (r == 0)
		*ret = take_fd(fd);
	return r;
}

/* @spec: of a container that was made just now; NULL: the monitor reads it. The lock is held. */
static int start(struct engine *engine, struct container *ctr, struct spec *spec,
	const struct engine_start *request, struct engine_start_result *ret, struct error *err)
{
	struct engine_monitor monitor = describe_monitor(engine, ctr);
	autoclose int fd = -1;
	int r = 0;

	monitor.attaches = request->attach;
	monitor.rows = request->has_window ? request->window_rows : 0;
	monitor.columns = request->has_window ? request->window_columns : 0;
	monitor.spec = spec;
	if (container_is_monitored(ctr) && !ctr->state.waits) {
		if (request->attach)
			r = attach_to(engine, ctr->record, &fd, err);
	} else {
		r = ctr->state.waits ? order_start(engine, ctr, &monitor, &fd, err)
				     : start_monitor(engine, &monitor, &fd, err);
		/*
		 * With attach the client reads READY itself. The lock goes then: another start at
		 * this moment finds the monitor's state, which is the first thing that it writes.
		 */
		if (r == 0 && !request->attach)
			r = engine_wait_started(fd, &ret->exit_code, err);
	}
	if (r < 0)
		return r;
	fill_result(ctr->record, ret);
	if (request->attach)
		ret->attach_fd = take_fd(fd);
	return 0;
}

/*
 * Locked. One that pauses before its monitor starts it again need not wait for that: we start it
 * anew, when that monitor has gone, which may need the lock to go.
 */
static int open_startable(
	struct engine *engine, const char *id, struct container **ret, struct error *err)
{
	for (;;) {
		AUTO(container_free) struct container *ctr = NULL;
		int r = container_open_locked(engine->store, id, &ctr, err);

		if (r < 0)
			return r;
		if (ctr->state.status != CONTAINER_RESTARTING) {
			*ret = take_ptr(ctr);
			return 0;
		}
		close_fd(&ctr->lock_fd);
		r = container_end_restarts(ctr, err);
		if (r < 0)
			return r;
		if (ctr->state.status == CONTAINER_RESTARTING)
			container_wait_monitor(ctr, -1);
	}
}

int engine_init(struct engine *engine, const char *name, struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	struct engine_monitor monitor;
	autofree char *id = NULL;
	autoclose int fd = -1;
	int r = container_resolve(engine->store, name, &id, err);
	int code;

	if (r < 0)
		return r;
	r = open_startable(engine, id, &ctr, err);
	if (r == 0)
		r = engine_check_unmounted(ctr, err);
	if (r == 0 && container_is_monitored(ctr))
		r = error_set(err, EBUSY,
			"container %s has already been created in runtime: container state "
			"improper",
			id);
	if (r < 0)
		return r;
	monitor = describe_monitor(engine, ctr);
	monitor.waits = true;
	r = start_monitor(engine, &monitor, &fd, err);
	return r < 0 ? r : engine_wait_started(fd, &code, err);
}

int engine_start(struct engine *engine, const struct engine_start *request,
	struct engine_start_result *ret, struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	autofree char *id = NULL;
	int r = container_resolve(engine->store, request->name, &id, err);

	*ret = (struct engine_start_result){.attach_fd = -1, .exit_code = ENGINE_EXIT_ENGINE};
	if (r == 0)
		r = open_startable(engine, id, &ctr, err);
	if (r == 0)
		r = engine_check_unmounted(ctr, err);
	if (r == 0 && ctr->state.status == CONTAINER_PAUSED)
		r = error_set(err, EBUSY,
			"container %s must be in Created or Stopped state to be started: container "
			"state improper",
			id);
	return r < 0 ? r : start(engine, ctr, NULL, request, ret, err);
}

int engine_attach(
	struct engine *engine, const char *name, struct engine_start_result *ret, struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	autoclose int fd = -1;
	int r = engine_container_open(engine, name, &ctr, err);

	*ret = (struct engine_start_result){.attach_fd = -1, .exit_code = ENGINE_EXIT_ENGINE};
	if (r < 0)
		return r;
	if (ctr->state.status != CONTAINER_RUNNING)
		return error_set(err, ESRCH, "you can only attach to running containers");
	r = attach_to(engine, ctr->record, &fd, err);
	if (r < 0)
		return r;
	fill_result(ctr->record, ret);
	ret->attach_fd = take_fd(fd);
	return 0;
}

/* What was just written need not be read again, neither by us nor by the monitor. */
static int start_created(struct engine *engine, struct specgen_output *out,
	const struct engine_start *request, struct engine_start_result *ret, struct error *err)
{
	AUTO(container_free) struct container *ctr = NULL;
	autoclose int lock = container_lock(engine->store, out->record->id, err);
	int r = lock < 0 ? lock : container_adopt(engine->store, out->record, &ctr, err);

	if (r < 0)
		return r;
	out->record = NULL;
	return start(engine, ctr, &out->spec, request, ret, err);
}

int engine_run(struct engine *engine, const struct run_request *req,
	struct engine_start_result *ret, struct error *err)
{
	struct specgen_output out = {0};
	struct engine_start request = {
		.attach = !req->detach,
		.has_window = req->has_window,
		.window_rows = req->window_rows,
		.window_columns = req->window_columns,
	};
	int r = engine_create_kept(engine, req, &out, err);

	*ret = (struct engine_start_result){.attach_fd = -1, .exit_code = ENGINE_EXIT_ENGINE};
	if (r == 0)
		r = start_created(engine, &out, &request, ret, err);
	specgen_output_release(&out);
	return r;
}
