/* SPDX-License-Identifier: Apache-2.0 */
/* Where a path of a container leads: an image may have links on the way (/var/run -> /run). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "storage/diff-private.h"
#include "sys/file.h"

/* As the kernel's limit for a path (path_resolution(7)). */
#define MAX_LINKS 40

struct resolving {
	const struct pile *root;
	struct strbuf behind; /* "a/b": exists without links, as far as it exists */
	char *ahead;
	unsigned links;
};

/* The directory of a path without links; empty where there is none. */
static int enter_path(
	const struct pile *root, const char *path, struct pile *ret, struct error *err)
{
	AUTO(strv_free) char **names = strv_split(path, '/');
	int r = 0;

	for (size_t i = 0; r == 0 && i < root->count; i++)
		r = pile_add(ret, root->parts[i].fd, root->parts[i].kind, err);
	for (size_t i = 0; r == 0 && names[i]; i++) {
		struct pile next = {0};
		struct pile_entry entry;

		if (!*names[i])
			continue;
		r = pile_find(ret, names[i], &entry, err);
		if (r == 0 && entry.is_there)
			r = pile_enter(ret, names[i], &entry, &next, err);
		pile_release(ret);
		*ret = next;
	}
	return r;
}

static void go_up(struct resolving *at)
{
	char *slash = at->behind.data ? strrchr(at->behind.data, '/') : NULL;

	at->behind.len = slash ? (size_t)(slash - at->behind.data) : 0;
	if (at->behind.data)
		at->behind.data[at->behind.len] = '\0';
}

static void follow(struct resolving *at, const char *target)
{
	autofree char *old = at->ahead;

	if (*target == '/') {
		strbuf_release(&at->behind);
		at->behind = (struct strbuf)STRBUF_INIT;
	}
	at->ahead = xasprintf("%s/%s", target, old);
	at->links++;
}

/* Text of the link of this name in the directory reached so far; NULL: it is none. */
static int read_target(const struct resolving *at, const char *name, char **ret, struct error *err)
{
	AUTO(pile_release) struct pile dir = {0};
	struct pile_entry entry;
	int r = enter_path(at->root, strbuf_get(&at->behind), &dir, err);

	if (r == 0)
		r = pile_find(&dir, name, &entry, err);
	if (r == 0 && entry.is_there && S_ISLNK(entry.st.st_mode) &&
		link_read_at(dir.parts[entry.part].fd, name, ret) < 0)
		*ret = NULL;
	return r;
}

static int step(struct resolving *at, const char *name, struct error *err)
{
	autofree char *target = NULL;
	int r;

	if (!*name || str_eq(name, "."))
		return 0;
	if (str_eq(name, "..")) {
		go_up(at);
		return 0;
	}
	r = read_target(at, name, &target, err);
	if (r < 0)
		return r;
	if (target && at->links < MAX_LINKS)
		follow(at, target);
	else
		strbuf_addf(&at->behind, "%s%s", at->behind.len ? "/" : "", name);
	return 0;
}

int diff_resolve(const struct pile *root, const char *path, char **ret, struct error *err)
{
	struct resolving at = {.root = root, .ahead = xstrdup(path)};
	int r = 0;

	while (r == 0 && at.ahead[strspn(at.ahead, "/")]) {
		autofree char *old = at.ahead;
		const char *start = old + strspn(old, "/");
		size_t len = strcspn(start, "/");
		autofree char *name = xstrndup(start, len);

		at.ahead = xstrdup(start + len);
		r = step(&at, name, err);
	}
	if (r == 0)
		*ret = strbuf_take(&at.behind);
	free(at.ahead);
	strbuf_release(&at.behind);
	return r;
}
