/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REGISTRY_RANGE_H
#define REGISTRY_RANGE_H

#include <stdbool.h>
#include <stdint.h>

/* Content-Range of one part (RFC 9110, 14.4): "bytes 5-9/10" or "bytes 5-9/" with an asterisk. */
struct content_range {
	uint64_t first;
	uint64_t last;
	bool has_total;
	uint64_t total;
};

/* Returns 0; -EBADMSG; NULL is malformed. */
int content_range_parse(const char *text, struct content_range *ret);

#endif
