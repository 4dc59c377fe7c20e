/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <json-c/json_object.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "engine/run-request.h"

/*
 * The verbs. Each takes plain data and gives plain data; nothing here prints, except warnings
 * through log_warn(). Names of containers and images are taken as typed: full name, id, or an
 * unambiguous prefix of an id.
 *
 * Exit codes of a failed start (podman's): 126 the command cannot be invoked, 127 it is not found,
 * 125 everything else. Functions that start a process give it beside the error.
 */
#define ENGINE_EXIT_ENGINE 125
#define ENGINE_EXIT_NOT_INVOKED 126
#define ENGINE_EXIT_NOT_FOUND 127

struct container_record;
struct spec;

/*
 * What the monitor of a container has to know. Programs that have a monitor linked in are asked to
 * run it in a process forked for that, with the first client's connection as descriptor 3.
 */
struct engine_monitor {
	const char *id;                  /* of the container */
	const char *root, *runroot;      /* of the store */
	const char *driver;              /* NULL: probed */
	bool no_events;                  /* as in struct engine_options */
	bool waits;                      /* make everything, and start when that is ordered */
	bool attaches;                   /* the first client wants the output */
	uint16_t rows, columns;          /* of its terminal; 0: it has none */
	struct container_record *record; /* what is on disk, to spare the reading; or NULL */
	struct spec *spec;               /* likewise */
};
/* Returns the exit code of the process. */
typedef int engine_monitor_fn(const struct engine_monitor *monitor);

/*
 * The same for the process of an exec session. Descriptors: 3 the client's connection, 4 a pidfd of
 * the container's first process, 5 the store's run directory, 6 and on those to be handed to it.
 */
struct spec_process;
struct engine_exec_monitor {
	const char *container_id;
	const char *session_id;
	const struct container_record *record; /* of the container */
	bool no_events;                        /* as in struct engine_options */
	const struct spec_process *process;
	const char *user;
	const char *seccomp; /* of the container's record */
	char *const *seccomp_caps;
	int64_t init_pid;
	size_t fd_count;
	bool interactive;
	bool attaches;
};
typedef int engine_exec_monitor_fn(const struct engine_exec_monitor *monitor);

struct engine_options {
	const char *root;    /* NULL: dirs_data_root() */
	const char *runroot; /* NULL: dirs_run_root() */
	const char *driver;  /* "overlay", "fuse-overlayfs", "copy"; NULL: probed */
	bool no_events;      /* nothing is written to the log of events */
	engine_monitor_fn *run_monitor; /* NULL: coracle-monitor is executed */
	engine_exec_monitor_fn *run_exec_monitor; /* NULL: engine_exec() is not supported */
};

struct engine;

/*
 * engine_open - enter the user namespace and open the store.
 * The process is id 0 with all capabilities in the per-user namespace afterwards.
 */
int engine_open(const struct engine_options *options, struct engine **ret, struct error *err);
void engine_close(struct engine *engine);
DEFINE_AUTO(struct engine *, engine_close);

/* ---- containers ---- */

/*
 * engine_create - resolve the image (pulling it as req->pull says), write spec and record.
 * @ret_id: full id, owned by the caller
 * -EEXIST when the name is in use. Nothing is left behind on failure.
 */
int engine_create(struct engine *engine, const struct run_request *req, char **ret_id,
	struct error *err);

struct engine_start {
	const char *name;  /* id, name or prefix */
	bool attach;       /* hand out a connection that was made before the process starts */
	bool has_window;   /* size to begin with on a terminal */
	uint16_t window_rows;
	uint16_t window_columns;
};
struct engine_start_result {
	char *id;
	int attach_fd;     /* with attach: stream socket, see container/attach.h; -1 else */
	bool tty;          /* of the container */
	bool interactive;
	char *detach_keys; /* of the record; NULL: default */
	int exit_code;     /* 125, 126, 127 after a failure */
};
void engine_start_result_release(struct engine_start_result *result);
static inline void auto_engine_start_result_release(struct engine_start_result *result)
{
	engine_start_result_release(result);
}

/*
 * engine_start - start a created or exited container; one that runs already is left alone (with
 * attach: attached to).
 * Without attach it returns when the process has been executed. With attach it may return as soon
 * as the connection exists: the failure then comes as an ATTACH_ERROR frame.
 */
int engine_start(struct engine *engine, const struct engine_start *start,
	struct engine_start_result *ret, struct error *err);

/*
 * engine_init - make the container's processes, mounts and network, and start nothing yet: its state
 * is "initialized" then, until engine_start().
 * -ENOENT; -EBUSY when that has been done, or it runs.
 */
int engine_init(struct engine *engine, const char *name, struct error *err);

/*
 * engine_run - create and start in one.
 * With req->detach as engine_start() without attach, else with it. A container that could not be
 * started is kept unless auto_remove is set.
 */
int engine_run(struct engine *engine, const struct run_request *req,
	struct engine_start_result *ret, struct error *err);

/*
 * engine_attach - connect to the monitor of a running container.
 * @ret: as of engine_start() with attach.  -ESRCH when it does not run
 */
int engine_attach(struct engine *engine, const char *name, struct engine_start_result *ret,
	struct error *err);

#define ENGINE_MAX_PRESERVED_FDS 60
struct engine_exec {
	const char *name;
	char *const *command; /* strv */
	char *const *env;     /* strv of NAME=VALUE, beside the container's; NULL: none */
	const char *user;     /* NULL: the container's */
	const char *workdir;  /* NULL: the container's */
	bool tty;
	bool interactive;
	bool privileged; /* all capabilities of its user namespace */
	bool detach;
	unsigned preserve_fds; /* so many descriptors from 3 on are handed on */
	bool has_window;
	uint16_t window_rows;
	uint16_t window_columns;
};
/*
 * engine_exec - run one more process in a running container.
 * @ret: id is the session's; with detach there is no connection, and the process has been executed
 *       by then. Without, the failure to execute it comes as ATTACH_ERROR.
 *
 * -ENOENT no such container; -ESRCH it does not run (and other failures: exit_code 255, podman's).
 */
int engine_exec(struct engine *engine, const struct engine_exec *exec,
	struct engine_start_result *ret, struct error *err);

/*
 * engine_healthcheck - run the health check of a running container, and note what came of it.
 * Returns 0: healthy; 1: not; -ETIMEDOUT: it took too long; -ENODATA: there is no check; -ESRCH:
 * the container does not run; -ENOENT.
 */
int engine_healthcheck(struct engine *engine, const char *name, struct error *err);

/*
 * Stop signal, then SIGKILL after the timeout. -ENOENT; -EBUSY for one that is paused; 0 also when it
 * does not run.
 */
int engine_stop(struct engine *engine, const char *name, bool has_timeout, int64_t timeout_s,
	struct error *err);
/*
 * engine_pause   - keep every process of a running container from running.
 * engine_unpause - let them go on.
 * -ENOENT; -ESRCH, -EALREADY "container state improper"; else as container_pause().
 */
int engine_pause(struct engine *engine, const char *name, struct error *err);
int engine_unpause(struct engine *engine, const char *name, struct error *err);
struct engine_restart {
	bool only_running; /* one that does not run is left alone: 1 is returned */
	bool has_timeout;
	int64_t timeout_s; /* of the stop */
};
/* engine_stop() and engine_start() without attach. -ENOENT; -EBUSY for one that is paused. */
int engine_restart(struct engine *engine, const char *name, const struct engine_restart *restart,
	struct error *err);
/* -ENOENT; -EEXIST when another container has @new_name; -EINVAL for what cannot be a name. */
int engine_rename(struct engine *engine, const char *name, const char *new_name, struct error *err);
/*
 * engine_prune - remove the containers that do not run.
 * @until_ns: only those made before; 0: any.  @labels: only those with all of these KEY or
 * KEY=VALUE; NULL: any.  @ret_ids: strv of what was removed, owned by the caller
 */
int engine_prune(struct engine *engine, int64_t until_ns, char *const *labels, char ***ret_ids,
	struct error *err);
/* @sig: 0 stands for SIGKILL. -ESRCH "container state improper" when it does not run. */
int engine_kill(struct engine *engine, const char *name, int sig, struct error *err);

struct engine_rm {
	const char *name;
	bool force;   /* kill it first */
	bool volumes; /* its anonymous volumes too */
	bool depend;  /* those that use its namespaces go first */
	bool has_timeout;
	int64_t timeout_s; /* with force: grace between stop signal and SIGKILL; default 10 */
};
/*
 * -ENOENT unknown; -EBUSY running and not forced; -EEXIST it has dependents. @ret_id as in
 * engine_create().
 */
int engine_rm(struct engine *engine, const struct engine_rm *rm, char **ret_id, struct error *err);
/* Full ids of those that need it, directly or not, each behind those that need that one. -ENOENT. */
int engine_dependents(
	struct engine *engine, const char *name, char ***ret_ids, struct error *err);

struct engine_cleanup {
	bool remove;       /* the container, afterwards */
	bool remove_image; /* and its image */
};
/*
 * engine_cleanup - undo what a container that does not run has left, because its monitor was killed
 * or the machine switched off. Other commands do that by the way.
 * -ENOENT; -EBUSY when it runs, or when another container uses the image.
 */
int engine_cleanup(struct engine *engine, const char *name, const struct engine_cleanup *cleanup,
	struct error *err);

struct engine_port {
	char *host_ip; /* "" all */
	uint16_t host_port;
	uint16_t container_port;
	char *protocol;
};
/* Bytes of files. */
struct engine_sizes {
	uint64_t own_bytes;  /* what the container has written */
	uint64_t root_bytes; /* that and its image */
};
/* Inode numbers of the namespaces of its first process; 0: none, it does not run. */
struct engine_namespaces {
	uint64_t cgroup, ipc, mount, network, pid, user, uts;
};
/* One container in `ps`. A damaged one has error set, and whatever could be read. */
struct engine_ps_row {
	char *id;
	char *name;
	char *image;      /* as shown: full name, or what was asked for */
	char *image_id;
	char **command;   /* entrypoint and arguments */
	int64_t created_ns;
	int64_t started_ns;
	int64_t finished_ns;
	char *state;      /* "created", "running", "exited", … as podman's words */
	int exit_code;
	int64_t pid;      /* 0 unless running */
	bool auto_remove;
	struct strmap labels;
	struct engine_port *ports;
	size_t port_count;
	char **mounts;    /* destinations */
	char **mount_sources; /* of each: name of the volume, or path on the host */
	char **volumes;   /* names of volumes it uses */
	char **networks;
	char *health;         /* "starting", "healthy", "unhealthy"; NULL: no health check */
	char *restart_policy; /* "always", "on-failure" …; NULL: none */
	int64_t restarts;     /* how often it was restarted by its policy */
	bool has_sizes;       /* engine_ps_add_sizes() was called */
	struct engine_sizes sizes;
	struct engine_namespaces namespaces; /* after engine_ps_add_namespaces() */
	char *error;      /* NULL unless damaged */
};
struct engine_ps {
	struct engine_ps_row *rows; /* newest first */
	size_t count;
};
int engine_ps(struct engine *engine, struct engine_ps *ret, struct error *err);
/* Only those that somebody is in charge of: all that run are among them. Reads no other record. */
int engine_ps_monitored(struct engine *engine, struct engine_ps *ret, struct error *err);
void engine_ps_release(struct engine_ps *list);
/* What takes time, for the rows that are shown. */
void engine_ps_add_sizes(struct engine *engine, struct engine_ps_row *rows, size_t count);
void engine_ps_add_namespaces(struct engine_ps_row *rows, size_t count);
static inline void auto_engine_ps_release(struct engine_ps *list)
{
	engine_ps_release(list);
}

/* Full id of a container in *ret, owned by the caller: 1 found, 0 absent. */
int engine_container_find(struct engine *engine, const char *name, char **ret, struct error *err);
/* One object as in `podman container inspect`; the caller puts it. -ENOENT. */
int engine_container_inspect(struct engine *engine, const char *name, struct json_object **ret,
	struct error *err);

/* SizeRw and SizeRootFs into such an object. */
void engine_container_add_sizes(struct engine *engine, struct json_object *obj);

/* A piece of output: a line, or a part of one. */
struct engine_log_line {
	size_t index;   /* of the container in the request */
	const char *id; /* of it, full */
	const char *name;
	int64_t time_ns;
	bool is_stderr;
	bool begins_line; /* what came before it from this stream was a whole line */
	bool ends_line;   /* a newline follows */
	const char *text;
	size_t len;
};
/* @line: NULL when there is nothing more for now. A negative errno ends it all. */
typedef int engine_log_fn(void *data, const struct engine_log_line *line);

struct engine_logs {
	char *const *names; /* strv */
	engine_log_fn *emit;
	void *data;
	bool follow; /* until all of the containers have ended */
	bool has_tail;
	uint64_t tail;    /* the last N lines of each */
	int64_t since_ns; /* 0: from the beginning */
	int64_t until_ns; /* 0: to the end */
};
/*
 * engine_logs - what containers wrote, in the order of time; what comes while it follows in the
 * order in which it comes.
 * Returns 0; what @emit returned; -ENOENT; -ENOTSUP for one that keeps no log.
 */
int engine_logs(struct engine *engine, const struct engine_logs *logs, struct error *err);

/* A table of a container's processes. */
struct engine_top {
	char **headers; /* strv */
	char ***rows;   /* as many cells each; what the container's processes wrote, as it is */
	size_t count;
};
/*
 * engine_top - the processes of a running container.
 * @descriptors: "pid", "args" …, podman's, or the codes of ps in AIX format (strv)
 * -ENOENT; -ESRCH it does not run; -ENOTSUP for a descriptor that there is not.
 */
int engine_top(struct engine *engine, const char *name, char *const *descriptors,
	struct engine_top *ret, struct error *err);
void engine_top_release(struct engine_top *top);
static inline void auto_engine_top_release(struct engine_top *top)
{
	engine_top_release(top);
}

/* What a container uses; all zero for one that does not run. */
struct engine_stats_row {
	char *id;
	char *name;
	const char *source; /* "cgroup", "processes" (summed over those that run now), "" */
	bool is_up;
	int64_t taken_ns; /* monotonic clock */
	int64_t up_ns;    /* since its start */
	uint64_t cpu_usec;
	uint64_t cpu_system_usec;
	uint64_t memory_bytes;
	uint64_t memory_limit_bytes; /* its own, or what the machine has */
	uint64_t received_bytes, sent_bytes;
	uint64_t read_bytes, written_bytes;
	uint64_t pids; /* processes and threads */
};
struct engine_stats {
	struct engine_stats_row *rows;
	size_t count;
};
/*
 * engine_stats - one reading of what containers use.
 * @names: in this order; NULL or none: those that run, by name
 * @all:   without @names, those that do not run as well
 * -ENOENT.
 */
int engine_stats(struct engine *engine, char *const *names, bool all, struct engine_stats *ret,
	struct error *err);
void engine_stats_release(struct engine_stats *stats);
static inline void auto_engine_stats_release(struct engine_stats *stats)
{
	engine_stats_release(stats);
}
/* Share of a processor (100: one) since an earlier reading, or with NULL since its start. */
double engine_stats_cpu_percent(
	const struct engine_stats_row *row, const struct engine_stats_row *before);

struct engine_update {
	struct run_limits limits; /* what was not given stays */
	char *restart;            /* policy; NULL: stays */
};
/*
 * engine_update - change limits and restart policy of a container, now if it runs, and for its later
 * starts. @ret_id: full, owned by the caller
 * -ENOENT; -EINVAL; -ENOTSUP when it runs without a cgroup, with the remedy. Nothing is recorded
 * after a failure.
 */
int engine_update(struct engine *engine, const char *name, const struct engine_update *update,
	char **ret_id, struct error *err);

struct engine_wait {
	char *const *conditions; /* names of states, "healthy", "unhealthy" (strv); NULL: "stopped", that it does not run */
	int64_t interval_ms;     /* how often to look, where nothing tells; 0: 250 */
};
/*
 * engine_wait - wait until a container is in one of some states.
 * @ret: its exit code; -1 when it has none (it runs, or never did)
 * -ENOENT, also when it is removed while we wait for another state than "stopped"; -EINVAL for a
 * state that there is not.
 */
int engine_wait(struct engine *engine, const char *name, const struct engine_wait *wait, int *ret,
	struct error *err);

/* ---- images ---- */

struct engine_image {
	char *id;              /* 64 hex */
	char *digest;          /* of the manifest */
	char **names;          /* "docker.io/library/busybox:latest" */
	char **repo_digests;   /* "docker.io/library/busybox@sha256:…" */
	int64_t created_ns;
	uint64_t size_bytes;
	struct strmap labels;
	char *architecture;
	char *os;
	size_t containers;     /* how many use it */
};
struct engine_images {
	struct engine_image *items; /* newest first */
	size_t count;
};
int engine_images(struct engine *engine, struct engine_images *ret, struct error *err);
void engine_images_release(struct engine_images *list);
static inline void auto_engine_images_release(struct engine_images *list)
{
	engine_images_release(list);
}
/* 1 and the full id, or 0 when the store has no such image. @ret_id may be NULL. */
int engine_image_find(struct engine *engine, const char *name, char **ret_id, struct error *err);
/* One object as in `podman image inspect`. -ENOENT "x: image not known". */
int engine_image_inspect(struct engine *engine, const char *name, struct json_object **ret,
	struct error *err);

struct engine_rmi_result {
	char **untagged; /* names that were removed */
	char *deleted;   /* id, when the image itself is gone; NULL else */
};
void engine_rmi_result_release(struct engine_rmi_result *result);
static inline void auto_engine_rmi_result_release(struct engine_rmi_result *result)
{
	engine_rmi_result_release(result);
}
/* With @force, containers that use it are removed too. -ENOENT; -EBUSY in use;
 * -EMLINK by id alone and known by several names. */
int engine_rmi(struct engine *engine, const char *name, bool force, struct engine_rmi_result *ret,
	struct error *err);
int engine_tag(struct engine *engine, const char *image, const char *name, struct error *err);
/* @name: NULL takes all names. */
int engine_untag(struct engine *engine, const char *image, const char *name, struct error *err);

/* ---- volumes ---- */

struct engine_volume {
	char *name;
	char *driver; /* "local" */
	char *mountpoint;
	int64_t created_ns;
	struct strmap labels;
	struct strmap options;
	bool anonymous;
	size_t containers; /* how many use it */
};
struct engine_volumes {
	struct engine_volume *items; /* by name */
	size_t count;
};
struct engine_volume_create {
	const char *name; /* NULL: 64 random hex digits */
	const char *driver; /* NULL, "local" */
	struct strmap labels;
	struct strmap options;
	bool ignore; /* one that exists is success */
};
int engine_volume_create(struct engine *engine, const struct engine_volume_create *req,
	char **ret_name, struct error *err);
int engine_volumes(struct engine *engine, struct engine_volumes *ret, struct error *err);
void engine_volumes_release(struct engine_volumes *list);
static inline void auto_engine_volumes_release(struct engine_volumes *list)
{
	engine_volumes_release(list);
}
/* -ENOENT "no such volume"; -EBUSY in use (with @force its containers go first). */
int engine_volume_rm(struct engine *engine, const char *name, bool force, struct error *err);
/* Volumes that no container uses; @all: named ones too (podman). Names of what went in *ret. */
int engine_volume_prune(struct engine *engine, bool all, char ***ret, struct error *err);

/* ---- the rest ---- */

/* As in `podman info`: host, store, registries, plugins, version. */
int engine_info(struct engine *engine, struct json_object **ret, struct error *err);
/*
 * Runs a command in the user namespace (and a mount namespace of its own) with our standard
 * streams; exit code, or 126, 127 with @err set. Negative errno else.
 */
int engine_unshare(struct engine *engine, char *const *argv, struct error *err);
/* Ends the keeper; -EBUSY while containers run unless @force. Needs no open engine. */
int engine_migrate(const struct engine_options *options, bool force, struct error *err);
/* Removes every container, image, volume and the store itself. Needs no open engine. */
int engine_reset(const struct engine_options *options, struct error *err);

#endif
