/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/health.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/log.h"
#include "container/event.h"
#include "container/exec-session.h"
#include "container/pause.h"
#include "monitor/exec.h"
#include "sys/file.h"

#define NS_PER_S INT64_C(1000000000)

/* The descriptors of a session's monitor, as process_fork() places them. */
enum { SESSION_CLIENT_FD = 3, SESSION_INIT_FD, SESSION_RUN_FD };

static void set_timer(struct health_timer *health, int64_t ns)
{
	struct itimerspec when = {.it_value = {ns / NS_PER_S, ns % NS_PER_S}};

	timerfd_settime(health->timer.fd, 0, &when, NULL);
}

struct session {
	const struct health_timer *health;
	const struct spec_process *process;
	const char *id;
};

/* In a process of its own, which is the monitor of an exec session as any other. */
static int run_session(void *data)
{
	const struct session *session = data;
	const struct container_record *record = session->health->record;
	struct error err = {0};
	struct exec_monitor options = {
		.container_id = record->id,
		.session_id = session->id,
		.record = record,
		.no_events = true, /* the result is one */
		.process = session->process,
		.seccomp = record->seccomp,
		.seccomp_caps = record->seccomp_caps,
		.client_attaches = true,
		.init_pid = (pid_t)session->health->state->init.pid,
		.client_fd = SESSION_CLIENT_FD,
		.init_pidfd = SESSION_INIT_FD,
		.runfd = SESSION_RUN_FD,
	};

	return exec_monitor_run(&options, &err) < 0;
}

static int fork_session(struct health_timer *health, int fd, struct error *err)
{
	AUTO(strv_free) char **words = health_check_command(&health->record->health);
	autofree char *id = random_hex(EXEC_SESSION_ID_BYTES);
	const char *title[] = {"coracle-exec", health->record->id, id, NULL};
	const int fds[] = {fd, health->init_pidfd, health->store->runfd};
	/* As the container's own process, but for what it runs. */
	struct spec_process process = health->spec->process;
	struct session session = {health, &process, id};
	struct process_spawn how = {
		.argv = (char *const *)title,
		.stdin_fd = -1,
		.stdout_fd = -1,
		.stderr_fd = -2,
		.fds = fds,
		.fd_count = ARRAY_SIZE(fds),
		.new_session = true,
	};

	process.args = words;
	process.terminal = false;
	return process_fork(&how, run_session, &session, &health->pid, err);
}

static int open_run_dir(const struct health_timer *health)
{
	autofree char *path = xasprintf("containers/%s", health->record->id);

	return dir_open_at(health->store->runfd, path, NULL);
}

/* What is paused cannot answer, which says nothing about it. */
static bool is_paused(const struct health_timer *health)
{
	autoclose int run = open_run_dir(health);

	return run >= 0 && container_pause_read(health->state, run) != CONTAINER_NOT_PAUSED;
}

static void begin_check(struct health_timer *health)
{
	struct error err = {0};
	int ends[2];
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		r = error_sys(&err, errno, "socketpair");
	} else {
		r = fork_session(health, ends[1], &err);
		close(ends[1]);
		if (r < 0)
			close(ends[0]);
	}
	if (r < 0) {
		/* We are short of something; later we may not be. */
		log_debug("health check of %.12s: %s", health->record->id, error_text(&err));
		set_timer(health, health->record->health.interval_ns);
		return;
	}
	health_probe_begin(&health->probe, ends[0]);
	health->session.fd = ends[0];
	health->phase = HEALTH_CHECKING;
	set_timer(health, health->record->health.timeout_ns);
}

/* HEALTH_STARTING …: what a result comes to; NULL when it could not be noted. */
static const char *note_result(struct health_timer *health, struct health_result *result)
{
	struct container_event event = {.status = EVENT_HEALTH_STATUS};
	autoclose int run = open_run_dir(health);
	struct error err = {0};

	if (run < 0 || health_add(run, &health->record->health, health->state->started_ns, result,
			       &event.health_status, &err) < 0) {
		log_debug("health check of %.12s: %s", health->record->id, error_text(&err));
		return NULL;
	}
	container_note_events(health->store->events_fd, health->record, &event, 1);
	return event.health_status;
}

static void end_container(struct health_timer *health, enum health_verdict verdict, bool at_once)
{
	int sig = SIGTERM;

	signal_parse(health->record->stop_signal, &sig);
	health->verdict = verdict;
	health->phase = HEALTH_ENDING;
	pidfd_signal(health->init_pidfd, at_once ? SIGKILL : sig);
	set_timer(health, at_once ? 0 : health->record->stop_timeout_s * NS_PER_S + 1);
}

static void act(struct health_timer *health)
{
	enum health_action action;

	(void)health_action_parse(health->record->health_on_failure, &action, NULL);
	switch (action) {
	case HEALTH_ACTION_KILL:
		end_container(health, HEALTH_VERDICT_END, true);
		break;
	case HEALTH_ACTION_STOP:
		end_container(health, HEALTH_VERDICT_END, false);
		break;
	case HEALTH_ACTION_RESTART:
		end_container(health, HEALTH_VERDICT_RESTART, false);
		break;
	case HEALTH_ACTION_NONE:
		break;
	}
}

static void reap(struct health_timer *health)
{
	/* It has closed its end of the connection, which is the last thing that it does. */
	if (health->pid)
		process_wait(health->pid);
	health->pid = 0;
}

static void on_session(void *data)
{
	struct health_timer *health = data;
	struct health_result result = {0};

	if (health_probe_read(&health->probe) == 0)
		return;
	health->session.fd = -1;
	reap(health);
	health->phase = HEALTH_WAITING;
	set_timer(health, health->record->health.interval_ns);
	health_probe_finish(&health->probe, &result);
	/* Nor does what fails because the container ends. */
	if (pidfd_wait_end(health->init_pidfd, 0) == 0 && !is_paused(health) &&
		str_eq(note_result(health, &result), HEALTH_UNHEALTHY))
		act(health);
	health_result_release(&result);
}

static void on_timer(void *data)
{
	struct health_timer *health = data;
	uint64_t expirations;

	if (read(health->timer.fd, &expirations, sizeof(expirations)) < 0)
		return;
	switch (health->phase) {
	case HEALTH_WAITING:
		if (is_paused(health))
			set_timer(health, health->record->health.interval_ns);
		else
			begin_check(health);
		break;
	case HEALTH_CHECKING:
		health_probe_kill(&health->probe);
		break;
	case HEALTH_ENDING:
		pidfd_signal(health->init_pidfd, SIGKILL);
		break;
	}
}

static int write_beginning(struct health_timer *health, struct error *err)
{
	autoclose int run = container_run_dir(health->store, health->record->id, err);

	return run < 0 ? run : health_begin(run, err);
}

void health_timer_begin(struct health_timer *health, struct relay *relay)
{
	struct error err = {0};

	if (!health_check_is_set(&health->record->health))
		return;
	if (write_beginning(health, &err) < 0)
		log_warn("health of %.12s: %s", health->record->id, error_text(&err));
	health->is_on = true;
	health->timer = (struct relay_watch){
		.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
		.ready = on_timer,
		.data = health,
	};
	health->session = (struct relay_watch){.fd = -1, .ready = on_session, .data = health};
	relay_watch(relay, &health->timer);
	relay_watch(relay, &health->session);
	set_timer(health, health->record->health.interval_ns);
}

/* The run directory goes with the container's end; inspect shows its health then, too. */
static void keep_health(const struct health_timer *health, struct container_state *state)
{
	AUTO(health_release) struct health last = {0};
	autoclose int run = open_run_dir(health);

	if (run < 0 || health_read(run, &last, NULL) < 0)
		return;
	json_object_put(state->health);
	state->health = json_encode(health_fields, &last);
}

void health_timer_end(struct health_timer *health, struct container_state *state)
{
	if (!health->is_on)
		return;
	close_fd(&health->timer.fd);
	health->session.fd = -1;
	/* The command died with the container; its monitor ends when it has noticed. */
	health_probe_release(&health->probe);
	reap(health);
	keep_health(health, state);
	health->is_on = false;
}
