/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_CHAIN_ID_H
#define IMAGE_CHAIN_ID_H

/* chain_id - image-spec, config.md, "Layer ChainID". @prev: NULL or "" for the base. Owned. */
char *chain_id(const char *prev, const char *diff_id);
/* The chain ids of all layers, base first; strv owned by the caller. */
char **chain_ids(char *const *diff_ids);

#endif
