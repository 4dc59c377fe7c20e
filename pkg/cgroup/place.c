/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sys/file.h"

/* Machines with many containers have long mount tables. */
#define MOUNTINFO_MAX (64 << 20)
#define CGROUP_FILE_MAX (64 << 10)

void cgroup_place_release(struct cgroup_place *place)
{
	free(place->mount);
	free(place->root);
	free(place->own);
	*place = (struct cgroup_place){0};
}

/* The path on the line "0::/path"; the other lines are about cgroup v1. */
static char *unified_path(const char *text)
{
	while (text && *text) {
		const char *path = str_after(text, "0::");
		size_t len = strcspn(text, "\n");

		if (path)
			return xstrndup(path, (size_t)(text + len - path));
		text += len + (text[len] == '\n');
	}
	return NULL;
}

/* Blanks, tabs, newlines and backslashes stand in mountinfo as three octal digits. */
static char *unescape(const char *text)
{
	char *result = xstrdup(text), *to = result;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] && from[2] && from[3]) {
			*to = (char)(((from[1] - '0') << 6) | ((from[2] - '0') << 3) |
				     (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
	return result;
}

char *cgroup_path_join(const char *base, const char *name)
{
	return xasprintf("%s/%s", strcmp(base, "/") == 0 ? "" : base, name);
}

const char *cgroup_path_below(const char *path, const char *root)
{
	const char *rest;

	if (strcmp(root, "/") == 0)
		return path;
	rest = str_after(path, root);
	return rest && (*rest == '/' || !*rest) ? rest : NULL;
}

/* proc(5): ID PARENT MAJOR:MINOR ROOT MOUNTPOINT OPTIONS FIELDS… - TYPE SOURCE OPTIONS */
static void take_mount(char *line, struct cgroup_place *place)
{
	char *separator = strstr(line, " - cgroup2 ");
	AUTO(strv_free) char **words = NULL;
	autofree char *root = NULL;

	if (!separator || place->mount)
		return;
	*separator = '\0';
	words = strv_split(line, ' ');
	if (strv_len(words) < 6)
		return;
	root = unescape(words[3]);
	if (!cgroup_path_below(place->own, root))
		return;
	place->mount = unescape(words[4]);
	place->root = take_ptr(root);
}

int cgroup_place_parse(
	const char *self_cgroup, const char *mountinfo, struct cgroup_place *ret, struct error *err)
{
	AUTO(cgroup_place_release) struct cgroup_place place = {0};
	AUTO(strv_free) char **lines = strv_split(mountinfo, '\n');

	place.own = unified_path(self_cgroup);
	if (!place.own)
		return error_set(err, ENOENT, "there is no cgroup v2 on this machine");
	for (size_t i = 0; lines[i]; i++)
		take_mount(lines[i], &place);
	if (!place.mount)
		return error_set(err, ENOENT,
			"cgroup v2 is not mounted where cgroup %s can be seen", place.own);
	*ret = place;
	place = (struct cgroup_place){0};
	return 0;
}

int cgroup_place_find(struct cgroup_place *ret, struct error *err)
{
	autofree char *own = NULL;
	autofree char *mounts = NULL;
	int r = file_read_at(AT_FDCWD, "/proc/self/cgroup", CGROUP_FILE_MAX, &own, NULL, err);

	if (r == 0)
		r = file_read_at(
			AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, &mounts, NULL, err);
	return r < 0 ? r : cgroup_place_parse(own, mounts, ret, err);
}

static bool climbs(const char *path)
{
	AUTO(strv_free) char **parts = strv_split(path, '/');

	return strv_has(parts, "..");
}

char *cgroup_place_dir(const struct cgroup_place *place, const char *path)
{
	const char *rest = cgroup_path_below(path, place->root);

	if (!rest || climbs(path))
		return NULL;
	return xasprintf("%s%s", place->mount, str_eq(rest, "/") ? "" : rest);
}

int cgroup_path_of(long pid, char **ret, struct error *err)
{
	autofree char *name = xasprintf("/proc/%ld/cgroup", pid);
	autofree char *text = NULL;
	int r = file_read_at(AT_FDCWD, name, CGROUP_FILE_MAX, &text, NULL, err);
	char *path;

	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	path = unified_path(text);
	if (!path)
		return error_set(err, ENOENT, "there is no cgroup v2 on this machine");
	*ret = path;
	return 0;
}
