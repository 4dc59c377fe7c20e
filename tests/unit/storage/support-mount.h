/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_STORAGE_SUPPORT_MOUNT_H
#define TEST_STORAGE_SUPPORT_MOUNT_H

#include "support.h"

/*
 * support_in_container - work in a mounted container, in a child with a mount namespace of its own.
 * @name:  below containers/; made where it is missing
 * @chain: ChainIDs of its image, base first
 * @work:  called in the root directory of the mount; its result is 0 or what to fail with
 */
void support_in_container(
	const char *name, char *const *chain, int (*work)(void *data), void *data);
/* Chooses the driver of the store; skips the test where it does not work. */
void support_use_driver(const char *driver);
/* What tests/support/list-tree says of the working directory; for @work, into a file. */
int support_list_tree(const char *output);

#endif
