/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIRP_SANDBOX_H
#define SLIRP_SANDBOX_H

#include "resolv.h"

/*
 * sandbox_enter - give up all that moving packets does not need: the file system (a new mount
 * namespace with an empty tmpfs root that holds /etc/resolv.conf), capabilities, the way back to
 * privilege, and all system calls but a few.
 *
 * The order is fixed: the root needs capabilities, dropping those needs prctl(), the filter
 * comes last. On failure the process must end.
 */
int sandbox_enter(const struct resolv *resolv, struct error *err);

#endif
