/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUP_CHOICE_H
#define CGROUP_CHOICE_H

#include <stdbool.h>

#include "base/error.h"
#include "cgroup/place.h"

/*
 * Which manager makes a container's cgroup: a pure decision on facts and wishes.
 *
 *     systemd    a scope of the user's own systemd, which can take processes out of a login
 * session; it takes longer than all the rest of a start, so "auto" asks for one only where a limit
 * was asked for, or where the container may outlive the session cgroupfs   a directory below our
 * own cgroup, which somebody has made ours none       nothing is delegated; the container stays in
 * our cgroup, without limits
 */
enum cgroup_manager {
	CGROUP_MANAGER_NONE = 0,
	CGROUP_MANAGER_CGROUPFS,
	CGROUP_MANAGER_SYSTEMD,
};
const char *cgroup_manager_name(enum cgroup_manager manager); /* "systemd"; borrowed, static */

/* --cgroups */
enum cgroup_mode {
	CGROUP_MODE_ENABLED = 0,
	CGROUP_MODE_DISABLED,  /* no cgroup of its own */
	CGROUP_MODE_NO_CONMON, /* the monitor stays where it is */
	CGROUP_MODE_SPLIT,     /* both below our own cgroup */
};
/* The words of --cgroups; NULL and "" are "enabled". -EINVAL. */
int cgroup_mode_parse(const char *text, enum cgroup_mode *ret, struct error *err);

struct cgroup_facts {
	bool has_cgroup;   /* cgroup v2 is mounted, and we are in it */
	bool own_writable; /* processes may be moved and cgroups made below our own */
	bool has_systemd;  /* the user's manager listens, and we can talk to it */
};
/* @place: NULL: there is no cgroup v2 */
void cgroup_facts_find(const struct cgroup_place *place, struct cgroup_facts *ret);

struct cgroup_wish {
	const char *manager; /* "systemd", "cgroupfs", "auto"; NULL and "" are "auto" */
	enum cgroup_mode mode;
	bool is_lasting; /* nobody is attached: the container may outlive the session it is started
			    in */
	bool is_needed;  /* the container asks for something that only a cgroup can give */
};

/*
 * cgroup_choose - the manager for these facts.
 * A manager that is asked for by name and is not there is an error only when one is needed.
 * Returns 0; -EINVAL: unknown manager, or limits although cgroups are disabled; -ENOTSUP: nothing
 * is delegated, with the remedy in @err.
 */
int cgroup_choose(const struct cgroup_facts *facts, const struct cgroup_wish *wish,
	enum cgroup_manager *ret, struct error *err);

#endif
