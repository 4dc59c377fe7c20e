/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_CP_PATH_H
#define ENGINE_CP_PATH_H

#include <stdbool.h>

/* struct cp_path - a path of cp, taken apart. */
struct cp_path {
	char *path;        /* without slashes and "/." at its end; "/" for the root */
	char *parent;      /* directory that has the name: "/", "." where none was written */
	char *name;        /* the last component; "" where it names no entry: "/", ".", ".." */
	bool is_directory; /* it must be one: it ends in a slash or a dot */
	bool is_content; /* what is in the directory, not the directory: it ends in "/.", or no name
			  */
};
void cp_path_parse(const char *text, struct cp_path *ret);
void cp_path_release(struct cp_path *path);
static inline void auto_cp_path_release(struct cp_path *path)
{
	cp_path_release(path);
}

#endif
