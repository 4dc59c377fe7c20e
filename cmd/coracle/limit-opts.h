/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_LIMIT_OPTS_H
#define CORACLE_LIMIT_OPTS_H

#include "common/opt.h"
#include "engine/run-request.h"

/* Limits of resources, of a struct run_limits: what run, create and update share. */
extern const struct opt limit_opts[];

#endif
