/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/*
 * Allocation that aborts when memory is out, so callers never check. Sizes that come from
 * outside meet a named limit before they get here.
 */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *ptr, size_t count, size_t size);
void *xmemdup(const void *data, size_t size);
char *xstrdup(const char *text); /* NULL gives NULL */
char *xstrndup(const char *text, size_t len);
char *xasprintf(const char *format, ...) PRINTF_LIKE(1, 2);

#define xnew(type) ((type *)xcalloc(1, sizeof(type)))

/*
 * Makes room for one more item in a list that its owner keeps as items and count.
 * Grows in powers of two, so that no capacity has to be kept; returns the (moved) items.
 */
void *list_grow(void *items, size_t count, size_t item_size);
/* A list of @count items, all zero, that list_grow() may go on with; NULL for none. */
void *list_new(size_t count, size_t item_size);

#endif
