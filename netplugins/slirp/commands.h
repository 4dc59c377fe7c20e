/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIRP_COMMANDS_H
#define SLIRP_COMMANDS_H

#include "cni/plugin.h"

/* One function per command of CNI spec 1.1, section 2. */
cni_command_fn command_add, command_del, command_check, command_gc, command_status;

#endif
