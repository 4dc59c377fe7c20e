/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>

#include "storage/layer-unpack.h"
#include "storage/unpack-tree.h"

int unpack_clean_path(const char *path, char **ret, struct error *err)
{
	AUTO(strbuf_release) struct strbuf clean = STRBUF_INIT;
	unsigned depth = 0;

	for (const char *at = path; *at;) {
		size_t len = strcspn(at, "/");

		if (len == 2 && at[0] == '.' && at[1] == '.')
			return error_set(err, EBADMSG,
				"archive entry \"%.200s\": \"..\" leads out of the layer", path);
		if (len > NAME_MAX || clean.len + len + 2 > PATH_MAX)
			return error_set(
				err, EBADMSG, "archive entry \"%.200s…\": name too long", path);
		if (len && !(len == 1 && at[0] == '.')) {
			if (++depth > LAYER_MAX_DEPTH)
				return error_set(err, EBADMSG,
					"archive entry \"%.200s…\": more than %u directories deep",
					path, LAYER_MAX_DEPTH);
			if (clean.len)
				strbuf_addc(&clean, '/');
			strbuf_add(&clean, at, len);
		}
		at += len;
		at += *at == '/';
	}
	*ret = strbuf_take(&clean);
	return 0;
}
