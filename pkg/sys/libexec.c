/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/process.h"
#include "sys/program-file.h"

/* In a build tree each program lies in a folder of its name: cmd/coracle/coracle. */
static char *build_tree_path(const char *own, const char *program)
{
	const char *plugin = str_after(program, "cni/");
	autofree char *top = xstrdup(own);

	for (int i = 0; i < 3; i++) {
		char *slash = strrchr(top, '/');

		if (!slash)
			return NULL;
		*slash = '\0';
	}
	if (plugin)
		return xasprintf("%s/netplugins/%s/%s", top, plugin, plugin);
	return xasprintf("%s/cmd/%s/%s", top, program, program);
}

char *libexec_path(const char *program)
{
	const char *override = getenv("CORACLE_LIBEXEC_DIR");
	autofree char *own = NULL;

	if (override)
		return xasprintf("%s/%s", override, program);
	own = program_file_path();
	if (own) {
		autofree char *path = build_tree_path(own, program);

		if (path && access(path, X_OK) == 0)
			return take_ptr(path);
		/* Installed beside each other, wherever the prefix was moved to. */
		*strrchr(own, '/') = '\0';
		free(path);
		path = xasprintf("%s/%s", own, program);
		if (access(path, X_OK) == 0 && str_has_suffix(own, "/coracle"))
			return take_ptr(path);
	}
	return xasprintf("%s/%s", CORACLE_LIBEXEC_DIR, program);
}
