/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One container, from start to end:
 *
 *     open      record, spec, seccomp filter, mount plan; the state says "initialized"
 *     create    the child is cloned; it mounts while the network plugin is started
 *     start     the program is executed; the state says "running", the client hears READY
 *     relay     until init has ended and its output has been taken
 *     clean up  network, state, and with --rm the container itself
 *
 * A failure anywhere leads to the same clean-up, so nothing is half started.
 */
#include "monitor/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "container/attach.h"
#include "container/container.h"
#include "container/event.h"
#include "monitor/container-cgroup.h"
#include "monitor/log.h"
#include "monitor/relay.h"
#include "monitor/image-root.h"
#include "network/network.h"
#include "runtime/runtime.h"
#include "runtime/seccomp-cache.h"
#include "sys/file.h"

/* podman's code for what is not the command's fault. */
#define EXIT_CODE_ENGINE 125
#define EXIT_CODE_NETWORK 126

struct monitor {
	const struct monitor_options *options;
	struct store *store;
	struct container *ctr;
	struct spec spec;
	struct container_cgroup cgroup;
	struct image_root rootfs;
	struct runtime_container runtime;
	struct network_choice network;
	struct network_request network_request;
	char *network_dir;
	char *netns_path;
	int netns_fd;     /* what netns_path names */
	bool is_attached; /* the network has to be detached */
	int seccomp_fd;
	int child_fds[3]; /* the container's ends of its standard streams */
	int our_fds[3];   /* and ours */
	struct log_writer *log;
	struct relay *relay;
	struct container_state state;
	int64_t created_ns; /* its process was there, waiting for the start */
	char *withdrawn; /* what --rm left to delete */
	int failure_code; /* what run exits with when the container does not start */
};

static int open_container(struct monitor *mon, struct error *err)
{
	const struct monitor_options *options = mon->options;

	if (options->record)
		return container_adopt(mon->store, options->record, &mon->ctr, err);
	return container_open(mon->store, options->id, &mon->ctr, err);
}

static int read_spec(struct monitor *mon, struct error *err)
{
	autofree char *text = NULL;
	size_t len;
	int r;

	if (mon->options->spec) {
		mon->spec = *mon->options->spec;
		return 0;
	}
	r = file_read_at(mon->ctr->dirfd, CONTAINER_SPEC_FILE, CONTAINER_MAX_JSON, &text, &len, err);
	return r < 0 ? r : spec_parse(text, len, &mon->spec, err);
}

static int open_seccomp(struct monitor *mon, struct error *err)
{
	const char *profile = mon->ctr->record->seccomp;

	if (str_eq(profile, "unconfined"))
		return 0;
	return seccomp_filter_prepare(mon->store->runfd, str_is_empty(profile) ? NULL : profile,
		mon->ctr->record->seccomp_caps, &mon->seccomp_fd, err);
}

/* The namespace of another container's network, by the pid that runs now. */
static int join_network(struct monitor *mon, struct error *err)
{
	AUTO(container_free) struct container *other = NULL;
	autofree char *id = NULL;
	int r;

	if (mon->network.mode != NETWORK_MODE_CONTAINER)
		return 0;
	r = container_resolve(mon->store, mon->network.target, &id, err);
	if (r == 0)
		r = container_open(mon->store, id, &other, err);
	if (r < 0)
		return error_wrap(err, r, "network of container %s", mon->network.target);
	if (!container_is_up(other))
		return error_set(err, ESRCH, "network of container %s: it does not run",
			mon->network.target);
	for (size_t i = 0; i < mon->spec.linux.namespace_count; i++) {
		struct spec_namespace *ns = &mon->spec.linux.namespaces[i];

		if (str_eq(ns->type, "network")) {
			free(ns->path);
			ns->path = xasprintf("/proc/%" PRId64 "/ns/net", other->state.init.pid);
		}
	}
	return 0;
}

static int open_pipes(struct monitor *mon, struct error *err)
{
	const struct container_record *record = mon->ctr->record;

	if (record->tty)
		return 0;
	for (int i = 0; i < 3; i++) {
		bool is_input = i == STDIN_FILENO;
		int ends[2];

		if (is_input && !record->interactive)
			continue;
		if (pipe2(ends, O_CLOEXEC) < 0)
			return error_sys(err, errno, "pipe");
		mon->child_fds[i] = ends[is_input ? 0 : 1];
		mon->our_fds[i] = ends[is_input ? 1 : 0];
	}
	return 0;
}

static int open_log(struct monitor *mon, struct error *err)
{
	const struct container_record *record = mon->ctr->record;
	struct log_target target = {
		.driver = record->log_driver,
		.dirfd = mon->ctr->dirfd,
		.file = CONTAINER_LOG_FILE,
		.id = record->id,
		.name = record->name,
	};
	int r = log_options_parse(&record->log_options, &target.options, err);

	return r < 0 ? r : log_writer_open(&target, &mon->log, err);
}

static int open_all(struct monitor *mon, struct error *err)
{
	int r = store_open(&mon->options->store, &mon->store, err);

	if (r == 0)
		r = open_container(mon, err);
	if (r < 0)
		return r;
	mon->state.status = CONTAINER_INITIALIZED;
	r = process_id_get(getpid(), &mon->state.monitor, err);
	if (r == 0)
		r = container_state_write(mon->store, mon->options->id, &mon->state, err);
	if (r == 0)
		r = container_write_files(mon->ctr, err);
	if (r == 0)
		r = read_spec(mon, err);
	/* Early, for systemd takes its time. */
	if (r == 0)
		r = container_cgroup_begin(&mon->cgroup, mon->ctr->record, &mon->spec,
			mon->options->client_attaches, err);
	if (r == 0)
		r = network_choice_parse(mon->ctr->record->network, &mon->network, err);
	if (r == 0)
		r = join_network(mon, err);
	if (r == 0)
		r = open_seccomp(mon, err);
	if (r == 0)
		r = open_log(mon, err);
	if (r == 0)
		r = image_root_open(mon->ctr, &mon->spec, &mon->rootfs, err);
	return r < 0 ? r : open_pipes(mon, err);
}

static bool has_plugins(const struct monitor *mon)
{
	return network_choice_is_private(&mon->network) && mon->network.mode != NETWORK_MODE_NONE;
}

static int create_runtime(struct monitor *mon, struct error *err)
{
	struct runtime_create_request request = RUNTIME_CREATE_REQUEST_INIT;
	/* Any directory that the child does not need: the container alone sees the mount on it. */
	autofree char *target = xasprintf("%s/staging", mon->store->root);
	int r = container_cgroup_create(&mon->cgroup, &mon->state, err);

	if (r < 0)
		return r;
	request.spec = &mon->spec;
	request.id = mon->options->id;
	request.mount_rootfs = image_root_mount;
	request.mount_data = &mon->rootfs;
	request.rootfs_target = target;
	request.seccomp_fd = mon->seccomp_fd;
	request.cgroup_fd = container_cgroup_fd(&mon->cgroup);
	request.init = mon->ctr->record->init;
	request.give_netns = has_plugins(mon);
	for (int i = 0; i < 3; i++)
		request.stdio[i] = mon->child_fds[i];
	if (mon->options->rows && mon->spec.process.terminal) {
		mon->spec.process.has_console_size = true;
		mon->spec.process.console_size.height = mon->options->rows;
		mon->spec.process.console_size.width = mon->options->columns;
	}
	r = runtime_create(&request, &mon->runtime, err);
	for (int i = 0; i < 3; i++)
		close_fd(&mon->child_fds[i]);
	close_fd(&mon->seccomp_fd);
	mon->netns_fd = take_fd(mon->runtime.netns_fd);
	if (r == 0 && mon->rootfs.plan)
		mount_plan_release_fds(mon->rootfs.plan);
	return r;
}

static int attach_network(struct monitor *mon, struct network_attachment **ret, struct error *err)
{
	if (!has_plugins(mon))
		return 0;
	mon->network_dir = xasprintf("%s/network", mon->store->run);
	/* Ours, not the child's, which may be another user's by the time that the plugin looks. */
	mon->netns_path = xasprintf("/proc/%d/fd/%d", (int)getpid(), mon->netns_fd);
	mon->network_request = (struct network_request){
		.choice = &mon->network,
		.ports = &mon->ctr->record->ports,
		.container_id = mon->options->id,
		.netns_path = mon->netns_path,
		.state_dir = mon->network_dir,
	};
	return network_attach_begin(&mon->network_request, ret, err);
}

/* As podman has it: a container without its network is a command that cannot be invoked. */
static void note_network_failure(struct monitor *mon, int r)
{
	/* What does not exist was named wrongly; that is the request's fault, not the container's. */
	if (r < 0)
		mon->failure_code = r == -ENOENT ? EXIT_CODE_ENGINE : EXIT_CODE_NETWORK;
}

/* The container's child mounts while the plugin runs; both have to succeed. */
static int create(struct monitor *mon, struct error *err)
{
	AUTO(network_attach_cancel) struct network_attachment *attachment = NULL;
	AUTO(network_result_release) struct network_result result = { 0 };
	int r = create_runtime(mon, err);

	if (r < 0)
		return r;
	/* From here on the next command can kill what we leave behind if we are killed. */
	r = process_id_get(mon->runtime.pid, &mon->state.init, err);
	if (r == 0)
		r = container_state_write(mon->store, mon->options->id, &mon->state, err);
	if (r == 0) {
		r = attach_network(mon, &attachment, err);
		note_network_failure(mon, r);
	}
	if (r == 0)
		r = runtime_wait_ready(&mon->runtime, err);
	if (r == 0 && attachment) {
		r = network_attach_finish(take_ptr(attachment), &result, err);
		note_network_failure(mon, r);
		/* A failed attachment has undone itself. */
		mon->is_attached = r == 0;
		if (r == 0)
			mon->state.network = json_encode(network_result_fields, &result);
	}
	return r;
}

static int listen_for_clients(struct monitor *mon)
{
	struct error err = {0};
	autoclose int run = container_run_dir(mon->store, mon->options->id, &err);
	int fd = run < 0 ? run : attach_listen(run, &err);

	if (fd < 0)
		log_warn("attach socket: %s: nobody can attach later", error_text(&err));
	return fd < 0 ? -1 : fd;
}

static void open_relay(struct monitor *mon)
{
	struct relay_options options = {
		.tty = mon->ctr->record->tty,
		.console_fd = mon->runtime.console_fd,
		.output_fds = { mon->our_fds[1], mon->our_fds[2] },
		.stdin_fd = mon->our_fds[0],
		.listen_fd = listen_for_clients(mon),
		.spool_dirfd = mon->ctr->dirfd,
		.init_pidfd = mon->runtime.pidfd,
		.log = mon->log,
	};

	mon->runtime.console_fd = -1;
	for (int i = 0; i < 3; i++)
		mon->our_fds[i] = -1;
	mon->relay = relay_new(&options);
	relay_add_client(mon->relay, mon->options->client_fd, mon->options->client_attaches);
}

static void write_pidfile(struct monitor *mon)
{
	autofree char *text = xasprintf("%d\n", (int)mon->runtime.pid);
	const char *path = mon->ctr->record->pidfile;
	int r;

	if (str_is_empty(path))
		return;
	r = file_write_at(AT_FDCWD, path, text, strlen(text), 0644, 0, NULL);
	if (r < 0)
		log_warn("pidfile %s: %s", path, strerror(-r));
}

/* One write for all, and none before the program runs. */
static void note_start(const struct monitor *mon)
{
	const struct container_event events[] = {
		{.status = EVENT_INIT, .time_ns = mon->created_ns},
		{.status = EVENT_START, .time_ns = mon->state.started_ns},
		{.status = EVENT_ATTACH},
	};

	container_note_events(mon->store->events_fd, mon->ctr->record, events,
		mon->options->client_attaches ? 3 : 2);
}

static int start(struct monitor *mon, struct error *err)
{
	int r;

	mon->created_ns = clock_now_ns();
	r = runtime_start(&mon->runtime, err);
	if (r < 0)
		return r;
	mon->state.status = CONTAINER_RUNNING;
	mon->state.started_ns = clock_now_ns();
	note_start(mon);
	write_pidfile(mon);
	return container_state_write(mon->store, mon->options->id, &mon->state, err);
}

static void detach_network(struct monitor *mon)
{
	struct error err = { 0 };

	/*
	 * The kernel takes a namespace that nobody holds apart on its own, with all interfaces in
	 * it; as long as we hold it, the plugin has to wait for theirs to be gone.
	 */
	close_fd(&mon->netns_fd);
	if (mon->is_attached && network_detach(&mon->network_request, &err) < 0)
		log_warn("network of %.12s: %s", mon->options->id, error_text(&err));
	mon->is_attached = false;
}

static void remove_anonymous_volumes(struct monitor *mon)
{
	const struct container_record *record = mon->ctr->record;

	for (size_t i = 0; i < record->mount_count; i++) {
		const char *name = record->mounts[i].anonymous ? record->mounts[i].name : NULL;

		if (name && volume_remove(mon->store, name, NULL) == 0)
			volume_note_event(mon->store->events_fd, EVENT_REMOVE, name);
	}
}

/* Before others can see the end. What was never started has not died. */
static void note_end(const struct monitor *mon)
{
	struct container_event events[3];
	size_t count = 0;

	if (mon->state.oom_killed)
		events[count++] = (struct container_event){.status = EVENT_OOM};
	if (mon->state.started_ns)
		events[count++] = (struct container_event){.status = EVENT_DIED,
			.exit_code = mon->state.exit_code,
			.time_ns = mon->state.finished_ns};
	if (!mon->ctr->record->auto_remove)
		events[count++] = (struct container_event){.status = EVENT_CLEANUP};
	container_note_events(mon->store->events_fd, mon->ctr->record, events, count);
}

/* What the world finds after us: no process, no network, and a record of the end. */
static int clean_up(struct monitor *mon, struct error *err)
{
	bool auto_remove = mon->ctr->record->auto_remove;
	int r;

	runtime_abort(&mon->runtime);
	container_cgroup_finish(&mon->cgroup, &mon->state);
	detach_network(mon);
	log_writer_close(take_ptr(mon->log));
	image_root_release(&mon->rootfs);
	process_id_release(&mon->state.monitor);
	process_id_release(&mon->state.init);
	json_object_put(mon->state.network);
	mon->state.network = NULL;
	note_end(mon);
	if (auto_remove) {
		remove_anonymous_volumes(mon);
		return container_withdraw(mon->store, mon->ctr->record, &mon->withdrawn, err);
	}
	r = container_state_finish(mon->store, mon->options->id, &mon->state, true, err);
	if (r < 0)
		log_warn("container %.12s: %s", mon->options->id, error_text(err));
	return r;
}

static int reap(struct monitor *mon)
{
	int code = process_wait(mon->runtime.pid);

	mon->runtime.pid = 0;
	return code;
}

static void run(struct monitor *mon)
{
	struct error err = { 0 };

	relay_ready(mon->relay);
	relay_run(mon->relay, &err);
	mon->state.exit_code = reap(mon);
	mon->state.finished_ns = clock_now_ns();
	mon->state.status = CONTAINER_EXITED;
	clean_up(mon, &err);
	relay_finish(mon->relay, (int)mon->state.exit_code);
}

/* Tells the first client why nothing runs, after everything has been undone. */
static void fail(struct monitor *mon, const struct error *cause)
{
	int code = mon->failure_code;
	struct error ignored = { 0 };
	struct attach_writer writer = { 0 };

	if (mon->ctr) {
		mon->state.status = CONTAINER_CREATED;
		mon->state.exit_code = code;
		free(mon->state.error);
		mon->state.error = xstrdup(error_text(cause));
		clean_up(mon, &ignored);
	}
	if (mon->relay) {
		relay_fail(mon->relay, code, error_text(cause));
		return;
	}
	attach_add_error(&writer, code, error_text(cause));
	attach_writer_flush(&writer, mon->options->client_fd);
	attach_writer_release(&writer);
	close(mon->options->client_fd);
}

static void monitor_release(struct monitor *mon)
{
	relay_free(mon->relay);
	log_writer_close(mon->log);
	image_root_release(&mon->rootfs);
	runtime_container_release(&mon->runtime);
	container_state_release(&mon->state);
	spec_release(&mon->spec);
	network_choice_release(&mon->network);
	free(mon->network_dir);
	free(mon->netns_path);
	free(mon->withdrawn);
	for (int i = 0; i < 3; i++) {
		close_fd(&mon->child_fds[i]);
		close_fd(&mon->our_fds[i]);
	}
	close_fd(&mon->seccomp_fd);
	container_free(mon->ctr);
	store_close(mon->store);
}

int monitor_run(const struct monitor_options *options, struct error *err)
{
	struct monitor mon = {
		.options = options,
		.runtime = RUNTIME_CONTAINER_INIT,
		.netns_fd = -1,
		.seccomp_fd = -1,
		.child_fds = { -1, -1, -1 },
		.our_fds = { -1, -1, -1 },
		.failure_code = EXIT_CODE_ENGINE,
	};
	static const int ignored[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGXFSZ };
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		signal(ignored[i], SIG_IGN);
	r = open_all(&mon, err);
	if (r == 0)
		r = create(&mon, err);
	if (r == 0) {
		open_relay(&mon);
		r = start(&mon, err);
		/* Else only the program itself can be what 126 and 127 are about. */
		mon.failure_code = runtime_exit_code(err);
	}
	if (r == 0)
		run(&mon);
	else
		fail(&mon, err);
	/* The client has its answer; nobody has to wait for this. */
	if (mon.withdrawn)
		container_delete_files(mon.store, mon.ctr->record, mon.withdrawn);
	monitor_release(&mon);
	return r;
}
