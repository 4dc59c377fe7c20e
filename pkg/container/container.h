/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTAINER_CONTAINER_H
#define CONTAINER_CONTAINER_H

#include <signal.h>

#include "container/record.h"
#include "storage/store.h"

/*
 * A container is a directory, <root>/containers/ID, that appears whole and disappears whole, and a
 * symlink container-names/NAME that claims its name. Its state lies in <runroot>/containers/ID
 * while it runs (tmpfs, written without fsync) and in its own directory once it has ended.
 */
enum container_status {
	CONTAINER_CREATED = 0,
	CONTAINER_INITIALIZED, /* a monitor has been started for it */
	CONTAINER_RUNNING,
	CONTAINER_STOPPING,
	CONTAINER_EXITED,
	CONTAINER_REMOVING,
	CONTAINER_PAUSED, /* never on disk: running, and its processes do not */
	CONTAINER_RESTARTING, /* it has ended; its monitor will start it again */
	CONTAINER_STATUS_COUNT,
};
const char *container_status_name(enum container_status status);

struct container_state {
	int64_t status; /* enum container_status */
	struct process_id monitor;
	struct process_id init;
	int64_t started_ns;
	int64_t finished_ns;
	int64_t exit_code;
	char *cgroup;               /* path of its cgroup; NULL: none of its own */
	bool waits;                 /* initialized: for somebody to order its start */
	bool oom_killed;            /* a process of it was killed for memory */
	int64_t restarts;           /* by its monitor, since a person started it */
	char *error;                /* why it could not be started, or "" */
	struct json_object *health; /* struct health when it ended; NULL: no check, or it runs */
	struct json_object *network; /* CNI result of the attachment; NULL when none */
};
extern const struct json_field container_state_fields[];
void container_state_release(struct container_state *state);

/* What keeps its processes from running; see container/pause.h. */
enum container_pause {
	CONTAINER_NOT_PAUSED = 0,
	CONTAINER_PAUSED_CGROUP,
	CONTAINER_PAUSED_SIGNALS,
};

struct container {
	struct store *store; /* borrowed */
	struct container_record *record;
	struct container_state state;
	enum container_pause pause; /* with the state "paused" */
	int dirfd;   /* <root>/containers/ID; also what container_lock() locks */
	int lock_fd; /* of container_open_locked(), else -1 */
};

/* Directories <root>/containers, container-names and <runroot>/containers exist afterwards. */
int container_prepare_store(struct store *store, struct error *err);

/*
 * container_create - make a container from a finished record and spec.
 * @record:    id, name and the rest are set; ownership stays
 * @spec_json: text of config.json
 *
 * An auto-removed container is not fsynced: it is not meant to outlive a power cut.
 * Returns 0; -EEXIST when the name is in use; nothing is left behind on failure.
 */
int container_create(struct store *store, const struct container_record *record,
	const char *spec_json, struct error *err);

/*
 * container_open - read record and state of a container by its full id.
 * The state is true at that moment: a monitor that is gone is noticed, what it left running is
 * killed, and the end is recorded (exit code 137) before the state is returned.
 */
int container_open(struct store *store, const char *id, struct container **ret, struct error *err);
/* The same with the container's lock, taken before and held until container_free(). */
int container_open_locked(
	struct store *store, const char *id, struct container **ret, struct error *err);
/*
 * container_glance - as container_open() for a list of many: of the record only the members of
 * container_row_fields are there.
 * @has_run_dir: container_list_monitored() had it; else the run directory is not looked at
 */
int container_glance(struct store *store, const char *id, bool has_run_dir, struct container **ret,
	struct error *err);
/*
 * container_adopt - as container_open(), with a record that the caller has in memory. The container's
 * lock is the caller's: held, or not needed because nobody else knows the container.
 * @record: taken over on success
 */
int container_adopt(struct store *store, struct container_record *record, struct container **ret,
	struct error *err);
void container_free(struct container *ctr);
DEFINE_AUTO(struct container *, container_free);

/* Name, full id or unambiguous prefix of an id, to the full id. -ENOENT "no such container". */
int container_resolve(struct store *store, const char *text, char **ret_id, struct error *err);
/* Full ids of all containers, unsorted strv. */
int container_list(struct store *store, char ***ret, struct error *err);
/* The same for those that have a run directory: all that run, and some that do not. */
int container_list_monitored(struct store *store, char ***ret, struct error *err);
/* A random free name in docker's manner (adjective_surname); claimed only by container_create(). */
char *container_random_name(struct store *store);
/* 0 or -EINVAL: [a-zA-Z0-9][a-zA-Z0-9_.-]* */
int container_check_name(const char *name, struct error *err);

/* Serialises changes of one container between processes; held until the returned fd is closed. */
int container_lock(struct store *store, const char *id, struct error *err);
/*
 * container_open_locked - container_open() under container_lock(), which lasts until container_free().
 *
 * Not the two after each other: to open a container whose monitor was killed takes the lock.
 */
int container_open_locked(
	struct store *store, const char *id, struct container **ret, struct error *err);

/* Writes state.json of the run directory (not durable). */
int container_state_write(struct store *store, const char *id, const struct container_state *state,
	struct error *err);
/* Records the end: exit.json in the container's directory, then the run directory is removed. */
int container_state_finish(struct store *store, const char *id,
	const struct container_state *state, bool durable, struct error *err);

/* Replaces the record on disk by the one in memory; the caller holds the lock. */
int container_record_write(const struct container *ctr, struct error *err);
/*
 * container_rename - give a container another name; the caller holds its lock.
 * A crash in between leaves both names leading to it.
 * Returns 0; -EEXIST; -EINVAL.
 */
int container_rename(struct container *ctr, const char *name, struct error *err);

/*
 * container_remove - delete a container that does not run: a rename into staging makes the
 * directory disappear at once, then its name and its files go.
 * Volumes are the caller's business.
 */
int container_remove(struct store *store, const struct container_record *record,
	struct error *err);

/*
 * The two halves of container_remove(), for those who have to answer in between.
 * container_withdraw - nobody finds the container any more, and its name can be claimed.
 * @ret_staging: where its files wait, for container_delete_files(); owned by the caller. When
 *               that is not called, the next command deletes them.
 */
int container_withdraw(struct store *store, const struct container_record *record,
	char **ret_staging, struct error *err);
void container_delete_files(
	struct store *store, const struct container_record *record, const char *staging);

/* container_remove_damaged - as container_remove() for one whose record cannot be read. */
int container_remove_damaged(struct store *store, const char *id, struct error *err);

/* True for what a crashed creation, or an auto-removed container without monitor, left behind. */
bool container_is_garbage(const struct container *ctr);

/*
 * container_tidy - what killed commands left beside containers: claims of names that nobody is called
 * by, run directories of nobody.
 * @containers: how many there are; while there are as many claims, these are not looked at one by one
 *
 * Never fails, and harms nobody who works at the same time.
 */
void container_tidy(struct store *store, size_t containers);

/*
 * Tells the monitor of a container that may_restart() to leave it alone once it has ended. Sent
 * under the container's lock, with the state read under it: then either the state has the init that
 * will be the last one, or the monitor ends at once.
 */
#define CONTAINER_MONITOR_END_SIGNAL SIGTERM
/* True when its monitor may start the container again. */
bool container_may_restart(const struct container_record *record);
/*
 * container_end_restarts - the container is not to be started again when it ends.
 * Nothing to do unless it container_may_restart(). The lock is taken for a moment, the state read
 * anew; who holds the lock never waits for the monitor, which may need it to go on.
 */
int container_end_restarts(struct container *ctr, struct error *err);
/* True while a monitor is in charge: starting, running, or cleaning up. */
bool container_is_monitored(const struct container *ctr);

/* True while its program runs, or is paused. */
bool container_is_up(const struct container *ctr);

/* The run directory of a container as an fd (made when missing). */
int container_run_dir(struct store *store, const char *id, struct error *err);
/*
 * container_write_files - the record's files (hosts, resolv.conf …) into the run directory, where
 * the spec's mounts expect them. They are made anew for every start.
 */
int container_write_files(const struct container *ctr, struct error *err);

#endif
