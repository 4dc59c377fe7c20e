/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BRIDGE_NFT_H
#define BRIDGE_NFT_H

#include "base/error.h"

/*
 * nft_run - commands of nft(8), all of them or none, in the network namespace of this process.
 *
 * libnftables is loaded for it: it takes longer to load than the rest of the plugin does, and only
 * the first container of a network needs it.
 *
 * Returns 0; -ELIBACC when the library is not there; -EIO with the first line that nft says.
 */
int nft_run(const char *commands, struct error *err);

#endif
