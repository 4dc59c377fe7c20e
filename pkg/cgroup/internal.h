/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUP_INTERNAL_H
#define CGROUP_INTERNAL_H

#include "cgroup/cgroup.h"
#include "cgroup/limits.h"
#include "cgroup/place.h"

/* The leaf for processes that have to leave an inner node, as podman calls it. */
#define CGROUP_LEAF "supervisor"
/* The container's cgroup in a scope. */
#define CGROUP_PAYLOAD "container"
/* A leaf in the container's cgroup for our exec, where the container has made it an inner node. */
#define CGROUP_EXEC_LEAF "coracle-exec"

struct cgroup_pending {
	const struct cgroup_request *req;
	enum cgroup_manager manager; /* never NONE */
	struct cgroup_place place;
	struct cgroup_limits limits;
	bool is_needed;      /* a failure is one */
	struct scope *scope; /* systemd: the request on its way */
};

/* branch.c: an inner node, and what is switched on for its children. */

/*
 * branch_enable - switch controllers on for the children of cgroup @fd.
 * @needed: must be on afterwards; processes of the cgroup are moved into a leaf for it
 * @wanted: all that are useful, these included; switched on where that moves nobody
 * @path:   of the cgroup, for messages
 * @remedy: what to do about a controller that is not there
 */
int branch_enable(int fd, const char *path, char *const *needed, char *const *wanted,
	const char *remedy, struct error *err);
/* Moves every process of the cgroup @fd into its leaf CGROUP_LEAF. */
int branch_vacate(int fd, const char *path, struct error *err);
/* Removes the cgroups below @fd. */
int branch_clear(int fd);

/* manager-cgroupfs.c */
bool cgroupfs_is_writable(const char *dir);
/* The cgroup to make the container's in, owned by the caller, and the name it gets there. */
int cgroupfs_find_site(
	struct cgroup_pending *pending, char **ret_base, char **ret_name, struct error *err);

/* manager-systemd.c */
bool systemd_is_there(void);
int systemd_begin(struct cgroup_pending *pending, struct error *err);
void scope_free(struct scope *scope);
int systemd_find_site(
	struct cgroup_pending *pending, char **ret_base, char **ret_name, struct error *err);
/* Name of the scope that the cgroup @path lies in, owned by the caller; NULL. */
char *systemd_scope_of(const char *path);
/* Moves process @pid into the cgroup @path, which lies in a scope. */
int systemd_attach(const char *path, pid_t pid, struct error *err);

/* manager-none.c: how to get what is missing, for messages. */
const char *remedy_for_controllers(enum cgroup_manager manager);

#endif
