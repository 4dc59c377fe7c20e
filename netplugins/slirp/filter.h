/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIRP_FILTER_H
#define SLIRP_FILTER_H

#include "base/error.h"

/* Loads the seccomp allow-list of the packet loop into this process. Everything else is EPERM. */
int filter_load(struct error *err);

#endif
