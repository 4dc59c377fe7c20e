/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/dirs.h"
#include "sys/file.h"
#include "userns/keeper.h"

#define KEEPER_LOCK "keeper.lock"

const char *userns_kind_name(enum userns_kind kind)
{
	static const char *const names[] = {
		[USERNS_MAPPED] = "mapped",
		[USERNS_SINGLE] = "single",
		[USERNS_NESTED] = "nested",
		[USERNS_ROOT] = "root",
	};

	return kind < ARRAY_SIZE(names) ? names[kind] : "unknown";
}

void userns_info_release(struct userns_info *info)
{
	idmap_release(&info->uids);
	idmap_release(&info->gids);
}

static bool is_inside(const struct keeper_record *record)
{
	struct stat st;

	return stat("/proc/self/ns/user", &st) == 0 &&
		(int64_t)st.st_ino == record->namespace_inode;
}

static int read_map(const char *path, struct idmap *ret, struct error *err)
{
	autofree char *text = NULL;
	int r = file_read_at(AT_FDCWD, path, 65536, &text, NULL, err);

	return r < 0 ? r : idmap_parse(text, ret, err);
}

static int fill_info(const struct keeper_record *record, struct userns_info *ret,
	struct error *err)
{
	int r;

	ret->kind = (enum userns_kind)record->kind;
	ret->owner_uid = record->owner_uid;
	ret->owner_gid = record->owner_gid;
	r = read_map("/proc/self/uid_map", &ret->uids, err);
	return r < 0 ? r : read_map("/proc/self/gid_map", &ret->gids, err);
}

static int join(int pidfd, enum userns_kind kind, struct error *err)
{
	/* By pidfd, so that a recycled pid cannot lead us into another namespace. */
	if (setns(pidfd, CLONE_NEWUSER) < 0)
		return error_sys(err, errno, "join the user namespace");
	/* Supplementary groups stay: they open group-owned files of the user to containers' binds. */
	if (kind == USERNS_ROOT && setgroups(0, NULL) < 0)
		return error_sys(err, errno, "drop groups");
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return error_sys(err, errno, "become root of the user namespace");
	return 0;
}

/* The id that becomes 0 in the keeper's namespace, as we see it from outside. */
static int first_id(const struct keeper_record *record, uint32_t *ret, struct error *err)
{
	autofree char *path = xasprintf("/proc/%lld/uid_map", (long long)record->process.pid);
	struct idmap uids = { 0 };
	int r = read_map(path, &uids, err);

	if (r == 0 && !idmap_to_outside(&uids, 0, ret))
		r = error_set(err, EINVAL, "the user namespace has no id 0");
	idmap_release(&uids);
	return r;
}

/*
 * Real root's directories must belong to the range that it is mapped into, before it leaves its
 * identity behind.
 */
static int hand_over(const struct keeper_record *record, const char *run_root,
	const char *data_root, struct error *err)
{
	uint32_t id;
	int r;

	if (record->kind != USERNS_ROOT)
		return 0;
	r = first_id(record, &id, err);
	if (r == 0 && data_root)
		r = dir_make_all(data_root, 0700, err);
	if (r < 0)
		return r;
	if (chown(run_root, id, id) < 0)
		return error_sys(err, errno, "%s", run_root);
	if (data_root && chown(data_root, id, id) < 0)
		return error_sys(err, errno, "%s", data_root);
	return 0;
}

/* A pidfd of the keeper, which is started when it does not run. */
static int find_or_start(int run_fd, struct keeper_record *record, struct error *err)
{
	autoclose int lock = -1;
	int pidfd, r;

	pidfd = record->process.pid ? process_id_open(&record->process) : -ESRCH;
	if (pidfd >= 0)
		return pidfd;
	lock = lock_open_at(run_fd, KEEPER_LOCK, false, err);
	if (lock < 0)
		return lock;
	/* Somebody else may have started it while we waited. */
	keeper_record_release(record);
	if (keeper_read(run_fd, record) == 0) {
		pidfd = process_id_open(&record->process);
		if (pidfd >= 0)
			return pidfd;
		keeper_record_release(record);
	}
	r = keeper_start(run_fd, record, err);
	if (r < 0)
		return r;
	pidfd = process_id_open(&record->process);
	return pidfd < 0 ? error_sys(err, -pidfd, "keeper of the user namespace") : pidfd;
}

int userns_enter(const char *run_root, const char *data_root, struct userns_info *ret,
	struct error *err)
{
	struct keeper_record record = { 0 };
	autoclose int run_fd = open(run_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autoclose int pidfd = -1;
	int r = 0;

	if (run_fd < 0) {
		r = dirs_make_private(run_root, err);
		if (r < 0)
			return error_wrap(err, r, "runtime directory");
		run_fd = dir_open_at(AT_FDCWD, run_root, err);
		if (run_fd < 0)
			return run_fd;
	}
	keeper_read(run_fd, &record);
	if (!record.process.pid || !is_inside(&record)) {
		pidfd = find_or_start(run_fd, &record, err);
		r = pidfd < 0 ? pidfd : 0;
		if (r == 0)
			r = hand_over(&record, run_root, data_root, err);
		if (r == 0)
			r = join(pidfd, (enum userns_kind)record.kind, err);
	}
	if (r == 0)
		r = fill_info(&record, ret, err);
	keeper_record_release(&record);
	return r;
}

int userns_end(const char *run_root, struct error *err)
{
	struct keeper_record record = { 0 };
	autoclose int run_fd = open(run_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autoclose int lock = -1;
	autoclose int pidfd = -1;
	int r = 0;

	if (run_fd < 0)
		return errno == ENOENT ? 0 : error_sys(err, errno, "%s", run_root);
	lock = lock_open_at(run_fd, KEEPER_LOCK, false, err);
	if (lock < 0)
		return lock;
	if (keeper_read(run_fd, &record) < 0)
		return 0;
	pidfd = process_id_open(&record.process);
	if (pidfd >= 0) {
		r = pidfd_signal(pidfd, SIGKILL);
		if (r == 0)
			pidfd_wait_end(pidfd, 5000);
	}
	keeper_record_release(&record);
	return r < 0 ? error_sys(err, -r, "end the keeper") : 0;
}
