/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/diff-pile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "storage/tree.h"
#include "storage/whiteout.h"
#include "storage/xattr.h"
#include "sys/file.h"

void pile_release(struct pile *pile)
{
	for (size_t i = 0; i < pile->count; i++)
		close(pile->parts[i].fd);
	free(pile->parts);
	*pile = (struct pile){0};
}

/* fuse-overlayfs has names of its own for the mark, and a file where it can set no attributes. */
static bool hides_what_is_below(int fd, enum pile_kind kind)
{
	char value[2] = "";

	if (kind == PILE_PLAIN)
		return false;
	if (tree_is_opaque(fd))
		return true;
	if (kind == PILE_UPPER)
		return false;
	if (xattr_get_fd(fd, XATTR_FUSE_OPAQUE, value, sizeof(value)) == 1 && value[0] == 'y')
		return true;
	return faccessat(fd, WHITEOUT_OPAQUE, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int add_named(
	struct pile *pile, int dirfd, const char *name, enum pile_kind kind, struct error *err)
{
	struct pile_part part = {.kind = kind};
	struct stat st;

	if (pile->is_opaque)
		return 0;
	part.fd = dir_open_at(dirfd, name, err);
	if (part.fd < 0)
		return part.fd;
	if (fstat(part.fd, &st) < 0) {
		int r = error_sys(err, errno, "stat %s", name);

		close(part.fd);
		return r;
	}
	part.dev = st.st_dev;
	part.ino = st.st_ino;
	pile->parts = list_grow(pile->parts, pile->count, sizeof(*pile->parts));
	pile->parts[pile->count++] = part;
	pile->is_opaque = hides_what_is_below(part.fd, kind);
	return 0;
}

int pile_add(struct pile *pile, int dirfd, enum pile_kind kind, struct error *err)
{
	return add_named(pile, dirfd, ".", kind, err);
}

enum part_says { PART_NOTHING, PART_HIDDEN, PART_FOUND };

/* What one part alone says of a name; negative errno. */
static int look(const struct pile_part *part, const char *name, struct stat *st)
{
	char file[sizeof(WHITEOUT_PREFIX) + 255];

	/* Never an entry there, whoever asks. */
	if (part->kind == PILE_LAYER && str_after(name, WHITEOUT_PREFIX))
		return PART_NOTHING;
	if (fstatat(part->fd, name, st, AT_SYMLINK_NOFOLLOW) == 0)
		return part->kind != PILE_PLAIN && tree_is_whiteout(st) ? PART_HIDDEN : PART_FOUND;
	if (errno != ENOENT)
		return -errno;
	if (part->kind != PILE_LAYER || strlen(name) > 255)
		return PART_NOTHING;
	strcpy(stpcpy(file, WHITEOUT_PREFIX), name);
	return faccessat(part->fd, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ? PART_HIDDEN
									 : PART_NOTHING;
}

int pile_find(const struct pile *pile, const char *name, struct pile_entry *ret, struct error *err)
{
	*ret = (struct pile_entry){0};
	for (size_t i = 0; i < pile->count; i++) {
		int says = look(&pile->parts[i], name, &ret->st);

		if (says < 0)
			return error_sys(err, -says, "look up %s", name);
		if (says == PART_NOTHING)
			continue;
		ret->is_there = says == PART_FOUND;
		ret->part = i;
		return 0;
	}
	return 0;
}

int pile_enter(const struct pile *pile, const char *name, const struct pile_entry *entry,
	struct pile *ret, struct error *err)
{
	for (size_t i = entry->part; i < pile->count && !ret->is_opaque; i++) {
		struct stat st;
		int says = look(&pile->parts[i], name, &st);
		int r;

		if (says < 0)
			return error_sys(err, -says, "look up %s", name);
		if (says == PART_NOTHING)
			continue;
		if (says == PART_HIDDEN || !S_ISDIR(st.st_mode))
			break;
		r = add_named(ret, pile->parts[i].fd, name, pile->parts[i].kind, err);
		if (r < 0)
			return r;
	}
	return 0;
}

size_t pile_shared(const struct pile *left, const struct pile *right)
{
	size_t shared = 0;

	while (shared < left->count && shared < right->count) {
		const struct pile_part *a = &left->parts[left->count - shared - 1];
		const struct pile_part *b = &right->parts[right->count - shared - 1];

		if (a->dev != b->dev || a->ino != b->ino)
			break;
		shared++;
	}
	return shared;
}

/* The name that an entry of a part speaks of; NULL: of none. */
static const char *meaning(const struct pile_part *part, const char *name)
{
	const char *hidden;

	if (part->kind != PILE_LAYER)
		return name;
	if (str_after(name, WHITEOUT_RESERVED))
		return NULL;
	hidden = str_after(name, WHITEOUT_PREFIX);
	/* A file that somebody called ".wh.." is none. */
	if (hidden && (!*hidden || str_eq(hidden, ".") || str_eq(hidden, "..")))
		return NULL;
	return hidden ? hidden : name;
}

int pile_names(
	const struct pile *pile, size_t count, char ***ret, size_t *ret_count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		AUTO(strv_free) char **names = NULL;
		int r = dir_list_at(pile->parts[i].fd, ".", &names, err);

		if (r < 0)
			return r;
		for (char **name = names; *name; name++) {
			const char *meant = meaning(&pile->parts[i], *name);

			if (!meant)
				continue;
			*ret = list_grow(*ret, *ret_count, sizeof(**ret));
			(*ret)[(*ret_count)++] = xstrdup(meant);
		}
	}
	return 0;
}
