/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/str.h"

#define NS_PER_S INT64_C(1000000000)

static int64_t clock_read(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t clock_now_ns(void)
{
	return clock_read(CLOCK_REALTIME);
}

int64_t clock_monotonic_ns(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

char *time_format(int64_t ns)
{
	time_t seconds = (time_t)(ns / NS_PER_S);
	int64_t rest = ns % NS_PER_S;
	char fraction[16] = "";
	struct tm tm;

	if (ns == 0)
		return xstrdup("0001-01-01T00:00:00Z");
	if (rest < 0) {
		rest += NS_PER_S;
		seconds--;
	}
	gmtime_r(&seconds, &tm);
	if (rest) {
		size_t len = (size_t)snprintf(fraction, sizeof(fraction), ".%09" PRId64, rest);

		while (fraction[len - 1] == '0')
			fraction[--len] = '\0';
	}
	return xasprintf("%04d-%02d-%02dT%02d:%02d:%02d%sZ", tm.tm_year + 1900, tm.tm_mon + 1,
		tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, fraction);
}

/* ".123" as nanoseconds; digits after the ninth are dropped. */
static const char *parse_fraction(const char *text, int64_t *ret_ns)
{
	int64_t unit = NS_PER_S / 10;

	for (; *text >= '0' && *text <= '9'; text++, unit /= 10)
		*ret_ns += (*text - '0') * unit;
	return text;
}

/* Exactly so many digits; not sscanf(), which takes signs and blanks as well. */
static bool take_number(const char **text, unsigned digits, int *ret)
{
	int value = 0;

	for (; digits > 0; digits--, (*text)++) {
		if (**text < '0' || **text > '9')
			return false;
		value = value * 10 + (**text - '0');
	}
	*ret = value;
	return true;
}

static bool take_one_of(const char **text, const char *wanted)
{
	if (!**text || !strchr(wanted, **text))
		return false;
	(*text)++;
	return true;
}

/* A number behind one of @separators. */
static bool take_part(const char **text, const char *separators, int *ret)
{
	return take_one_of(text, separators) && take_number(text, 2, ret);
}

static int parse_offset(const char *text, int64_t *ret_s)
{
	int sign = *text == '-' ? -1 : 1;
	int hours, minutes;

	if (str_eq(text, "Z") || str_eq(text, "z")) {
		*ret_s = 0;
		return 0;
	}
	if (!take_part(&text, "+-", &hours) || !take_part(&text, ":", &minutes) || *text ||
		hours > 23 || minutes > 59)
		return -EINVAL;
	*ret_s = (int64_t)sign * (hours * 3600 + minutes * 60);
	return 0;
}

int time_parse(const char *text, int64_t *ret_ns)
{
	struct tm tm = { 0 };
	int64_t fraction = 0, offset;

	if (!text || !take_number(&text, 4, &tm.tm_year) || !take_part(&text, "-", &tm.tm_mon) ||
		!take_part(&text, "-", &tm.tm_mday) || !take_part(&text, "Tt ", &tm.tm_hour) ||
		!take_part(&text, ":", &tm.tm_min) || !take_part(&text, ":", &tm.tm_sec))
		return -EINVAL;
	if (tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31 ||
		tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60 || tm.tm_year < 1)
		return -EINVAL;
	if (*text == '.')
		text = parse_fraction(text + 1, &fraction);
	if (parse_offset(text, &offset) < 0)
		return -EINVAL;
	if (tm.tm_year < 1678 || tm.tm_year > 2261) { /* outside of 64 bits of nanoseconds */
		*ret_ns = 0;
		return 0;
	}
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	*ret_ns = ((int64_t)timegm(&tm) - offset) * NS_PER_S + fraction;
	return 0;
}

/* @value in thousandths, millionths … of a unit: no zeros at the end, no point without digits. */
static void add_decimal(struct strbuf *text, uint64_t value, uint64_t unit, unsigned digits)
{
	uint64_t rest = value % unit;

	strbuf_addf(text, "%" PRIu64, value / unit);
	if (rest == 0)
		return;
	while (rest % 10 == 0) {
		rest /= 10;
		digits--;
	}
	strbuf_addf(text, ".%0*" PRIu64, (int)digits, rest);
}

char *duration_format(int64_t ns)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	uint64_t rest = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	const uint64_t second = 1000000000, minute = 60 * second, hour = 60 * minute;

	if (ns < 0)
		strbuf_adds(&text, "-");
	if (rest == 0) {
		strbuf_adds(&text, "0s");
	} else if (rest < 1000) {
		strbuf_addf(&text, "%" PRIu64 "ns", rest);
	} else if (rest < 1000000) {
		add_decimal(&text, rest, 1000, 3);
		strbuf_adds(&text, "µs");
	} else if (rest < second) {
		add_decimal(&text, rest, 1000000, 6);
		strbuf_adds(&text, "ms");
	} else {
		if (rest >= hour)
			strbuf_addf(&text, "%" PRIu64 "h", rest / hour);
		if (rest >= minute)
			strbuf_addf(&text, "%" PRIu64 "m", rest % hour / minute);
		add_decimal(&text, rest % minute, second, 9);
		strbuf_adds(&text, "s");
	}
	return strbuf_take(&text);
}
