/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

/* Words that exist alone and, with an "r" in front, for all mounts below. */
static const struct {
	const char *word;
	uint64_t set;
	uint64_t clear;
} attribute_words[] = {
	{"ro", MOUNT_ATTR_RDONLY, 0},
	{"rw", 0, MOUNT_ATTR_RDONLY},
	{"nosuid", MOUNT_ATTR_NOSUID, 0},
	{"suid", 0, MOUNT_ATTR_NOSUID},
	{"nodev", MOUNT_ATTR_NODEV, 0},
	{"dev", 0, MOUNT_ATTR_NODEV},
	{"noexec", MOUNT_ATTR_NOEXEC, 0},
	{"exec", 0, MOUNT_ATTR_NOEXEC},
	{"nodiratime", MOUNT_ATTR_NODIRATIME, 0},
	{"diratime", 0, MOUNT_ATTR_NODIRATIME},
	{"noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME},
	{"atime", 0, MOUNT_ATTR__ATIME},
	{"relatime", 0, MOUNT_ATTR__ATIME},
	{"norelatime", 0, MOUNT_ATTR__ATIME},
	{"strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
	{"nostrictatime", 0, MOUNT_ATTR__ATIME},
	{"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0},
	{"symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW},
};

static const struct {
	const char *word;
	uint64_t flag;
} propagation_words[] = {
	{"private", MS_PRIVATE},
	{"shared", MS_SHARED},
	{"slave", MS_SLAVE},
	{"unbindable", MS_UNBINDABLE},
};

/* Words of mount(8) that change nothing for us or are meant for programs, not the kernel. */
static const char *const ignored_words[] = {"defaults", "async", "loud", "silent", "iversion",
	"noiversion", "nolazytime", "remount", "mand", "nomand", "newinstance", "user", "nouser",
	"auto", "noauto", "_netdev", "nofail"};

static bool parse_attribute(const char *word, struct mount_options *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(attribute_words); i++) {
		if (str_eq(word, attribute_words[i].word)) {
			/* The later word wins. */
			ret->set = (ret->set & ~attribute_words[i].clear) | attribute_words[i].set;
			ret->clear =
				(ret->clear & ~attribute_words[i].set) | attribute_words[i].clear;
			return true;
		}
	}
	for (size_t i = 0; *word == 'r' && i < ARRAY_SIZE(attribute_words); i++) {
		if (str_eq(word + 1, attribute_words[i].word)) {
			ret->rec_set =
				(ret->rec_set & ~attribute_words[i].clear) | attribute_words[i].set;
			ret->rec_clear = (ret->rec_clear & ~attribute_words[i].set) |
					 attribute_words[i].clear;
			return true;
		}
	}
	return false;
}

static bool parse_propagation(const char *word, struct mount_options *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(propagation_words); i++) {
		bool recursive = *word == 'r' && str_eq(word + 1, propagation_words[i].word);

		if (recursive || str_eq(word, propagation_words[i].word)) {
			ret->propagation = propagation_words[i].flag;
			ret->rec_propagation = recursive;
			return true;
		}
	}
	return false;
}

static bool is_ignored(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(ignored_words); i++)
		if (str_eq(word, ignored_words[i]))
			return true;
	return false;
}

void mount_options_parse(char *const *words, struct mount_options *ret)
{
	for (size_t i = 0; words && words[i]; i++) {
		const char *word = words[i];

		if (str_eq(word, "bind"))
			ret->bind = true;
		else if (str_eq(word, "rbind"))
			ret->bind = ret->recursive = true;
		else if (str_eq(word, "tmpcopyup"))
			ret->copy_up = true;
		else if (str_eq(word, "notmpcopyup"))
			ret->copy_up = false;
		else if (str_eq(word, "idmap") || str_eq(word, "ridmap"))
			ret->idmap = true;
		else if (!parse_attribute(word, ret) && !parse_propagation(word, ret) &&
			 !is_ignored(word))
			strv_add(&ret->data, word);
	}
}

void mount_options_release(struct mount_options *options)
{
	strv_free(options->data);
	options->data = NULL;
}

/* The kernel explains itself in the context's log: "e tmpfs: Bad value for 'size'". */
static int context_error(int fd, int code, const char *type, struct error *err)
{
	char log[256];
	ssize_t len = read(fd, log, sizeof(log) - 1);

	if (len <= 2)
		return error_sys(err, code, "mount %s", type);
	log[len] = '\0';
	log[strcspn(log, "\n")] = '\0';
	return error_sys(err, code, "mount %s: %s", type, log + 2);
}

static int context_set(int fd, const char *option)
{
	const char *value = strchr(option, '=');
	autofree char *key = NULL;

	if (!value)
		return fsconfig(fd, FSCONFIG_SET_FLAG, option, NULL, 0);
	key = xstrndup(option, (size_t)(value - option));
	return fsconfig(fd, FSCONFIG_SET_STRING, key, value + 1, 0);
}

int mount_new(
	const char *type, const char *source, char *const *data, uint64_t attr, struct error *err)
{
	autoclose int context = fsopen(type, FSOPEN_CLOEXEC);
	int fd;

	if (context < 0)
		return error_sys(err, errno, "mount %s", type);
	if (source && fsconfig(context, FSCONFIG_SET_STRING, "source", source, 0) < 0)
		return context_error(context, errno, type, err);
	for (size_t i = 0; data && data[i]; i++)
		if (context_set(context, data[i]) < 0)
			return context_error(context, errno, type, err);
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return context_error(context, errno, type, err);
	fd = fsmount(context, FSMOUNT_CLOEXEC, (unsigned)attr);
	if (fd < 0)
		return context_error(context, errno, type, err);
	return fd;
}

int mount_clone(int dirfd, const char *path, bool recursive, struct error *err)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
			 (recursive ? AT_RECURSIVE : 0U);
	int fd = open_tree(dirfd, path, flags);

	if (fd < 0)
		return error_sys(err, errno, "bind %s", *path ? path : "directory");
	return fd;
}

int mount_set(int fd, uint64_t set, uint64_t clear, uint64_t propagation, bool recursive,
	struct error *err)
{
	struct mount_attr attr = {.attr_set = set, .attr_clr = clear, .propagation = propagation};

	if (!set && !clear && !propagation)
		return 0;
	if (mount_setattr(fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0U), &attr,
		    sizeof(attr)) < 0)
		return error_sys(err, errno, "set mount attributes");
	return 0;
}

int mount_apply(int fd, const struct mount_options *options, struct error *err)
{
	int r = mount_set(fd, options->rec_set, options->rec_clear, 0, true, err);

	if (r == 0)
		r = mount_set(fd, options->set, options->clear, 0, false, err);
	if (r == 0)
		r = mount_set(fd, 0, 0, options->propagation, options->rec_propagation, err);
	return r;
}

int mount_attach(int fd, int target_fd, struct error *err)
{
	if (move_mount(fd, "", target_fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) <
		0)
		return error_sys(err, errno, "attach mount");
	return 0;
}

int mount_isolate(bool slave, struct error *err)
{
	if (mount(NULL, "/", NULL, MS_REC | (slave ? MS_SLAVE : MS_PRIVATE), NULL) < 0)
		return error_sys(err, errno, "make mounts private");
	return 0;
}

int mount_pivot(int rootfd, struct error *err)
{
	if (fchdir(rootfd) < 0)
		return error_sys(err, errno, "enter the root directory");
	/* pivot_root(2), "Notes": with both arguments "." the old root ends up on top of the new.
	 */
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return error_sys(err, errno, "pivot_root");
	if (umount2(".", MNT_DETACH) < 0)
		return error_sys(err, errno, "detach the old root directory");
	if (chdir("/") < 0)
		return error_sys(err, errno, "enter the root directory");
	return 0;
}
