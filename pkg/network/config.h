/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETWORK_CONFIG_H
#define NETWORK_CONFIG_H

#include "base/error.h"
#include "cni/conflist.h"

/*
 * config_load - the configuration list named @name from the first directory that defines it
 * (*.conflist before *.conf, in order of file names), with the plugins of the directory of that
 * name beside it unless the list forbids it (CNI spec 1.1, section 1).
 * Files that cannot be read or parsed are passed over with a warning.
 * Returns 0; -ENOENT when nothing defines the network.
 */
int config_load(
	char *const *config_dirs, const char *name, struct cni_list *ret, struct error *err);

#endif
