/* SPDX-License-Identifier: Apache-2.0 */
#include "format/human.h"

#include <inttypes.h>

#include "base/str.h"

#define NS_PER_S INT64_C(1000000000)
#define MINUTE INT64_C(60)
#define HOUR INT64_C(3600)
#define DAY INT64_C(24) /* hours */

struct size_form {
	int digits;
	double base;
	double full; /* from here on the digits would round up to the next unit */
	const char *gap;
	const char *const *units;
};

#define UNIT_COUNT 7 /* 2^64 is 18 EB */
static const char *const decimal_units[UNIT_COUNT] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
static const char *const binary_units[UNIT_COUNT] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

static const struct size_form size_forms[] = {
	[HUMAN_SIZE_SPACED] = {3, 1000, 999.5, " ", decimal_units},
	[HUMAN_SIZE_CLOSE] = {3, 1000, 999.5, "", decimal_units},
	[HUMAN_SIZE_FINE] = {4, 1000, 999.95, "", decimal_units},
	[HUMAN_SIZE_BINARY] = {4, 1024, 1023.5, "", binary_units},
};

char *human_size(uint64_t bytes, enum human_size which)
{
	const struct size_form *form = &size_forms[which];
	double value = (double)bytes;
	size_t unit = 0;

	while (unit + 1 < UNIT_COUNT && value >= form->full) {
		value /= form->base;
		unit++;
	}
	return xasprintf("%.*g%s%s", form->digits, value, form->gap, form->units[unit]);
}

static char *counted(int64_t count, const char *unit)
{
	return xasprintf("%" PRId64 " %s", count, unit);
}

/* docker's go-units: hours and what is longer are counted from rounded hours, years from whole. */
char *human_span(int64_t span_ns)
{
	int64_t s = span_ns / NS_PER_S;
	int64_t hours = (s + HOUR / 2) / HOUR;

	if (s < 1)
		return xstrdup("Less than a second");
	if (s == 1)
		return xstrdup("1 second");
	if (s < MINUTE)
		return counted(s, "seconds");
	if (s < 2 * MINUTE)
		return xstrdup("About a minute");
	if (s < HOUR)
		return counted(s / MINUTE, "minutes");
	if (hours == 1)
		return xstrdup("About an hour");
	if (hours < 48)
		return counted(hours, "hours");
	if (hours < 14 * DAY)
		return counted(hours / DAY, "days");
	if (hours < 60 * DAY)
		return counted(hours / (7 * DAY), "weeks");
	if (hours < 730 * DAY)
		return counted(hours / (30 * DAY), "months");
	return counted(s / HOUR / (365 * DAY), "years");
}

char *human_ago(int64_t then_ns, int64_t now_ns)
{
	autofree char *span = NULL;

	if (then_ns == 0)
		return xstrdup("");
	span = human_span(now_ns > then_ns ? now_ns - then_ns : 0);
	return xasprintf("%s ago", span);
}

/* Does a text begin with this shape, where 0 is any digit? */
static bool has_shape(const char *text, const char *shape)
{
	for (; *shape; text++, shape++) {
		bool is_digit = *text >= '0' && *text <= '9';

		if (*shape == '0' ? !is_digit : *text != *shape)
			return false;
	}
	return true;
}

char *human_time(const char *text)
{
	static const char shape[] = "0000-00-00T00:00:00";
	const char *time, *end, *zone;

	if (!has_shape(text, shape))
		return xstrdup(text);
	time = text + strlen("0000-00-00T");
	end = zone = text + strlen(shape);
	if (*zone == '.') {
		zone += 1 + strspn(zone + 1, "0123456789");
		for (end = zone; end[-1] == '0'; end--)
			;
		end -= end[-1] == '.';
	}
	if (str_eq(zone, "Z"))
		return xasprintf("%.10s %.*s +0000 UTC", text, (int)(end - time), time);
	if (strlen(zone) != 6 || (!has_shape(zone, "+00:00") && !has_shape(zone, "-00:00")))
		return xstrdup(text);
	/* Go's name of a zone that it does not know is its offset. */
	return xasprintf("%.10s %.*s %.3s%.2s %.3s%.2s", text, (int)(end - time), time, zone,
		zone + 4, zone, zone + 4);
}
