/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_NUMBER_H
#define FORMAT_NUMBER_H

#include <stdint.h>

#include "base/str.h"

/* Private to pkg/format: numbers as Go writes them. */

/* The fewest digits that read back as the same float: "0.1", "1e+06" (from 1e6, below 1e-4). */
void number_add_float(struct strbuf *ret, double real);
/* The same as JSON has it: an exponent from 1e21 and below 1e-6 only. */
void number_add_json(struct strbuf *ret, double real);
/* Digits of @base (2 to 16), at least @min of them; with capitals in hexadecimal on demand. */
void number_add_digits(
	struct strbuf *ret, uint64_t number, unsigned base, size_t min, bool is_upper);

#endif
