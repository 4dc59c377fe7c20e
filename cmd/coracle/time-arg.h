/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_TIME_ARG_H
#define CORACLE_TIME_ARG_H

#include <stdint.h>

#include "base/error.h"

/*
 * time_arg - a moment as typed: RFC 3339, where the zone (then the local one), the seconds or the
 * time of the day may be missing; seconds since 1970; or a span back from now ("10m").
 * Returns 0 or -EINVAL.
 */
int time_arg(const char *text, int64_t *ret_ns, struct error *err);
/* The end of something that may go on: the same, but a span counts from now on, as podman's does.
 */
int time_arg_until(const char *text, int64_t *ret_ns, struct error *err);

#endif
