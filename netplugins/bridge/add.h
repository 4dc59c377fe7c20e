/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BRIDGE_ADD_H
#define BRIDGE_ADD_H

#include "cni/plugin.h"

/*
 * ADD: addresses from the ipam plugin, the bridge, a pair of interfaces, rules, and last what is
 * done inside the container's namespace, which this process does not come back from. A failure
 * takes back what belongs to the container; the bridge stays, it may be others' by then.
 */
cni_command_fn bridge_add;

#endif
