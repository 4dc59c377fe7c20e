/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_LAYER_PLACE_H
#define STORAGE_LAYER_PLACE_H

#include "base/error.h"

/* What layer.c, which finds layers, shares with layer-place.c, which adds them. */
#define LAYER_INFO_FILE "layer.json"

/*
 * "layers/HEX" or "layers/HEX/NAME", owned by the caller. Digests become file names, so they are
 * checked here: NULL and -EINVAL for what is none.
 */
char *layer_path(const char *chain_id, const char *name, struct error *err);

#endif
