/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/base64.h"

#include <errno.h>
#include <stdint.h>

#include "base/str.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(const void *data, size_t len)
{
	AUTO(strbuf_release) struct strbuf buf = STRBUF_INIT;
	const uint8_t *bytes = data;

	for (size_t i = 0; i < len; i += 3) {
		uint32_t group = (uint32_t)bytes[i] << 16;

		if (i + 1 < len)
			group |= (uint32_t)bytes[i + 1] << 8;
		if (i + 2 < len)
			group |= bytes[i + 2];
		strbuf_addc(&buf, alphabet[group >> 18]);
		strbuf_addc(&buf, alphabet[group >> 12 & 63]);
		strbuf_addc(&buf, i + 1 < len ? alphabet[group >> 6 & 63] : '=');
		strbuf_addc(&buf, i + 2 < len ? alphabet[group & 63] : '=');
	}
	return strbuf_take(&buf);
}

int base64_decode(const char *text, char **ret, size_t *ret_len)
{
	AUTO(strbuf_release) struct strbuf buf = STRBUF_INIT;
	uint32_t group = 0;
	unsigned bits = 0;
	size_t digits = 0;

	for (; *text && *text != '='; text++, digits++) {
		const char *digit = strchr(alphabet, *text);

		if (!digit)
			return -EBADMSG;
		group = group << 6 | (uint32_t)(digit - alphabet);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			strbuf_addc(&buf, (char)(group >> bits & 0xFF));
		}
	}
	if (digits % 4 == 1 || strspn(text, "=") > 2 || text[strspn(text, "=")])
		return -EBADMSG;
	*ret_len = buf.len;
	*ret = strbuf_take(&buf);
	return 0;
}
