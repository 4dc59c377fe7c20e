/* SPDX-License-Identifier: Apache-2.0 */
#include "format/utf8.h"

struct range {
	uint32_t first;
	uint32_t last;
};

/* Bytes of the character that @byte begins, and the bits that @byte has of it; 0: it begins none.
 */
static size_t lead(unsigned char byte, uint32_t *ret_bits)
{
	if (byte >= 0xc2 && byte <= 0xdf) {
		*ret_bits = byte & 0x1f;
		return 2;
	}
	if (byte >= 0xe0 && byte <= 0xef) {
		*ret_bits = byte & 0x0f;
		return 3;
	}
	*ret_bits = byte & 0x07;
	return byte >= 0xf0 && byte <= 0xf4 ? 4 : 0;
}

size_t utf8_decode(const char *text, size_t len, uint32_t *ret)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t code = (unsigned char)text[0];
	size_t size;

	if (code < 0x80) {
		*ret = code;
		return 1;
	}
	size = lead((unsigned char)text[0], &code);
	*ret = UTF8_INVALID;
	if (size == 0 || size > len)
		return 1;
	for (size_t i = 1; i < size; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 1;
		code = code << 6 | ((unsigned char)text[i] & 0x3f);
	}
	if (code < smallest[size] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 1;
	*ret = code;
	return size;
}

void utf8_add(struct strbuf *ret, uint32_t code)
{
	if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		code = 0xfffd;
	if (code < 0x80) {
		strbuf_addc(ret, (char)code);
		return;
	}
	if (code < 0x800) {
		strbuf_addc(ret, (char)(0xc0 | code >> 6));
	} else {
		if (code < 0x10000) {
			strbuf_addc(ret, (char)(0xe0 | code >> 12));
		} else {
			strbuf_addc(ret, (char)(0xf0 | code >> 18));
			strbuf_addc(ret, (char)(0x80 | (code >> 12 & 0x3f)));
		}
		strbuf_addc(ret, (char)(0x80 | (code >> 6 & 0x3f)));
	}
	strbuf_addc(ret, (char)(0x80 | (code & 0x3f)));
}

size_t utf8_offset(const char *text, size_t len, size_t count)
{
	size_t at = 0;
	uint32_t code;

	for (size_t i = 0; i < count && at < len; i++)
		at += utf8_decode(text + at, len - at, &code);
	return at;
}

size_t utf8_count(const char *text, size_t len)
{
	size_t count = 0;
	uint32_t code;

	for (size_t at = 0; at < len; count++)
		at += utf8_decode(text + at, len - at, &code);
	return count;
}

static bool is_in(const struct range *ranges, size_t count, uint32_t code)
{
	size_t low = 0;

	while (low < count) {
		size_t middle = low + (count - low) / 2;

		if (code > ranges[middle].last)
			low = middle + 1;
		else if (code < ranges[middle].first)
			count = middle;
		else
			return true;
	}
	return false;
}

bool utf8_is_unsafe(uint32_t code)
{
	static const struct range ranges[] = {
		{0x00, 0x1f},       /* C0 */
		{0x7f, 0x9f},       /* DEL; C1, where 0x9b begins what ESC [ does */
		{0x61c, 0x61c},     /* direction of Arabic letters */
		{0x200b, 0x200f},   /* without width, and direction */
		{0x2028, 0x202e},   /* separators, embeddings and overrides of direction */
		{0x2060, 0x206f},   /* joiners, isolates */
		{0xfeff, 0xfeff},   /* byte order mark */
		{0xfff9, 0xfffb},   /* annotations */
		{0xe0000, 0xe007f}, /* tags */
	};

	if (code >= 0x20 && code < 0x7f)
		return false;
	return code == UTF8_INVALID || is_in(ranges, ARRAY_SIZE(ranges), code);
}

/* East Asian Wide and Fullwidth of Unicode 14, and the emoji shown as such; gaps left in. */
static bool is_wide(uint32_t code)
{
	static const struct range ranges[] = {
		{0x1100, 0x115f},
		{0x231a, 0x231b},
		{0x2329, 0x232a},
		{0x23e9, 0x23ec},
		{0x23f0, 0x23f0},
		{0x23f3, 0x23f3},
		{0x25fd, 0x25fe},
		{0x2614, 0x2615},
		{0x2648, 0x2653},
		{0x267f, 0x267f},
		{0x2693, 0x2693},
		{0x26a1, 0x26a1},
		{0x26aa, 0x26ab},
		{0x26bd, 0x26be},
		{0x26c4, 0x26c5},
		{0x26ce, 0x26ce},
		{0x26d4, 0x26d4},
		{0x26ea, 0x26ea},
		{0x26f2, 0x26f3},
		{0x26f5, 0x26f5},
		{0x26fa, 0x26fa},
		{0x26fd, 0x26fd},
		{0x2705, 0x2705},
		{0x270a, 0x270b},
		{0x2728, 0x2728},
		{0x274c, 0x274c},
		{0x274e, 0x274e},
		{0x2753, 0x2755},
		{0x2757, 0x2757},
		{0x2795, 0x2797},
		{0x27b0, 0x27b0},
		{0x27bf, 0x27bf},
		{0x2b1b, 0x2b1c},
		{0x2b50, 0x2b50},
		{0x2b55, 0x2b55},
		{0x2e80, 0x303e},
		{0x3041, 0x3247},
		{0x3250, 0x4dbf},
		{0x4e00, 0xa4cf},
		{0xa960, 0xa97c},
		{0xac00, 0xd7a3},
		{0xf900, 0xfaff},
		{0xfe10, 0xfe19},
		{0xfe30, 0xfe6b},
		{0xff01, 0xff60},
		{0xffe0, 0xffe6},
		{0x16fe0, 0x18d08},
		{0x1aff0, 0x1b2fb},
		{0x1f004, 0x1f004},
		{0x1f0cf, 0x1f0cf},
		{0x1f18e, 0x1f18e},
		{0x1f191, 0x1f19a},
		{0x1f200, 0x1f320},
		{0x1f32d, 0x1f335},
		{0x1f337, 0x1f37c},
		{0x1f37e, 0x1f393},
		{0x1f3a0, 0x1f3ca},
		{0x1f3cf, 0x1f3d3},
		{0x1f3e0, 0x1f3f0},
		{0x1f3f4, 0x1f3f4},
		{0x1f3f8, 0x1f43e},
		{0x1f440, 0x1f440},
		{0x1f442, 0x1f4fc},
		{0x1f4ff, 0x1f53d},
		{0x1f54b, 0x1f54e},
		{0x1f550, 0x1f567},
		{0x1f57a, 0x1f57a},
		{0x1f595, 0x1f596},
		{0x1f5a4, 0x1f5a4},
		{0x1f5fb, 0x1f64f},
		{0x1f680, 0x1f6c5},
		{0x1f6cc, 0x1f6cc},
		{0x1f6d0, 0x1f6d2},
		{0x1f6d5, 0x1f6df},
		{0x1f6eb, 0x1f6ef},
		{0x1f6f4, 0x1f6ff},
		{0x1f7e0, 0x1f7eb},
		{0x1f90c, 0x1f93a},
		{0x1f93c, 0x1f945},
		{0x1f947, 0x1f9ff},
		{0x1fa70, 0x1faff},
		{0x20000, 0x3fffd},
	};

	return code >= ranges[0].first && is_in(ranges, ARRAY_SIZE(ranges), code);
}

/* Marks of the scripts that are written most; a rarer one makes its cell a column too wide. */
static bool is_mark(uint32_t code)
{
	static const struct range ranges[] = {
		{0x300, 0x36f}, /* Latin, Greek, Cyrillic */
		{0x483, 0x489},
		{0x591, 0x5bd},
		{0x610, 0x61a},
		{0x64b, 0x65f},
		{0x6d6, 0x6dc},
		{0x900, 0x902},
		{0x93c, 0x93c},
		{0x941, 0x948},
		{0x94d, 0x94d},
		{0xe31, 0xe31},
		{0xe34, 0xe3a},
		{0xe47, 0xe4e},
		{0x1ab0, 0x1ace},
		{0x1dc0, 0x1dff},
		{0x20d0, 0x20f0},
		{0x302a, 0x302d},
		{0x3099, 0x309a},
		{0xfe00, 0xfe0f}, /* which form of an emoji */
		{0xfe20, 0xfe2f},
		{0xe0100, 0xe01ef},
	};

	return code >= ranges[0].first && is_in(ranges, ARRAY_SIZE(ranges), code);
}

size_t utf8_width(const char *text, size_t len)
{
	size_t width = 0;
	uint32_t code;

	for (size_t at = 0; at < len;) {
		at += utf8_decode(text + at, len - at, &code);
		if (!is_mark(code))
			width += is_wide(code) ? 2 : 1;
	}
	return width;
}
