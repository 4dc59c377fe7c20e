/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/cp-path.h"

#include <string.h>

#include "base/str.h"

/* Cuts slashes and dots off the end, but not the slash of the root. */
static void trim_end(struct cp_path *path)
{
	size_t len = strlen(path->path);

	for (;;) {
		if (len > 1 && path->path[len - 1] == '/') {
			path->is_directory = true;
			len--;
		} else if (len > 1 && path->path[len - 1] == '.' && path->path[len - 2] == '/') {
			path->is_directory = path->is_content = true;
			len--;
		} else {
			break;
		}
	}
	path->path[len] = '\0';
}

void cp_path_parse(const char *text, struct cp_path *ret)
{
	const char *slash;

	*ret = (struct cp_path){.path = xstrdup(text)};
	trim_end(ret);
	slash = strrchr(ret->path, '/');
	ret->name = xstrdup(slash ? slash + 1 : ret->path);
	if (!slash)
		ret->parent = xstrdup(".");
	else
		ret->parent =
			xstrndup(ret->path, slash == ret->path ? 1 : (size_t)(slash - ret->path));
	if (str_eq(ret->name, ".") || str_eq(ret->name, ".."))
		ret->name[0] = '\0';
	if (!*ret->name)
		ret->is_directory = ret->is_content = true;
}

void cp_path_release(struct cp_path *path)
{
	free(path->path);
	free(path->parent);
	free(path->name);
	*path = (struct cp_path){0};
}
