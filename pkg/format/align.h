/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_ALIGN_H
#define FORMAT_ALIGN_H

#include "base/error.h"
#include "base/str.h"

/* Columns as podman's tables have them. */
#define ALIGN_GAP 2    /* blanks between the widest cell and the next column */
#define ALIGN_WIDTH 12 /* of a column at least, the gap included */
#define ALIGN_MAX_CELLS (1 << 20)

/*
 * align_add - append a text with its tabs made into blanks, so that columns line up.
 * @max: bytes that @ret may have in the end
 *
 * A tab ends a cell; what follows the last tab of a line is not padded. A column is as wide as its
 * cells in lines that follow each other: a line without that many tabs ends it (tabwriter's rules).
 * Widths are those on a terminal, see utf8_width(). Every line of the result ends with a newline.
 *
 * Returns 0; -E2BIG beyond @max or ALIGN_MAX_CELLS, with @ret half filled.
 */
int align_add(struct strbuf *ret, const char *text, size_t len, size_t max, struct error *err);

#endif
