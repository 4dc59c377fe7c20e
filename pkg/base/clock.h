/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Wall clock, nanoseconds since 1970. 0 stands for "never" (year 1 in output). */
int64_t clock_now_ns(void);
/* Monotonic clock, nanoseconds; for intervals. */
int64_t clock_monotonic_ns(void);

/* "2026-01-02T03:04:05.123456789Z" (RFC 3339, UTC); "0001-01-01T00:00:00Z" for 0. Owned by caller. */
char *time_format(int64_t ns);
/* RFC 3339 with any offset and fraction; -EINVAL else. Year 1 gives 0. */
int time_parse(const char *text, int64_t *ret_ns);

/* A span as Go prints it: "1h2m3.5s", "831.5ms", "0s". Owned by the caller. */
char *duration_format(int64_t ns);

#endif
