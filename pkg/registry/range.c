/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/range.h"

#include <errno.h>
#include <strings.h>

#include "base/str.h"

/* Digits up to @end, which is stepped over; NUL as @end is the end of the text. */
static int take_number(const char **at, char end, uint64_t *ret)
{
	size_t len = strspn(*at, "0123456789");
	autofree char *digits = xstrndup(*at, len);

	if ((*at)[len] != end || str_to_u64(digits, 10, ret) < 0)
		return -EBADMSG;
	*at += len + (end != '\0');
	return 0;
}

int content_range_parse(const char *text, struct content_range *ret)
{
	struct content_range range = {0};

	if (!text || strncasecmp(text, "bytes ", 6) != 0)
		return -EBADMSG;
	text += 6;
	if (take_number(&text, '-', &range.first) < 0 || take_number(&text, '/', &range.last) < 0)
		return -EBADMSG;
	if (!str_eq(text, "*")) {
		range.has_total = true;
		if (take_number(&text, '\0', &range.total) < 0 || range.last >= range.total)
			return -EBADMSG;
	}
	if (range.last < range.first)
		return -EBADMSG;
	*ret = range;
	return 0;
}
