/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_WORDS_H
#define IMAGE_WORDS_H

#include "base/error.h"

/*
 * words_split - split as a Containerfile does: blanks between words, '…' and "…" and backslash
 * keep them inside one. The quotes are removed.
 * @ret: strv, owned by the caller; NULL for no words
 * Returns 0; -EINVAL for an open quote.
 */
int words_split(const char *text, char ***ret, struct error *err);

/*
 * words_json - the exec form, ["a","b"].
 * Returns 1 with the strv (never NULL); 0 when @text is not a JSON list of strings.
 */
int words_json(const char *text, char ***ret);

#endif
