/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/challenge.h"

#include <ctype.h>
#include <strings.h>

static size_t token_len(const char *text)
{
	size_t len = 0;

	/* RFC 9110, 5.6.2 */
	while (isalnum((unsigned char)text[len]) ||
		(text[len] && strchr("!#$%&'*+-.^_`|~", text[len])))
		len++;
	return len;
}

static void skip_blanks(const char **at)
{
	*at += strspn(*at, " \t");
}

/* "quoted \"text\"" or a token; NULL when neither. */
static char *take_value(const char **at)
{
	AUTO(strbuf_release) struct strbuf buf = STRBUF_INIT;
	size_t len = token_len(*at);

	if (**at != '"') {
		char *value = len ? xstrndup(*at, len) : NULL;

		*at += len;
		return value;
	}
	for (++*at; **at && **at != '"'; ++*at) {
		if (**at == '\\' && (*at)[1])
			++*at;
		strbuf_addc(&buf, **at);
	}
	if (**at != '"')
		return NULL;
	++*at;
	return strbuf_take(&buf);
}

/* name=value, comma separated, until something that is no parameter. */
static void take_params(const char **at, struct strmap *params)
{
	for (;;) {
		const char *start = *at;
		size_t len;

		*at += strspn(*at, " \t,");
		len = token_len(*at);
		if (len == 0)
			return;
		const char *equals = *at + len + strspn(*at + len, " \t");

		if (*equals != '=' || params->count >= CHALLENGE_MAX) {
			/* The scheme of the next challenge. */
			*at = start;
			return;
		}
		autofree char *name = xstrndup(*at, len);
		autofree char *value = NULL;

		*at = equals + 1;
		skip_blanks(at);
		value = take_value(at);
		if (!value)
			return;
		for (char *c = name; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		strmap_set(params, name, value);
	}
}

void challenges_add(struct challenges *list, const char *value)
{
	while (list->count < CHALLENGE_MAX) {
		struct challenge *item = &list->items[list->count];
		size_t len;

		value += strspn(value, " \t,");
		len = token_len(value);
		if (len == 0)
			return;
		item->scheme = xstrndup(value, len);
		list->count++;
		value += len;
		take_params(&value, &item->params);
	}
}

const struct challenge *challenges_find(const struct challenges *list, const char *scheme)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcasecmp(list->items[i].scheme, scheme) == 0)
			return &list->items[i];
	return NULL;
}

void challenges_release(struct challenges *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].scheme);
		strmap_release(&list->items[i].params);
	}
	memset(list, 0, sizeof(*list));
}
