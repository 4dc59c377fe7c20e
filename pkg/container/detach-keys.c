/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/str.h"
#include "container/attach.h"

static int parse_key(const char *text, unsigned char *ret, struct error *err)
{
	const char *ctrl = str_after(text, "ctrl-");

	if (!ctrl && strlen(text) == 1) {
		*ret = (unsigned char)text[0];
		return 0;
	}
	if (ctrl && strlen(ctrl) == 1) {
		char key = *ctrl;

		if (key >= 'a' && key <= 'z')
			key = (char)(key - 'a' + 'A');
		if (key >= '@' && key <= '_') {
			*ret = (unsigned char)(key - '@');
			return 0;
		}
	}
	return error_set(err, EINVAL,
		"detach keys: \"%s\" is neither a character nor ctrl- and one of a-z @ [ \\ ] ^ _",
		text);
}

int detach_keys_parse(const char *text, struct detach_keys *ret, struct error *err)
{
	struct detach_keys keys = {0};
	AUTO(strv_free) char **parts = NULL;

	if (*text)
		parts = strv_split(text, ',');
	if (strv_len(parts) > ATTACH_MAX_DETACH_KEYS)
		return error_set(err, EINVAL, "detach keys: more than %d", ATTACH_MAX_DETACH_KEYS);
	for (size_t i = 0; parts && parts[i]; i++) {
		int r = parse_key(parts[i], &keys.keys[keys.count], err);

		if (r < 0)
			return r;
		keys.count++;
	}
	*ret = keys;
	return 0;
}

/* After a mismatch: how many keys the held bytes plus @byte still match at their end. */
static size_t rematch(const struct detach_keys *keys, unsigned char byte)
{
	unsigned char seen[ATTACH_MAX_DETACH_KEYS + 1];
	size_t len = keys->matched;

	memcpy(seen, keys->keys, len);
	seen[len++] = byte;
	for (size_t keep = len - 1; keep > 0; keep--) {
		if (memcmp(seen + len - keep, keys->keys, keep) == 0)
			return keep;
	}
	return 0;
}

bool detach_keys_feed(
	struct detach_keys *keys, const char *data, size_t len, char *out, size_t *ret_len)
{
	size_t out_len = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)data[i];
		size_t keep;

		if (keys->count > 0 && byte == keys->keys[keys->matched]) {
			if (++keys->matched == keys->count) {
				*ret_len = out_len;
				return true;
			}
			continue;
		}
		keep = keys->matched > 0 ? rematch(keys, byte) : 0;
		/* What is held is a beginning of keys[]; all but the last @keep bytes go out. */
		memcpy(out + out_len, keys->keys, keys->matched);
		out[out_len + keys->matched] = (char)byte;
		out_len += keys->matched + 1 - keep;
		keys->matched = keep;
	}
	*ret_len = out_len;
	return false;
}
