/* SPDX-License-Identifier: Apache-2.0 */
#include "format/number.h"

#include <math.h>
#include <stdio.h>

#define DIGITS_MAX 17 /* what tells every double from its neighbours */

/* d.ddde±xx taken apart: digits without trailing zeros, and the power of the first. */
struct decimal {
	char digits[DIGITS_MAX + 1];
	int count;
	int power;
	bool is_negative;
};

static struct decimal shortest(double real)
{
	struct decimal decimal = {.is_negative = signbit(real)};
	char text[48];

	real = fabs(real);
	for (int precision = 0; precision < DIGITS_MAX; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, real);
		if (strtod(text, NULL) == real)
			break;
	}
	for (const char *at = text; *at && *at != 'e'; at++) {
		if (*at != '.')
			decimal.digits[decimal.count++] = *at;
	}
	decimal.power = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
	while (decimal.count > 1 && decimal.digits[decimal.count - 1] == '0')
		decimal.count--;
	return decimal;
}

static void add_scientific(struct strbuf *ret, const struct decimal *decimal)
{
	strbuf_addc(ret, decimal->digits[0]);
	if (decimal->count > 1) {
		strbuf_addc(ret, '.');
		strbuf_add(ret, decimal->digits + 1, (size_t)decimal->count - 1);
	}
	strbuf_addf(ret, "e%c%02d", decimal->power < 0 ? '-' : '+',
		decimal->power < 0 ? -decimal->power : decimal->power);
}

static void add_plain(struct strbuf *ret, const struct decimal *decimal)
{
	int last = decimal->count - 1;

	if (decimal->power < 0)
		strbuf_adds(ret, "0.");
	for (int i = -1; i > decimal->power; i--)
		strbuf_addc(ret, '0');
	for (int i = 0; i <= last || i <= decimal->power; i++) {
		if (i > 0 && i == decimal->power + 1)
			strbuf_addc(ret, '.');
		strbuf_addc(ret, (char)(i <= last ? decimal->digits[i] : '0'));
	}
}

static void add(struct strbuf *ret, double real, int lowest, int highest)
{
	struct decimal decimal;

	if (!isfinite(real)) {
		strbuf_adds(ret, isnan(real) ? "NaN" : real < 0 ? "-Inf" : "+Inf");
		return;
	}
	decimal = shortest(real);
	if (decimal.is_negative)
		strbuf_addc(ret, '-');
	if (decimal.power < lowest || decimal.power >= highest)
		add_scientific(ret, &decimal);
	else
		add_plain(ret, &decimal);
}

void number_add_float(struct strbuf *ret, double real)
{
	add(ret, real, -4, 6);
}

void number_add_json(struct strbuf *ret, double real)
{
	if (isfinite(real))
		add(ret, real, -6, 21);
	else
		strbuf_adds(ret, "null");
}

void number_add_digits(
	struct strbuf *ret, uint64_t number, unsigned base, size_t min, bool is_upper)
{
	const char *digits = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[64];
	size_t count = 0;

	for (; number > 0; number /= base)
		text[count++] = digits[number % base];
	for (size_t i = count; i < min; i++)
		strbuf_addc(ret, '0');
	while (count > 0)
		strbuf_addc(ret, text[--count]);
}
