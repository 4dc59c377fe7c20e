/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BRIDGE_RULES_H
#define BRIDGE_RULES_H

#include "base/ip.h"
#include "config.h"

/*
 * What nftables is told about a bridge. All bridges of a network namespace share the table
 * "inet coracle", which decides by the name of the interface; saying the same twice changes
 * nothing.
 */

/* Commands for nft(8) that let @config be true of a bridge with these networks. Owned by the
 * caller. */
char *rules_for_bridge(
	const struct bridge_config *config, const struct ip_network *networks, size_t count);

/* Whether a bridge with @config needs any rules. */
bool rules_are_needed(const struct bridge_config *config);

#endif
