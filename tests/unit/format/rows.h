/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_FORMAT_ROWS_H
#define TEST_FORMAT_ROWS_H

#include "format/format.h"

/* Rows for the tests of pkg/format: an object like that of `podman inspect`, and its types. */

extern const struct format_type sample_type;
extern const char sample_json[];

/*
 * run_template - what a template makes of the sample (@count times), as inspect would call it.
 * Returns format_rows_text()'s code.
 */
int run_template(const char *format, size_t count, struct strbuf *ret, struct error *err);

#endif
