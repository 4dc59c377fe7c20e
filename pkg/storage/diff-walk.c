/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two trees are walked side by side, each a pile of directories (diff-pile.h). Where both consist
 * of the same directories nothing can differ, so only the names that the other ones list are
 * looked at: for a container on overlay those of its upper directory.
 *
 * A directory is told when it differs, or with the first difference below it. Some wait even when
 * they differ: what was made to mount on, and what has a new time because of that. They are told
 * only if there is more to it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "storage/diff-private.h"
#include "storage/tree.h"

/* The kernel's PATH_MAX ends paths before that. */
#define MAX_DEPTH (PATH_MAX / 2)

/* A directory on the way to where we are. */
struct frame {
	struct frame *parent; /* NULL: the root */
	struct diff_item item;
	size_t path_len;
	bool is_changed;
	bool may_be_made; /* by mounting on it or in it */
	bool has_made;    /* and there is something that was */
	bool is_told;
	bool may_be_moved; /* it, or one above it, has been touched since the copy was made */
};

struct walk {
	struct diff *diff;
	bool as_layer;
	diff_visit *visit;
	void *data;
	struct error *err;
	struct strbuf path;
	unsigned depth;
};

struct child {
	char *name;
	struct pile_entry now;
	struct pile_entry was;
};
struct child_list {
	struct child *items;
	size_t count;
};

static void child_list_release(struct child_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].name);
	free(list->items);
}
static inline void auto_child_list_release(struct child_list *list)
{
	child_list_release(list);
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Takes over the sorted names. */
static int find_children(struct walk *walk, char **names, size_t count, const struct pile *now,
	const struct pile *was, struct child_list *ret)
{
	int r = 0;

	ret->items = xcalloc(count + 1, sizeof(*ret->items));
	for (size_t i = 0; i < count; i++) {
		struct child *child = &ret->items[ret->count];

		if (r < 0 || (i && str_eq(names[i], child[-1].name))) {
			free(names[i]);
			continue;
		}
		ret->count++;
		child->name = names[i];
		r = pile_find(now, child->name, &child->now, walk->err);
		if (r == 0)
			r = pile_find(was, child->name, &child->was, walk->err);
		diff_map_owner(&walk->diff->tree, &child->now.st);
		diff_map_owner(&walk->diff->other, &child->was.st);
	}
	return r;
}

static int list_children(
	struct walk *walk, const struct pile *now, const struct pile *was, struct child_list *ret)
{
	size_t shared = pile_shared(now, was), count = 0;
	char **names = NULL;
	int r = pile_names(now, now->count - shared, &names, &count, walk->err);

	if (r == 0)
		r = pile_names(was, was->count - shared, &names, &count, walk->err);
	if (r == 0 && count)
		qsort(names, count, sizeof(*names), compare_names);
	if (r == 0) {
		r = find_children(walk, names, count, now, was, ret);
		count = 0; /* they are the list's */
	}
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
	return r;
}

/* Tells a directory that has waited, with those above it. */
static int tell_frame(struct walk *walk, struct frame *frame)
{
	autofree char *path = NULL;
	struct diff_item item = frame->item;
	int r = 0;

	if (frame->is_told)
		return 0;
	if (frame->parent)
		r = tell_frame(walk, frame->parent);
	if (r != 0)
		return r;
	frame->is_told = true;
	path = xstrndup(strbuf_get(&walk->path), frame->path_len);
	item.path = path;
	item.is_implied = !frame->is_changed;
	return walk->visit(walk->data, &item, walk->err);
}

static int tell(struct walk *walk, struct frame *frame, const struct diff_item *item)
{
	int r = tell_frame(walk, frame);

	return r != 0 ? r : walk->visit(walk->data, item, walk->err);
}

enum mount_relation {
	MOUNT_NONE = 0,
	MOUNT_HERE,  /* a mount point itself */
	MOUNT_BELOW, /* one lies directly in it; */
	MOUNT_DEEP,  /* or deeper */
};

static enum mount_relation relate_to_mounts(const struct walk *walk, const char *path)
{
	char *const *points = walk->diff->mount_points;
	enum mount_relation relation = MOUNT_NONE;

	for (size_t i = 0; points && points[i]; i++) {
		const char *rest = str_after(points[i], path);

		if (!rest)
			continue;
		if (!*rest)
			return MOUNT_HERE;
		if (*path && *rest != '/')
			continue;
		if (!strchr(rest + (*path != '\0'), '/'))
			relation = MOUNT_BELOW;
		else if (relation == MOUNT_NONE)
			relation = MOUNT_DEEP;
	}
	return relation;
}

/*
 * Whether the file of a mount point, which the image does not have, was made to mount on. A link is
 * what the runtime makes in the place of a file of /proc.
 */
static bool is_made_file(const struct walk *walk, const struct child *child)
{
	const struct stat *st = &child->now.st;
	bool is_empty = S_ISREG(st->st_mode) && st->st_size == 0;

	return !child->was.is_there && (is_empty || S_ISLNK(st->st_mode)) &&
	       relate_to_mounts(walk, strbuf_get(&walk->path)) == MOUNT_HERE;
}

static struct diff_file side_of(
	const struct pile *pile, const char *name, const struct pile_entry *entry)
{
	return (struct diff_file){
		.dirfd = pile->parts[entry->part].fd, .name = name, .st = entry->st};
}

static bool is_touched(const struct walk *walk, const struct stat *st)
{
	const struct timespec *copied = &walk->diff->copied;

	return st->st_ctim.tv_sec > copied->tv_sec ||
	       (st->st_ctim.tv_sec == copied->tv_sec && st->st_ctim.tv_nsec >= copied->tv_nsec);
}

/*
 * In the copy of an image, what has not been touched is as it was: its ctime says so, unless a
 * directory on the way to it has been moved here from elsewhere.
 */
static int has_copy_changed(const struct walk *walk, const struct frame *frame,
	const struct diff_file *file, const struct diff_file *other)
{
	if (diff_file_differs(file, other))
		return 1;
	if (!frame->may_be_moved && !is_touched(walk, &file->st))
		return 0;
	/* It may have got another name: told with that, so that both stay one file. */
	if (walk->diff->copied.tv_sec && file->st.st_nlink > 1 && is_touched(walk, &file->st))
		return 1;
	return diff_content_changed(file, other, walk->err);
}

static int has_file_changed(const struct walk *walk, const struct frame *frame,
	const struct pile *now, const struct pile *was, const struct child *child)
{
	struct diff_file file = side_of(now, child->name, &child->now), other;

	if (!child->was.is_there || S_ISDIR(child->was.st.st_mode) || walk->diff->is_stack)
		return 1;
	other = side_of(was, child->name, &child->was);
	if (file.st.st_dev == other.st.st_dev && file.st.st_ino == other.st.st_ino)
		return 0;
	return has_copy_changed(walk, frame, &file, &other);
}

static int visit_file(struct walk *walk, struct frame *frame, const struct pile *now,
	const struct pile *was, const struct child *child)
{
	struct diff_item item = {
		.path = strbuf_get(&walk->path),
		.name = child->name,
		.dirfd = now->parts[child->now.part].fd,
		.kind = child->was.is_there ? DIFF_CHANGED : DIFF_ADDED,
		.st = child->now.st,
	};
	int r;

	if (is_made_file(walk, child)) {
		frame->has_made = true;
		return 0;
	}
	r = has_file_changed(walk, frame, now, was, child);
	return r > 0 ? tell(walk, frame, &item) : r;
}

/* Fills in whether the directory of a frame has changed by itself. */
static int judge_directory(struct walk *walk, struct frame *frame, const struct diff_file *other)
{
	struct diff_file file = {frame->item.dirfd, frame->item.name, frame->item.st};
	enum mount_relation relation = relate_to_mounts(walk, strbuf_get(&walk->path));
	int r;

	if (!other) {
		frame->is_changed = true;
		frame->may_be_made = frame->item.kind == DIFF_ADDED && relation != MOUNT_NONE;
		frame->has_made = frame->may_be_made && relation == MOUNT_HERE;
		return 0;
	}
	r = diff_directory_changed(&file, other, walk->err);
	if (r <= 0)
		return r;
	frame->is_changed = true;
	r = diff_directory_differs(&file, other, walk->err);
	frame->may_be_made = r == 0 && (relation == MOUNT_BELOW || relation == MOUNT_DEEP);
	return r < 0 ? r : 0;
}

static int walk_children(
	struct walk *walk, struct frame *frame, const struct pile *now, const struct pile *was);

/* The directory of a frame whose two sides are open. */
static int walk_directory(
	struct walk *walk, struct frame *frame, const struct pile *now, struct pile *was)
{
	int r = 0;

	if (walk->as_layer && walk->diff->is_stack && pile_shared(now, was) < was->count) {
		frame->item.is_opaque = frame->is_changed = true;
		frame->may_be_made = false;
		pile_release(was);
	}
	if (++walk->depth > MAX_DEPTH)
		return error_set(walk->err, ELOOP, "too many directories in each other");
	if (frame->is_changed && !frame->may_be_made)
		r = tell_frame(walk, frame);
	if (r == 0)
		r = walk_children(walk, frame, now, was);
	walk->depth--;
	if (r != 0 || frame->is_told || !frame->is_changed)
		return r;
	if (!frame->has_made)
		return tell_frame(walk, frame);
	if (frame->parent && frame->item.kind == DIFF_ADDED)
		frame->parent->has_made = true;
	return 0;
}

static int visit_directory(struct walk *walk, struct frame *parent, const struct pile *now,
	const struct pile *was, const struct child *child)
{
	AUTO(pile_release) struct pile now_in = {0}, was_in = {0};
	bool was_directory = child->was.is_there && S_ISDIR(child->was.st.st_mode);
	struct frame frame = {
		.parent = parent,
		.item = {.name = child->name,
			.dirfd = now->parts[child->now.part].fd,
			.kind = child->was.is_there ? DIFF_CHANGED : DIFF_ADDED,
			.st = child->now.st},
		.path_len = walk->path.len,
		.may_be_moved = parent->may_be_moved || is_touched(walk, &child->now.st),
	};
	struct diff_file other;
	int r = pile_enter(now, child->name, &child->now, &now_in, walk->err);

	/* What the kernel makes up, such as /proc, is no file of anybody. */
	if (r == 0 && walk->diff->is_mounted && now_in.count &&
		tree_is_made_up(frame.item.dirfd, now_in.parts[0].fd))
		pile_release(&now_in);
	if (r == 0 && was_directory) {
		r = pile_enter(was, child->name, &child->was, &was_in, walk->err);
		other = side_of(was, child->name, &child->was);
	}
	if (r == 0)
		r = judge_directory(walk, &frame, was_directory ? &other : NULL);
	return r < 0 ? r : walk_directory(walk, &frame, &now_in, &was_in);
}

static int visit_child(struct walk *walk, struct frame *frame, const struct pile *now,
	const struct pile *was, const struct child *child)
{
	struct diff_item gone = {
		.path = strbuf_get(&walk->path),
		.name = child->name,
		.dirfd = -1,
		.kind = DIFF_DELETED,
	};

	if (!child->now.is_there)
		return tell(walk, frame, &gone);
	if (S_ISDIR(child->now.st.st_mode))
		return visit_directory(walk, frame, now, was, child);
	return visit_file(walk, frame, now, was, child);
}

static int walk_children(
	struct walk *walk, struct frame *frame, const struct pile *now, const struct pile *was)
{
	AUTO(child_list_release) struct child_list list = {0};
	size_t len = walk->path.len;
	int r = list_children(walk, now, was, &list);

	/* What is deleted, then the rest. */
	for (int is_there = 0; is_there < 2; is_there++) {
		for (size_t i = 0; r == 0 && i < list.count; i++) {
			const struct child *child = &list.items[i];

			if (child->now.is_there != (is_there == 1) ||
				(!child->now.is_there && !child->was.is_there))
				continue;
			strbuf_addf(&walk->path, "%s%s", len ? "/" : "", child->name);
			r = visit_child(walk, frame, now, was, child);
			walk->path.len = len;
			walk->path.data[len] = '\0';
		}
	}
	return r;
}

/* Another descriptor for each part: the walk gives up those that turn out to be hidden. */
static int copy_pile(const struct pile *pile, struct pile *ret, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < pile->count; i++)
		r = pile_add(ret, pile->parts[i].fd, pile->parts[i].kind, err);
	return r;
}

int diff_walk(struct diff *diff, bool as_layer, diff_visit *visit, void *data, struct error *err)
{
	AUTO(pile_release) struct pile was = {0};
	struct walk walk = {
		.diff = diff, .as_layer = as_layer, .visit = visit, .data = data, .err = err};
	const struct pile *now = &diff->tree.root;
	struct frame root = {.item = {.name = ".", .kind = DIFF_CHANGED}};
	struct diff_file other = {.name = "."};
	int r;

	/* A container that never ran. */
	if (!now->count)
		return 0;
	r = copy_pile(&diff->other.root, &was, err);
	root.item.dirfd = now->parts[0].fd;
	if (r == 0 && fstat(root.item.dirfd, &root.item.st) < 0)
		r = error_sys(err, errno, "stat root directory");
	if (r == 0 && was.count) {
		other.dirfd = was.parts[0].fd;
		if (fstat(other.dirfd, &other.st) < 0)
			r = error_sys(err, errno, "stat root directory");
		diff_map_owner(&diff->other, &other.st);
	}
	diff_map_owner(&diff->tree, &root.item.st);
	if (r == 0)
		r = judge_directory(&walk, &root, was.count ? &other : NULL);
	if (r == 0)
		r = walk_directory(&walk, &root, now, &was);
	strbuf_release(&walk.path);
	return r;
}
