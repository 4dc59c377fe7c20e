/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/life.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "container/attach.h"
#include "container/event.h"
#include "container/start-order.h"
#include "monitor/start-wait.h"
#include "runtime/seccomp-cache.h"
#include "sys/file.h"

/* podman's code for what is not the command's fault. */
#define EXIT_CODE_ENGINE 125
#define EXIT_CODE_NETWORK 126

static int open_seccomp(struct life *life, struct error *err)
{
	const char *profile = life->ctr->record->seccomp;

	if (str_eq(profile, "unconfined"))
		return 0;
	return seccomp_filter_prepare(life->store->runfd, str_is_empty(profile) ? NULL : profile,
		life->ctr->record->seccomp_caps, &life->seccomp_fd, err);
}

/* The namespace of another container's network, by the pid that runs now. */
static int join_network(struct life *life, struct error *err)
{
	AUTO(container_free) struct container *other = NULL;
	autofree char *id = NULL;
	int r;

	if (life->network.mode != NETWORK_MODE_CONTAINER)
		return 0;
	r = container_resolve(life->store, life->network.target, &id, err);
	if (r == 0)
		r = container_open(life->store, id, &other, err);
	if (r < 0)
		return error_wrap(err, r, "network of container %s", life->network.target);
	if (!container_is_up(other))
		return error_set(err, ESRCH, "network of container %s: it does not run",
			life->network.target);
	for (size_t i = 0; i < life->spec->linux.namespace_count; i++) {
		struct spec_namespace *ns = &life->spec->linux.namespaces[i];

		if (str_eq(ns->type, "network")) {
			free(ns->path);
			ns->path = xasprintf("/proc/%" PRId64 "/ns/net", other->state.init.pid);
		}
	}
	return 0;
}

static int open_pipes(struct life *life, struct error *err)
{
	const struct container_record *record = life->ctr->record;

	if (record->tty)
		return 0;
	for (int i = 0; i < 3; i++) {
		bool is_input = i == STDIN_FILENO;
		int ends[2];

		if (is_input && !record->interactive)
			continue;
		if (pipe2(ends, O_CLOEXEC) < 0)
			return error_sys(err, errno, "pipe");
		life->child_fds[i] = ends[is_input ? 0 : 1];
		life->our_fds[i] = ends[is_input ? 1 : 0];
	}
	return 0;
}

static int open_log(struct life *life, struct error *err)
{
	const struct container_record *record = life->ctr->record;
	struct log_target target = {
		.driver = record->log_driver,
		.dirfd = life->ctr->dirfd,
		.file = CONTAINER_LOG_FILE,
		.id = record->id,
		.name = record->name,
	};
	int r = log_options_parse(&record->log_options, &target.options, err);

	return r < 0 ? r : log_writer_open(&target, &life->log, err);
}

static int open_all(struct life *life, struct error *err)
{
	int r = container_write_files(life->ctr, err);

	/* Early, for systemd takes its time. */
	if (r == 0)
		r = container_cgroup_begin(
			life->cgroup, life->ctr->record, life->spec, life->client_attaches, err);
	if (r == 0)
		r = network_choice_parse(life->ctr->record->network, &life->network, err);
	if (r == 0)
		r = join_network(life, err);
	if (r == 0)
		r = notify_prepare(
			&life->notify, life->store, life->ctr->record, life->spec, err);
	if (r == 0)
		r = open_seccomp(life, err);
	if (r == 0)
		r = open_log(life, err);
	if (r == 0)
		r = image_root_open(life->ctr, life->spec, &life->rootfs, err);
	return r < 0 ? r : open_pipes(life, err);
}

static bool has_plugins(const struct life *life)
{
	return network_choice_is_private(&life->network) && life->network.mode != NETWORK_MODE_NONE;
}

static int create_runtime(struct life *life, struct error *err)
{
	struct runtime_create_request request = RUNTIME_CREATE_REQUEST_INIT;
	/* Any directory that the child does not need: the container alone sees the mount on it. */
	autofree char *target = xasprintf("%s/staging", life->store->root);
	int r = container_cgroup_create(life->cgroup, life->state, err);

	if (r < 0)
		return r;
	request.spec = life->spec;
	request.id = life->ctr->record->id;
	request.mount_rootfs = image_root_mount;
	request.mount_data = &life->rootfs;
	request.rootfs_target = target;
	request.seccomp_fd = life->seccomp_fd;
	request.cgroup_fd = container_cgroup_fd(life->cgroup);
	request.init = life->ctr->record->init;
	request.give_netns = has_plugins(life);
	for (int i = 0; i < 3; i++)
		request.stdio[i] = life->child_fds[i];
	if (life->rows && life->spec->process.terminal) {
		life->spec->process.has_console_size = true;
		life->spec->process.console_size.height = life->rows;
		life->spec->process.console_size.width = life->columns;
	}
	r = runtime_create(&request, &life->runtime, err);
	for (int i = 0; i < 3; i++)
		close_fd(&life->child_fds[i]);
	close_fd(&life->seccomp_fd);
	life->netns_fd = take_fd(life->runtime.netns_fd);
	if (r == 0 && life->rootfs.plan)
		mount_plan_release_fds(life->rootfs.plan);
	return r;
}

static int attach_network(struct life *life, struct network_attachment **ret, struct error *err)
{
	if (!has_plugins(life))
		return 0;
	life->network_dir = xasprintf("%s/network", life->store->run);
	/* Ours, not the child's, which may be another user's by the time that the plugin looks. */
	life->netns_path = xasprintf("/proc/%d/fd/%d", (int)getpid(), life->netns_fd);
	life->network_request = (struct network_request){
		.choice = &life->network,
		.ports = &life->ctr->record->ports,
		.container_id = life->ctr->record->id,
		.netns_path = life->netns_path,
		.state_dir = life->network_dir,
	};
	return network_attach_begin(&life->network_request, ret, err);
}

/* As podman has it: a container without its network is a command that cannot be invoked. */
static void note_network_failure(struct life *life, int r)
{
	/* What does not exist was named wrongly; that is the request's fault, not the container's.
	 */
	if (r < 0)
		life->failure_code = r == -ENOENT ? EXIT_CODE_ENGINE : EXIT_CODE_NETWORK;
}

/* The container's child mounts while the plugin runs; both have to succeed. */
static int create(struct life *life, struct error *err)
{
	AUTO(network_attach_cancel) struct network_attachment *attachment = NULL;
	AUTO(network_result_release) struct network_result result = {0};
	int r = create_runtime(life, err);

	if (r < 0)
		return r;
	/* From here on the next command can kill what we leave behind if we are killed. */
	r = process_id_get(life->runtime.pid, &life->state->init, err);
	if (r == 0)
		r = container_state_write(life->store, life->ctr->record->id, life->state, err);
	if (r == 0) {
		r = attach_network(life, &attachment, err);
		note_network_failure(life, r);
	}
	if (r == 0)
		r = runtime_wait_ready(&life->runtime, err);
	if (r == 0 && attachment) {
		r = network_attach_finish(take_ptr(attachment), &result, err);
		note_network_failure(life, r);
		/* A failed attachment has undone itself. */
		life->is_attached = r == 0;
		if (r == 0)
			life->state->network = json_encode(network_result_fields, &result);
	}
	return r;
}

static int listen_for_clients(struct life *life)
{
	struct error err = {0};
	autoclose int run = container_run_dir(life->store, life->ctr->record->id, &err);
	int fd = run < 0 ? run : attach_listen(run, &err);

	if (fd < 0)
		log_warn("attach socket: %s: nobody can attach later", error_text(&err));
	return fd < 0 ? -1 : fd;
}

static void open_relay(struct life *life)
{
	struct relay_options options = {
		.tty = life->ctr->record->tty,
		.console_fd = life->runtime.console_fd,
		.output_fds = {life->our_fds[1], life->our_fds[2]},
		.stdin_fd = life->our_fds[0],
		.listen_fd = listen_for_clients(life),
		.spool_dirfd = life->ctr->dirfd,
		.init_pidfd = life->runtime.pidfd,
		.log = life->log,
	};

	life->runtime.console_fd = -1;
	for (int i = 0; i < 3; i++)
		life->our_fds[i] = -1;
	life->relay = relay_new(&options);
	if (life->client_fd >= 0)
		relay_add_client(life->relay, take_fd(life->client_fd), life->client_attaches);
}

static void write_pidfile(struct life *life)
{
	autofree char *text = xasprintf("%d\n", (int)life->runtime.pid);
	const char *path = life->ctr->record->pidfile;
	int r;

	if (str_is_empty(path))
		return;
	r = file_write_at(AT_FDCWD, path, text, strlen(text), 0644, 0, NULL);
	if (r < 0)
		log_warn("pidfile %s: %s", path, strerror(-r));
}

/* One write for all, and none before the program runs. */
static void note_start(const struct life *life)
{
	const size_t first = life->is_noted ? 1 : 0;
	const struct container_event events[] = {
		{.status = EVENT_INIT, .time_ns = life->created_ns},
		{.status = EVENT_START, .time_ns = life->state->started_ns},
		{.status = EVENT_ATTACH},
	};

	container_note_events(life->store->events_fd, life->ctr->record, events + first,
		(life->client_attaches ? 3 : 2) - first);
}

static int start(struct life *life, struct error *err)
{
	int r;

	life->created_ns = clock_now_ns();
	r = runtime_start(&life->runtime, err);
	if (r < 0)
		return r;
	life->state->status = CONTAINER_RUNNING;
	life->state->started_ns = clock_now_ns();
	note_start(life);
	write_pidfile(life);
	return container_state_write(life->store, life->ctr->record->id, life->state, err);
}

static void detach_network(struct life *life)
{
	struct error err = {0};

	/*
	 * The kernel takes a namespace that nobody holds apart on its own, with all interfaces in
	 * it; as long as we hold it, the plugin has to wait for theirs to be gone.
	 */
	close_fd(&life->netns_fd);
	if (life->is_attached && network_detach(&life->network_request, &err) < 0)
		log_warn("network of %.12s: %s", life->ctr->record->id, error_text(&err));
	life->is_attached = false;
}

static void begin_health(struct life *life)
{
	life->health.store = life->store;
	life->health.record = life->ctr->record;
	life->health.spec = life->spec;
	life->health.state = life->state;
	life->health.init_pidfd = life->runtime.pidfd;
	health_timer_begin(&life->health, life->relay);
}

static void tell_ready(struct life *life)
{
	struct attach_writer writer = {0};

	attach_writer_add(&writer, ATTACH_READY, NULL, 0);
	attach_writer_flush(&writer, life->client_fd);
	attach_writer_release(&writer);
	close_fd(&life->client_fd);
}

/* Who orders the start is the first client from then on. */
static int take_order(struct life *life, const struct start_order *order, struct error *err)
{
	const struct winsize size = {.ws_row = order->rows, .ws_col = order->columns};
	int r;

	life->state->waits = false;
	life->client_attaches = order->attaches;
	if (order->rows && life->runtime.console_fd >= 0)
		(void)ioctl(life->runtime.console_fd, TIOCSWINSZ, &size);
	r = container_state_write(life->store, life->ctr->record->id, life->state, err);
	if (r == 0)
		start_order_accept(life->client_fd);
	return r;
}

static int wait_for_order(struct life *life, struct error *err)
{
	autoclose int run = container_run_dir(life->store, life->ctr->record->id, err);
	autoclose int listen_fd = run < 0 ? run : attach_listen(run, err);
	struct start_order order;
	int r = listen_fd < 0 ? listen_fd : 0;

	life->state->waits = true;
	if (r == 0)
		r = container_state_write(life->store, life->ctr->record->id, life->state, err);
	if (r < 0)
		return r;
	container_note_event(life->store->events_fd, life->ctr->record, EVENT_INIT);
	life->is_noted = true;
	tell_ready(life);
	r = start_wait(listen_fd, life->runtime.pidfd, &order, &life->client_fd, err);
	return r < 0 ? r : take_order(life, &order, err);
}

int life_begin(struct life *life, struct error *err)
{
	int r = open_all(life, err);

	if (r == 0)
		r = create(life, err);
	if (r == 0 && life->waits)
		r = wait_for_order(life, err);
	if (r < 0)
		return r;
	open_relay(life);
	r = start(life, err);
	if (r == 0) {
		notify_begin(&life->notify, life->relay);
		begin_health(life);
	}
	/* Only the program itself can be what 126 and 127 are about. */
	life->failure_code = runtime_exit_code(err);
	return r;
}

void life_run(struct life *life)
{
	struct error ignored = {0};

	relay_run(life->relay, &ignored);
	health_timer_end(&life->health, life->state);
	life->state->exit_code = process_wait(life->runtime.pid);
	life->runtime.pid = 0;
	life->state->finished_ns = clock_now_ns();
}

void life_clean(struct life *life)
{
	runtime_abort(&life->runtime);
	container_cgroup_finish(life->cgroup, life->state);
	detach_network(life);
	notify_end(&life->notify);
	log_writer_close(take_ptr(life->log));
	image_root_release(&life->rootfs);
	process_id_release(&life->state->init);
	json_object_put(life->state->network);
	life->state->network = NULL;
}

void life_release(struct life *life)
{
	relay_free(life->relay);
	log_writer_close(life->log);
	image_root_release(&life->rootfs);
	runtime_container_release(&life->runtime);
	network_choice_release(&life->network);
	free(life->network_dir);
	free(life->netns_path);
	for (int i = 0; i < 3; i++) {
		close_fd(&life->child_fds[i]);
		close_fd(&life->our_fds[i]);
	}
	close_fd(&life->seccomp_fd);
	close_fd(&life->netns_fd);
	close_fd(&life->client_fd);
	*life = (struct life)LIFE_INIT;
}
