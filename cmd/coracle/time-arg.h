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
/* The same, but a span is one from now on, as in "events --until 10m". */
int time_arg_ahead(const char *text, int64_t *ret_ns, struct error *err);

#endif
