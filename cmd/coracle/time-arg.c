/* SPDX-License-Identifier: Apache-2.0 */
#include "time-arg.h"

#include <errno.h>
#include <stdbool.h>
#include <time.h>

#include "base/clock.h"
#include "base/str.h"

#define NS_PER_S INT64_C(1000000000)

/* "" or a point and up to nine digits. */
static int parse_fraction(const char *text, int64_t *ret_ns)
{
	int64_t unit = NS_PER_S / 10;

	*ret_ns = 0;
	if (!*text)
		return 0;
	if (*text++ != '.' || !*text)
		return -EINVAL;
	for (; *text >= '0' && *text <= '9' && unit > 0; text++, unit /= 10)
		*ret_ns += (*text - '0') * unit;
	return *text ? -EINVAL : 0;
}

/* A time without its zone is one of the person's clock on the wall. */
static int parse_local(const char *text, int64_t *ret_ns)
{
	static const char *const formats[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S",
		"%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		struct tm tm = {.tm_isdst = -1};
		const char *rest = strptime(text, formats[i], &tm);
		int64_t fraction_ns;
		time_t seconds;

		if (!rest || parse_fraction(rest, &fraction_ns) < 0 || (*rest && i > 1))
			continue;
		seconds = mktime(&tm);
		if (seconds < 0 || seconds >= INT64_MAX / NS_PER_S)
			return -EINVAL;
		*ret_ns = (int64_t)seconds * NS_PER_S + fraction_ns;
		return 0;
	}
	return -EINVAL;
}

/* Seconds since 1970, with a fraction. */
static int parse_seconds(const char *text, int64_t *ret_ns)
{
	size_t len = strcspn(text, ".");
	autofree char *whole = xstrndup(text, len);
	int64_t fraction_ns;
	uint64_t seconds;

	if (str_to_u64(whole, 10, &seconds) < 0 || seconds >= (uint64_t)(INT64_MAX / NS_PER_S) ||
		parse_fraction(text + len, &fraction_ns) < 0)
		return -EINVAL;
	*ret_ns = (int64_t)seconds * NS_PER_S + fraction_ns;
	return 0;
}

/* A span with the sign that Go takes. */
static int parse_span(const char *text, int64_t *ret_ns)
{
	bool is_negative = *text == '-';
	const char *span = text + (is_negative || *text == '+');

	uint64_t number;

	/* A number alone is a moment. */
	if (str_to_u64(span, 10, &number) == 0 || str_to_duration(span, ret_ns) < 0)
		return -EINVAL;
	if (is_negative)
		*ret_ns = -*ret_ns;
	return 0;
}

/* @direction: what a span is multiplied with */
static int parse(const char *text, int direction, int64_t *ret_ns, struct error *err)
{
	int64_t span_ns;

	if (time_parse(text, ret_ns) == 0 || parse_seconds(text, ret_ns) == 0 ||
		parse_local(text, ret_ns) == 0)
		return 0;
	if (parse_span(text, &span_ns) == 0) {
		*ret_ns = clock_now_ns() + direction * span_ns;
		return 0;
	}
	return error_set(err, EINVAL, "\"%s\" is neither a time nor a span", text);
}

int time_arg(const char *text, int64_t *ret_ns, struct error *err)
{
	return parse(text, -1, ret_ns, err);
}

int time_arg_until(const char *text, int64_t *ret_ns, struct error *err)
{
	return parse(text, 1, ret_ns, err);
}
