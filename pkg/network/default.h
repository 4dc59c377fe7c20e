/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETWORK_DEFAULT_H
#define NETWORK_DEFAULT_H

#include "base/str.h"
#include "cni/conflist.h"

/* The name of the built-in network. */
#define NETWORK_DEFAULT_NAME "slirp"
#define NETWORK_DEFAULT_IFNAME "tap0"

/*
 * network_default_check - one KEY=VALUE of --network slirp:…
 * Returns 0; -EINVAL with a text that names the option and what it takes.
 */
int network_default_check(const char *key, const char *value, struct error *err);

/*
 * network_default_list - the built-in configuration list with @options (checked) filled in.
 * @state_dir: where the network's state lies; the plugin gets a folder in it
 */
int network_default_list(const struct strmap *options, const char *state_dir, struct cni_list *ret,
	struct error *err);

#endif
