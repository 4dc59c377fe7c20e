/* SPDX-License-Identifier: Apache-2.0 */
/* Where nothing, or not enough, is delegated: all that is left to do is to say how to change it. */
#include "cgroup/internal.h"

const char *remedy_for_controllers(enum cgroup_manager manager)
{
	if (manager == CGROUP_MANAGER_SYSTEMD)
		return ": as root, \"systemctl edit user@.service\", add [Service] and "
		       "Delegate=cpu cpuset io memory pids, then log in again";
	return ": whoever delegates the cgroup has to add it to cgroup.subtree_control above";
}

void cgroup_facts_find(const struct cgroup_place *place, struct cgroup_facts *ret)
{
	autofree char *dir = place ? cgroup_place_dir(place, place->own) : NULL;

	*ret = (struct cgroup_facts){
		.has_cgroup = dir != NULL,
		.own_writable = dir && cgroupfs_is_writable(dir),
		.has_systemd = dir && systemd_is_there(),
	};
}
