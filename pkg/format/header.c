/* SPDX-License-Identifier: Apache-2.0 */
#include "format/header.h"

#include <ctype.h>

/* A word begins with a capital behind a small letter, or before one: "CreatedAt", "IPAddress". */
static bool begins_word(const char *name, size_t at)
{
	if (at == 0 || !isupper((unsigned char)name[at]))
		return false;
	return islower((unsigned char)name[at - 1]) ||
	       (isupper((unsigned char)name[at - 1]) && islower((unsigned char)name[at + 1]));
}

void header_add(struct strbuf *ret, const char *name)
{
	for (size_t i = 0; name[i]; i++) {
		if (begins_word(name, i))
			strbuf_addc(ret, ' ');
		strbuf_addc(ret, (char)toupper((unsigned char)name[i]));
	}
}
