/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUP_CGROUP_H
#define CGROUP_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "cgroup/choice.h"
#include "spec/spec.h"

/*
 * The cgroup of a container, cgroup v2 only. The caller is the container's monitor; the cgroup lies
 * below one that is delegated, beside a leaf for the monitor where that has to leave ("no internal
 * processes", kernel's cgroup-v2.rst):
 *
 *     systemd     …/user.slice/coracle-ID.scope/{supervisor,container}
 *     cgroupfs    OUR-CGROUP[/PARENT]/coracle-ID, and OUR-CGROUP/supervisor where that is needed
 *
 * Limits are written to the container's cgroup itself, never to the scope: the monitor must not be
 * what the OOM killer finds. The same files are used whatever manager made the directory.
 */
struct cgroup {
	enum cgroup_manager manager;
	char *path; /* as in /proc/PID/cgroup; this is what a record keeps */
	int dirfd;  /* its directory; a process may be cloned into it (CLONE_INTO_CGROUP) */
};

struct cgroup_request {
	const char *id;      /* of the container */
	const char *manager; /* "systemd", "cgroupfs", "auto" (NULL, ""); see cgroup_choose() */
	enum cgroup_mode mode;
	const char *parent; /* --cgroup-parent: a slice, or a cgroup; NULL and "": the default */
	bool is_lasting;    /* see struct cgroup_wish */
	const struct spec_resources *resources; /* NULL: none; borrowed until cgroup_create() */
	bool default_pids;                      /* resources->pids is a default */
	uint32_t stop_timeout_s;                /* what systemd leaves it at the end of a session */
};

/*
 * cgroup_prepare - choose a manager and ask it for a place, in the background.
 * systemd takes its time; call this early, go on with other work, and call cgroup_create() when the
 * cgroup is wanted. @req is borrowed until then. NULL in *ret: nothing is there and nothing was
 * asked for.
 * Returns 0; -ENOTSUP, -EINVAL as cgroup_choose() and cgroup_limits_plan().
 */
struct cgroup_pending;
int cgroup_prepare(
	const struct cgroup_request *req, struct cgroup_pending **ret, struct error *err);
void cgroup_pending_free(struct cgroup_pending *pending);
DEFINE_AUTO(struct cgroup_pending *, cgroup_pending_free);

/*
 * cgroup_create - make the cgroup and write the limits.
 * @pending: from cgroup_prepare(), taken over in any case; NULL gives NULL in *ret
 *
 * With systemd (and where controllers have to be switched on) the caller is in another cgroup
 * afterwards. Where nothing was asked for, a failure is not one: *ret is NULL then.
 * On failure nothing is left but an empty scope, which systemd removes with the caller's end.
 */
int cgroup_create(struct cgroup_pending *pending, struct cgroup **ret, struct error *err);

/*
 * cgroup_renew - make a cgroup again where cgroup_create() made it and cgroup_finish() removed it;
 * the caller has not left its place beside it.
 * @path: as of the first one
 * -ENOENT: the place is gone.
 */
int cgroup_renew(
	const struct cgroup_request *req, const char *path, struct cgroup **ret, struct error *err);

/* cgroup_open - that of a running container by its recorded path; -ENOENT when it is gone. */
int cgroup_open(const char *path, struct cgroup **ret, struct error *err);
void cgroup_free(struct cgroup *cg); /* closes; the cgroup stays */
DEFINE_AUTO(struct cgroup *, cgroup_free);

/* cgroup_update - write other limits into a cgroup that exists; switches controllers on. */
int cgroup_update(
	const struct cgroup *cg, const struct spec_resources *resources, struct error *err);

/*
 * cgroup_add - move process @pid into the cgroup, or into a leaf of it where the container has
 * made it an inner node. Out of a login session this takes systemd's help and is slow; a clone
 * from the monitor, with @dirfd, is not.
 * @pid: 0: the caller
 */
int cgroup_add(const struct cgroup *cg, pid_t pid, struct error *err);

/*
 * cgroup_freeze - freeze or thaw, and wait until the kernel says that it is done.
 * -ETIMEDOUT: some process cannot be frozen (it waits for a device); it is thawed again.
 */
int cgroup_freeze(const struct cgroup *cg, bool frozen, int timeout_ms, struct error *err);

/* cgroup_kill - SIGKILL to every process in it and below; -EOPNOTSUPP before Linux 5.14. */
int cgroup_kill(const struct cgroup *cg, struct error *err);

/*
 * cgroup_remove - remove the cgroup and those that the container made in it.
 * It must be empty, or become so within @timeout_ms; -EBUSY. One that is gone is success.
 */
int cgroup_remove(const struct cgroup *cg, int timeout_ms, struct error *err);

/*
 * cgroup_finish - the end of a container: kill what is left in the cgroup, and remove it.
 * @ret_oom_killed: set true when a process of it was killed for memory, else left alone
 * What cannot be removed is a warning. NULL is harmless.
 */
void cgroup_finish(const struct cgroup *cg, bool *ret_oom_killed);

#endif
