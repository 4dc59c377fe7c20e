/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIRP_LOOP_H
#define SLIRP_LOOP_H

#include "config.h"
#include "resolv.h"

/*
 * loop_run - be the packet process: get ready, meet the plugin on @sock (see worker.h), move
 * packets until the container or the tap ends. Nothing that a container sends is read before the
 * file system, the capabilities and most system calls are given up.
 */
_Noreturn void loop_run(const struct slirp_config *config, const struct resolv *resolv, int sock);

#endif
