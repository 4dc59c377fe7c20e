/* SPDX-License-Identifier: Apache-2.0 */
#include "time-arg.h"

#include <errno.h>

#include "base/clock.h"
#include "base/str.h"

#define NS_PER_S INT64_C(1000000000)

int time_arg(const char *text, int64_t *ret_ns, struct error *err)
{
	uint64_t seconds;
	int64_t span_ns;

	if (time_parse(text, ret_ns) == 0)
		return 0;
	if (str_to_u64(text, 10, &seconds) == 0 && seconds < (uint64_t)(INT64_MAX / NS_PER_S)) {
		*ret_ns = (int64_t)seconds * NS_PER_S;
		return 0;
	}
	if (str_to_duration(text, &span_ns) == 0) {
		*ret_ns = clock_now_ns() - span_ns;
		return 0;
	}
	return error_set(err, EINVAL, "\"%s\" is neither a time nor a span", text);
}
