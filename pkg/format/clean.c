/* SPDX-License-Identifier: Apache-2.0 */
#include "format/clean.h"

#include "format/utf8.h"

static bool stays(uint32_t code, enum clean_mode mode)
{
	return mode == CLEAN_NOTHING || !utf8_is_unsafe(code) ||
	       (mode == CLEAN_LINES && (code == '\t' || code == '\n'));
}

bool clean_is_needed(const char *text, size_t len, enum clean_mode mode)
{
	uint32_t code;

	if (mode == CLEAN_NOTHING)
		return false;
	for (size_t at = 0; at < len;) {
		at += utf8_decode(text + at, len - at, &code);
		if (!stays(code, mode))
			return true;
	}
	return false;
}

static void add_escape(struct strbuf *ret, uint32_t code, unsigned char byte)
{
	if (code == '\t')
		strbuf_adds(ret, "\\t");
	else if (code == '\n')
		strbuf_adds(ret, "\\n");
	else if (code == '\r')
		strbuf_adds(ret, "\\r");
	else if (code < 0x80 || code == UTF8_INVALID)
		strbuf_addf(ret, "\\x%02x", byte);
	else if (code < 0x10000)
		strbuf_addf(ret, "\\u%04x", code);
	else
		strbuf_addf(ret, "\\U%08x", code);
}

void clean_add(struct strbuf *ret, const char *text, size_t len, enum clean_mode mode)
{
	uint32_t code;
	size_t size;

	for (size_t at = 0; at < len; at += size) {
		size = utf8_decode(text + at, len - at, &code);
		if (stays(code, mode))
			strbuf_add(ret, text + at, size);
		else
			add_escape(ret, code, (unsigned char)text[at]);
	}
}
