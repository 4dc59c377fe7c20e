/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroup-v2.rst: a cgroup that switches controllers on for its children has no processes of its own
 * ("no internal processes"). An inner node is therefore vacated first, into a leaf beside them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "cgroup/flat.h"
#include "cgroup/internal.h"
#include "sys/file.h"

/* New processes appear while others are moved; a shell's pipeline is done after one or two. */
#define VACATE_ROUNDS 16

/* Moves what is there now: 1 there was something, 0 nothing, negative errno. */
static int vacate_once(int fd, int leaf)
{
	AUTO(strv_free) char **pids = NULL;
	autofree char *text = NULL;
	int r = flat_read(fd, "cgroup.procs", &text);

	if (r < 0 || !*text)
		return r;
	pids = strv_split(text, '\n');
	for (size_t i = 0; pids[i]; i++) {
		if (!*pids[i])
			continue;
		/* 0: a process of another pid namespace, which we have no name for. */
		r = str_eq(pids[i], "0") ? -EBUSY : flat_write(leaf, "cgroup.procs", pids[i]);
		if (r < 0 && r != -ESRCH)
			return r;
	}
	return 1;
}

int branch_vacate(int fd, const char *path, struct error *err)
{
	autoclose int leaf = -1;
	int r = 1;

	if (mkdirat(fd, CGROUP_LEAF, 0755) < 0 && errno != EEXIST)
		return error_sys(err, errno, "make cgroup %s/" CGROUP_LEAF, path);
	leaf = dir_open_at(fd, CGROUP_LEAF, err);
	if (leaf < 0)
		return leaf;
	for (int i = 0; r > 0 && i < VACATE_ROUNDS; i++)
		r = vacate_once(fd, leaf);
	if (r > 0)
		r = -EBUSY;
	return r < 0 ? error_sys(err, -r, "move the processes of cgroup %s to a leaf", path) : 0;
}

static int read_words(int fd, const char *file, char ***ret)
{
	char *text = NULL;
	int r = flat_read(fd, file, &text);

	if (r < 0)
		return r;
	text[strcspn(text, "\n")] = '\0';
	*ret = strv_split(text, ' ');
	free(text);
	return 0;
}

/* "+a +b" for the names of @list that stand in @available and not in @enabled; "" for none. */
static char *missing(char *const *list, char *const *available, char *const *enabled)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; list && list[i]; i++)
		if (strv_has(available, list[i]) && !strv_has(enabled, list[i]))
			strbuf_addf(&text, "%s+%s", text.len ? " " : "", list[i]);
	return strbuf_take(&text);
}

static int check_available(char *const *needed, char *const *available, const char *path,
	const char *remedy, struct error *err)
{
	for (size_t i = 0; needed && needed[i]; i++)
		if (!strv_has(available, needed[i]))
			return error_set(err, ENOTSUP,
				"the %s controller is not delegated to cgroup %s%s", needed[i],
				path, remedy);
	return 0;
}

static bool has_processes(int fd)
{
	autofree char *text = NULL;

	return flat_read(fd, "cgroup.procs", &text) < 0 || *text;
}

/*
 * Never while it has processes, although the kernel would allow it for controllers that know
 * threads: the cgroups below could not take processes then ("domain invalid").
 */
static int switch_on(
	int fd, const char *path, const char *needed, const char *wanted, struct error *err)
{
	int r;

	if (has_processes(fd)) {
		if (!*needed)
			return 0;
		r = branch_vacate(fd, path, err);
		if (r < 0)
			return r;
	}
	if (!*wanted || flat_write(fd, "cgroup.subtree_control", wanted) == 0)
		return 0;
	log_debug("cgroup %s: cannot switch on %s", path, wanted);
	r = *needed ? flat_write(fd, "cgroup.subtree_control", needed) : 0;
	return r < 0 ? error_sys(err, -r, "switch on %s in cgroup %s", needed, path) : 0;
}

int branch_enable(int fd, const char *path, char *const *needed, char *const *wanted,
	const char *remedy, struct error *err)
{
	AUTO(strv_free) char **available = NULL;
	AUTO(strv_free) char **enabled = NULL;
	autofree char *missing_needed = NULL, *missing_wanted = NULL;
	int r = read_words(fd, "cgroup.controllers", &available);

	if (r == 0)
		r = read_words(fd, "cgroup.subtree_control", &enabled);
	if (r < 0)
		return error_sys(err, -r, "controllers of cgroup %s", path);
	r = check_available(needed, available, path, remedy, err);
	if (r < 0)
		return r;
	missing_needed = missing(needed, available, enabled);
	missing_wanted = missing(wanted, available, enabled);
	return switch_on(fd, path, missing_needed, missing_wanted, err);
}

/* The first directory in @fd: 1 and its name, 0 none. */
static int first_child(int fd, char *name, size_t size)
{
	/* Opened anew: what was read before would be skipped. */
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;
	int found = 0;

	if (!dir) {
		if (copy >= 0)
			close(copy);
		return -errno;
	}
	while (!found && (entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || str_eq(entry->d_name, ".") ||
			str_eq(entry->d_name, ".."))
			continue;
		found = snprintf(name, size, "%s", entry->d_name) < (int)size;
	}
	closedir(dir);
	return found;
}

/* Removes one cgroup without children below @fd: 1 removed, 0 there is none. */
static int remove_deepest(int fd)
{
	autoclose int parent = -1;
	char name[NAME_MAX + 1], next[NAME_MAX + 1];
	int r = first_child(fd, name, sizeof(name));

	if (r <= 0)
		return r;
	parent = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	for (;;) {
		autoclose int child = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (child < 0)
			return errno == ENOENT ? 1 : -errno;
		r = first_child(child, next, sizeof(next));
		if (r < 0)
			return r;
		if (r == 0)
			break;
		close_fd(&parent);
		parent = take_fd(child);
		memcpy(name, next, sizeof(name));
	}
	return unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 1;
}

int branch_clear(int fd)
{
	int r;

	/* Without recursion: how deep it goes is up to the container. */
	do {
		r = remove_deepest(fd);
	} while (r > 0);
	return r;
}
