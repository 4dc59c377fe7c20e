/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

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

char *utf8_repair(const char *text)
{
	AUTO(strbuf_release) struct strbuf ret = STRBUF_INIT;
	size_t len = strlen(text), size;
	uint32_t code;

	for (size_t at = 0; at < len; at += size) {
		size = utf8_decode(text + at, len - at, &code);
		utf8_add(&ret, code);
	}
	return strbuf_take(&ret);
}
