/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_PACK_COMPRESS_H
#define STORAGE_PACK_COMPRESS_H

#include "storage/pack.h"

/*
 * Compression on all cores. The input is cut into blocks, and each becomes a gzip member or a zstd
 * frame of its own: both formats allow for several, one after the other, and what comes out does
 * not depend on how many processes were at work.
 */
struct compressor;

/* @sink: gets the output, in order. Borrowed. */
int compressor_new(enum pack_compression compression, int level, const struct pack_sink *sink,
	struct compressor **ret, struct error *err);
int compressor_write(
	struct compressor *compressor, const void *bytes, size_t len, struct error *err);
/* Everything is with the sink afterwards. */
int compressor_finish(struct compressor *compressor, struct error *err);
/* Ends the processes that are still at work. */
void compressor_free(struct compressor *compressor);
DEFINE_AUTO(struct compressor *, compressor_free);

#endif
