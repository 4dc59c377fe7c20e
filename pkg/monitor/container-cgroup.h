/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MONITOR_CONTAINER_CGROUP_H
#define MONITOR_CONTAINER_CGROUP_H

#include "cgroup/cgroup.h"
#include "container/container.h"
#include "spec/spec.h"

/* The cgroup of the container while its monitor runs; zeroed is "none". */
struct container_cgroup {
	struct cgroup_request request;
	struct cgroup_pending *pending; /* asked for */
	struct cgroup *cg;              /* made */
	char *path; /* of one that is gone, whose place is still ours: the next one goes there */
};

/* Asks for it, in the background, unless an earlier life of the container had one; record and spec
 * are borrowed until container_cgroup_create(). */
int container_cgroup_begin(struct container_cgroup *self, const struct container_record *record,
	const struct spec *spec, bool is_attached, struct error *err);
/* Makes it, if there is to be one, and notes it in the state. */
int container_cgroup_create(
	struct container_cgroup *self, struct container_state *state, struct error *err);
/* Directory that the container is cloned into; -1: none. Borrowed. */
int container_cgroup_fd(const struct container_cgroup *self);
/* Removes it after the end of the container, and notes in the state how that came. */
void container_cgroup_finish(struct container_cgroup *self, struct container_state *state);
void container_cgroup_release(struct container_cgroup *self);

#endif
