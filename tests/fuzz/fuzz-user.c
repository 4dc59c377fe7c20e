/* SPDX-License-Identifier: Apache-2.0 */
/* --user, and passwd and group of an image: the user's text, two files, each ended by a NUL. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"
#include "engine/etc-files.h"
#include "engine/user.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next text, owned by the caller; "" behind the last. */
static char *take_text(const uint8_t **data, size_t *size)
{
	const uint8_t *end = *size > 0 ? memchr(*data, '\0', *size) : NULL;
	size_t len = end ? (size_t)(end - *data) : *size;
	char *text = xstrndup(*size > 0 ? (const char *)*data : "", len);

	*data += end ? len + 1 : len;
	*size -= end ? len + 1 : len;
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = take_text(&data, &size);
	autofree char *passwd = take_text(&data, &size);
	autofree char *group = take_text(&data, &size);
	char *add[] = {(char *)"wheel", (char *)"7", NULL};
	struct user user = {0}, again = {0};
	autofree char *line = NULL;

	if (user_resolve(text, passwd, group, add, &user, NULL) == 0) {
		assert(user.home);
		line = etc_passwd_with_user(passwd, user.uid, user.gid, "fuzz", user.home);
		/* The line that is added is found. */
		if (line) {
			autofree char *id = xasprintf("%u", user.uid);

			assert(user_resolve(id, line, group, NULL, &again, NULL) == 0);
			assert(again.uid == user.uid && again.name);
		}
	}
	user_release(&user);
	user_release(&again);
	return 0;
}
