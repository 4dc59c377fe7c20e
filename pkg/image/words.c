/* SPDX-License-Identifier: Apache-2.0 */
#include "image/words.h"

#include <errno.h>

#include "base/json.h"
#include "base/str.h"

/* Takes one word from *@text, which moves behind it. */
static int take_word(const char **text, char **ret, struct error *err)
{
	AUTO(strbuf_release) struct strbuf word = STRBUF_INIT;
	const char *at = *text;
	char quote = '\0';

	for (; *at && (quote || !strchr(" \t\r\n", *at)); at++) {
		if (quote && *at == quote) {
			quote = '\0';
		} else if (!quote && (*at == '\'' || *at == '"')) {
			quote = *at;
		} else if (*at == '\\' && quote != '\'' && at[1]) {
			/* Inside "…" a backslash only takes the meaning of these away. */
			if (quote == '"' && !strchr("\"\\$", at[1]))
				strbuf_addc(&word, *at);
			strbuf_addc(&word, *++at);
		} else {
			strbuf_addc(&word, *at);
		}
	}
	if (quote)
		return error_set(err, EINVAL, "unterminated %c", quote);
	*text = at;
	*ret = strbuf_take(&word);
	return 0;
}

int words_split(const char *text, char ***ret, struct error *err)
{
	AUTO(strv_free) char **words = NULL;

	for (;;) {
		char *word = NULL;
		int r;

		text += strspn(text, " \t\r\n");
		if (!*text)
			break;
		r = take_word(&text, &word, err);
		if (r < 0)
			return r;
		strv_take(&words, word);
	}
	*ret = take_ptr(words);
	return 0;
}

int words_json(const char *text, char ***ret)
{
	AUTO(json_free) struct json_object *list = NULL;
	AUTO(strv_free) char **words = NULL;

	if (text[strspn(text, " \t")] != '[' || json_parse(text, strlen(text), &list, NULL) < 0 ||
		!json_object_is_type(list, json_type_array))
		return 0;
	words = xcalloc(json_object_array_length(list) + 1, sizeof(char *));
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		if (!json_object_is_type(item, json_type_string))
			return 0;
		words[i] = xstrdup(json_object_get_string(item));
	}
	*ret = take_ptr(words);
	return 1;
}
