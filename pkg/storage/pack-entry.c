/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/pack-entry.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "base/str.h"
#include "storage/xattr.h"

#define PATH_SIZE 320 /* "/proc/self/fd/N/" and a file name */
#define CAPABILITY "security.capability"

static bool is_known(const struct idmap *map, uint32_t id)
{
	uint32_t outside;

	return !map->count || idmap_to_outside(map, id, &outside);
}

/*
 * Files of ids that this user namespace lacks belong to its root, and an attribute tells whose they
 * are (unpack-tree.c). It counts only so: else it would be a way to give oneself a file of anybody.
 */
static void recorded_owner(const struct pack_tar *tar, const char *path, const struct stat *st,
	uint32_t *uid, uint32_t *gid)
{
	char text[64];
	ssize_t len;
	unsigned long long owner, group;
	char *end;

	if (st->st_uid != 0 || st->st_gid != 0 || !tar->uids.count)
		return;
	len = lgetxattr(path, XATTR_OWNER, text, sizeof(text) - 1);
	if (len <= 0)
		return;
	text[len] = '\0';
	if (text[0] < '0' || text[0] > '9')
		return;
	owner = strtoull(text, &end, 10);
	if (*end != ':' || end[1] < '0' || end[1] > '9')
		return;
	group = strtoull(end + 1, &end, 10);
	if (owner >= UINT32_MAX || group >= UINT32_MAX ||
		(is_known(&tar->uids, (uint32_t)owner) && is_known(&tar->gids, (uint32_t)group)))
		return;
	*uid = (uint32_t)owner;
	*gid = (uint32_t)group;
}

/*
 * Capabilities of a file that a nested user namespace has set name its root (revision 3). In the
 * image there is but one root: revision 2, which is the same without the last field.
 */
static size_t plain_capability(unsigned char *value, size_t len)
{
	uint32_t magic;

	if (len != XATTR_CAPS_SZ_3)
		return len;
	memcpy(&magic, value, sizeof(magic));
	magic = le32toh(magic);
	if ((magic & VFS_CAP_REVISION_MASK) != VFS_CAP_REVISION_3)
		return len;
	magic = htole32((magic & ~(uint32_t)VFS_CAP_REVISION_MASK) | VFS_CAP_REVISION_2);
	memcpy(value, &magic, sizeof(magic));
	return XATTR_CAPS_SZ_2;
}

static void add_xattr(const char *path, const char *name, struct archive_entry *entry)
{
	ssize_t len = lgetxattr(path, name, NULL, 0);
	/* Room for the empty value too. */
	autofree unsigned char *value = len < 0 ? NULL : xmalloc((size_t)len + 1);
	size_t size;

	if (len > 0)
		len = lgetxattr(path, name, value, (size_t)len);
	/* It is gone, or another one by now. */
	if (len < 0)
		return;
	size = str_eq(name, CAPABILITY) ? plain_capability(value, (size_t)len) : (size_t)len;
	archive_entry_xattr_add_entry(entry, name, value, size);
}

static int add_xattrs(const char *path, struct archive_entry *entry)
{
	AUTO(strv_free) char **names = NULL;
	int r = xattr_names(path, &names);

	strv_sort(names);
	for (char **name = names; r == 0 && name && *name; name++)
		add_xattr(path, *name, entry);
	return r == -ENOENT ? 0 : r;
}

static void set_time(
	const struct pack_tar *tar, const struct timespec *time, struct archive_entry *entry)
{
	if (tar->request->has_time && time->tv_sec >= tar->request->time_s)
		archive_entry_set_mtime(entry, tar->request->time_s, 0);
	else
		archive_entry_set_mtime(entry, time->tv_sec, time->tv_nsec);
}

int pack_entry_fill(const struct pack_tar *tar, const struct diff_item *item, const struct stat *st,
	struct archive_entry *entry, struct error *err)
{
	const struct pack_request *request = tar->request;
	uint32_t uid = st->st_uid, gid = st->st_gid;
	char path[PATH_SIZE];
	int r;

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", item->dirfd, item->name);
	recorded_owner(tar, path, st, &uid, &gid);
	archive_entry_set_uid(entry, request->has_owner ? request->uid : uid);
	archive_entry_set_gid(entry, request->has_owner ? request->gid : gid);
	archive_entry_set_mode(entry, st->st_mode);
	archive_entry_set_size(entry, S_ISREG(st->st_mode) ? st->st_size : 0);
	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
		archive_entry_set_rdev(entry, st->st_rdev);
	set_time(tar, &st->st_mtim, entry);
	r = add_xattrs(path, entry);
	return r < 0 ? error_sys(err, -r, "read attributes of %s", item->path) : 0;
}
