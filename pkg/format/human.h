/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_HUMAN_H
#define FORMAT_HUMAN_H

#include <stdint.h>

/* Sizes and times as people read them, worded as podman and docker do. Owned by the caller. */

enum human_size {
	HUMAN_SIZE_SPACED = 0, /* "2.76 MB": three digits; podman images, our progress */
	HUMAN_SIZE_CLOSE,      /* "2.76MB": three digits; podman ps --size, docker images */
	HUMAN_SIZE_FINE,       /* "2.764MB": four digits; stats, system df */
	HUMAN_SIZE_BINARY,     /* "2.636MiB": four digits, units of 1024; docker stats */
};

/*
 * A number that would be rounded to 1000 of a unit is 1 of the next ("1 MB" for 999,600 bytes,
 * which podman prints as "1e+03 kB").
 */
char *human_size(uint64_t bytes, enum human_size form);

/* "3 minutes", "About an hour", "Less than a second". A negative span is none. */
char *human_span(int64_t span_ns);
/* "3 minutes ago"; @then_ns 0 ("never") gives "". */
char *human_ago(int64_t then_ns, int64_t now_ns);

/*
 * human_time - RFC 3339 text as Go prints a time: "2026-01-02 03:04:05.5 +0000 UTC".
 * Text that is no such time is returned as it is.
 */
char *human_time(const char *text);

#endif
