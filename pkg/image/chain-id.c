/* SPDX-License-Identifier: Apache-2.0 */
#include "image/chain-id.h"

#include <string.h>

#include "base/digest.h"
#include "base/str.h"

char *chain_id(const char *prev, const char *diff_id)
{
	autofree char *text = NULL;

	if (str_is_empty(prev))
		return xstrdup(diff_id);
	text = xasprintf("%s %s", prev, diff_id);
	return digest_of(text, strlen(text));
}

char **chain_ids(char *const *diff_ids)
{
	char **chain = NULL;
	const char *prev = NULL;

	for (size_t i = 0; diff_ids && diff_ids[i]; i++) {
		strv_take(&chain, chain_id(prev, diff_ids[i]));
		prev = chain[i];
	}
	return chain;
}
