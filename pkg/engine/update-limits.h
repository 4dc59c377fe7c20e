/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_UPDATE_LIMITS_H
#define ENGINE_UPDATE_LIMITS_H

#include "engine/run-request.h"
#include "engine/throttle.h"
#include "spec/spec.h"

/*
 * update_limits - put new limits in the place of those that a container has.
 * @limits:    what was asked for; what was not stays, but for what follows from it: the limit of
 *             swap that a limit of memory has by itself follows the new one
 * @throttles: of @limits, with their devices found
 * @resources: of the container; changed on success only
 * @ret:       zeroed; what has to be written to a cgroup that has the old ones. Members that point
 *             somewhere are borrowed from @resources. A limit that is taken away is -1 there
 *
 * Returns 0; -EINVAL with the option's name.
 */
int update_limits(const struct run_limits *limits, const struct throttle_list *throttles,
	struct spec_resources *resources, struct spec_resources *ret, struct error *err);

/* True if nothing was asked for. */
bool update_limits_are_none(const struct run_limits *limits);

#endif
