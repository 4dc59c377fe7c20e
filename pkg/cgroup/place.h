/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUP_PLACE_H
#define CGROUP_PLACE_H

#include "base/error.h"

/*
 * struct cgroup_place - where cgroup v2 is mounted and where in it we are.
 * Paths of cgroups are written as /proc/PID/cgroup does: from the root of the hierarchy (or of our
 * cgroup namespace), with a slash in front.
 */
struct cgroup_place {
	char *mount; /* directory that it is mounted on */
	char *root;  /* cgroup that is seen there; "/" as a rule */
	char *own;   /* our cgroup */
};

/*
 * cgroup_place_parse - find our place in the texts of two files.
 * @self_cgroup: /proc/self/cgroup
 * @mountinfo:   /proc/self/mountinfo; the first mount that shows our cgroup is taken
 * @ret:         zeroed; cgroup_place_release() it
 * Returns 0; -ENOENT: there is no cgroup v2 here.
 */
int cgroup_place_parse(const char *self_cgroup, const char *mountinfo, struct cgroup_place *ret,
	struct error *err);

/* cgroup_place_find - as cgroup_place_parse() for this process. */
int cgroup_place_find(struct cgroup_place *ret, struct error *err);

/*
 * cgroup_place_dir - directory of the cgroup @path, owned by the caller.
 * NULL when it cannot be seen through the mount, or has ".." in it.
 */
char *cgroup_place_dir(const struct cgroup_place *place, const char *path);

/* BASE/NAME, owned by the caller. */
char *cgroup_path_join(const char *base, const char *name);
/* What follows @root in @path, "" or with a slash in front; NULL when it is not below. Borrowed. */
const char *cgroup_path_below(const char *path, const char *root);

void cgroup_place_release(struct cgroup_place *place);
static inline void auto_cgroup_place_release(struct cgroup_place *place)
{
	cgroup_place_release(place);
}

/* cgroup_path_of - cgroup of process @pid in *ret, owned by the caller; -ENOENT, -ESRCH. */
int cgroup_path_of(long pid, char **ret, struct error *err);

#endif
