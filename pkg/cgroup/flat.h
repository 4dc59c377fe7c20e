/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUP_FLAT_H
#define CGROUP_FLAT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The kernel's cgroup files as text: "flat keyed" ones have a line "KEY NUMBER" for each value,
 * "single value" ones a number or "max". What is missing or malformed reads as 0.
 */

/* The whole of a file below @dirfd, owned by the caller; 0 or negative errno. */
int flat_read(int dirfd, const char *file, char **ret);
uint64_t flat_get(const char *text, const char *key);
/* A number; UINT64_MAX for "max". */
uint64_t flat_number(const char *text);
/* As flat_number() of a file; -ENOENT … */
int flat_read_number(int dirfd, const char *file, uint64_t *ret);
/* Writes a file in one call; 0 or negative errno. */
int flat_write(int dirfd, const char *file, const char *text);

#endif
