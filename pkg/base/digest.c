/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <sys/random.h>

#include "base/str.h"

static bool is_lower_hex(const char *text, size_t len)
{
	return strlen(text) == len && strspn(text, "0123456789abcdef") == len;
}

bool digest_is_valid(const char *text)
{
	const char *hex;

	if (!text)
		return false;
	if ((hex = str_after(text, "sha256:")))
		return is_lower_hex(hex, DIGEST_SHA256_HEX_LEN);
	if ((hex = str_after(text, "sha512:")))
		return is_lower_hex(hex, 128);
	return false;
}

const char *digest_hex(const char *digest)
{
	return strchr(digest, ':') + 1;
}

char *random_hex(size_t len)
{
	unsigned char bytes[64];
	char *text = xmalloc(2 * len + 1);

	if (len > sizeof(bytes) || getrandom(bytes, len, 0) != (ssize_t)len)
		abort();
	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return text;
}
