/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "storage/mount-drivers.h"
#include "storage/tree.h"
#include "sys/file.h"
#include "sys/process.h"

#define CACHE_FILE "driver.json"
#define CACHE_MAX 4096

/* Only the kernel's overlay is remembered: that it works cannot change before a reboot. */
struct driver_cache {
	char *boot_id;
	uint64_t device;
	char *root;
	bool overlay;
	char *why;
};

static const struct json_field cache_fields[] = {
	JSON_STRING(struct driver_cache, boot_id, "bootId", JSON_REQUIRED),
	JSON_U64(struct driver_cache, device, "device", JSON_REQUIRED),
	JSON_STRING(struct driver_cache, root, "root", JSON_REQUIRED),
	JSON_BOOL(struct driver_cache, overlay, "overlay", JSON_REQUIRED),
	JSON_STRING(struct driver_cache, why, "why", JSON_ALWAYS),
	JSON_END,
};

static bool read_cache(struct store *store, struct storage_driver_info *info)
{
	struct driver_cache cache = {0};
	autofree char *text = NULL;
	struct stat st;
	size_t len;
	bool valid;

	if (file_read_at(store->runfd, CACHE_FILE, CACHE_MAX, &text, &len, NULL) < 0 ||
		fstat(store->rootfd, &st) < 0)
		return false;
	valid = json_read(text, len, CACHE_FILE, cache_fields, &cache, NULL) == 0 &&
		str_eq(cache.boot_id, boot_id_short()) && cache.device == st.st_dev &&
		str_eq(cache.root, store->root);
	if (valid) {
		info->has_overlay = cache.overlay;
		snprintf(info->overlay_why, sizeof(info->overlay_why), "%s",
			cache.why ? cache.why : "");
	}
	json_release(cache_fields, &cache);
	return valid;
}

static void write_cache(struct store *store, const struct storage_driver_info *info)
{
	struct driver_cache cache = {.boot_id = (char *)boot_id_short(),
		.root = store->root,
		.overlay = info->has_overlay,
		.why = (char *)info->overlay_why};
	autofree char *text = NULL;
	struct error err = {0};
	struct stat st;

	if (fstat(store->rootfd, &st) < 0)
		return;
	cache.device = st.st_dev;
	text = json_write(cache_fields, &cache, true);
	if (file_write_at(store->runfd, CACHE_FILE, text, strlen(text), 0600, 0, &err) < 0)
		log_debug("%s", error_text(&err));
}

static int touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : close(fd);
}

/*
 * In a process and mount namespace of its own, in a directory with lower, upper and work: a real
 * mount and the operations that file systems get wrong (whiteouts, copy-up, attributes).
 */
static int try_overlay(int dirfd, const char **ret_step)
{
	*ret_step = "enter the staging directory";
	if (fchdir(dirfd) < 0)
		return -errno;
	*ret_step = "make a mount namespace";
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	*ret_step = "make a whiteout";
	if (mknod("upper/whiteout", S_IFCHR, 0) < 0)
		return -errno;
	*ret_step = "mount overlay";
	/* By descriptor again: the namespace is a new one. */
	if (mount("overlay", "merged", "overlay", 0,
		    "userxattr,lowerdir=lower,upperdir=upper,workdir=work") < 0)
		return -errno;
	*ret_step = "write to overlay";
	if (touch("merged/new") < 0 || chmod("merged/below", 0640) < 0)
		return -errno;
	*ret_step = "remove from overlay";
	if (unlink("merged/gone") < 0)
		return -errno;
	if (access("merged/gone", F_OK) == 0)
		return -EIO;
	return mkdir("merged/gone", 0700) < 0 ? -errno : 0;
}

static int make_staging(int dirfd, struct error *err)
{
	static const char *const dirs[] = {"lower", "upper", "work", "merged"};
	static const char *const files[] = {"lower/below", "lower/gone"};

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		if (mkdirat(dirfd, dirs[i], 0700) < 0)
			return error_sys(err, errno, "create %s", dirs[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		int r = file_write_at(dirfd, files[i], "x", 1, 0600, 0, err);

		if (r < 0)
			return r;
	}
	return 0;
}

_Noreturn static void probe_child(int dirfd, int result)
{
	struct error report = {0};
	const char *step = "";
	int r = try_overlay(dirfd, &step);

	if (r < 0)
		error_sys(&report, -r, "%s", step);
	fd_write_all(result, &report, sizeof(report));
	_exit(0);
}

/* What a person can do about it. */
static const char *overlay_remedy(int code)
{
	switch (code) {
	case ENODEV:
		return "; load the module overlay";
	case EPERM:
	case EACCES:
		return "; unprivileged overlay needs Linux 5.11 or later and a host that allows it";
	case EINVAL:
		return "; the store's file system cannot carry it, put the store elsewhere "
		       "(--root)";
	default:
		return "";
	}
}

static int run_probe(int dirfd, struct error *ret_report, struct error *err)
{
	autoclose int read_end = -1, write_end = -1;
	autofree char *report = NULL;
	size_t len = 0;
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return error_sys(err, errno, "create pipe");
	read_end = fds[0];
	write_end = fds[1];
	pid = fork();
	if (pid < 0)
		return error_sys(err, errno, "start process");
	if (pid == 0)
		probe_child(dirfd, write_end);
	close_fd(&write_end);
	(void)fd_read_all(read_end, sizeof(*ret_report), &report, &len, NULL);
	process_wait(pid);
	if (len == sizeof(*ret_report))
		memcpy(ret_report, report, len);
	else
		error_set(ret_report, EIO, "the probing process died");
	return 0;
}

static int probe_overlay(struct store *store, struct storage_driver_info *info, struct error *err)
{
	autofree char *staging = NULL;
	autoclose int dirfd = store_staging_new(store, &staging, err);
	struct error report = {0};
	int r = dirfd < 0 ? dirfd : make_staging(dirfd, err);

	if (r == 0)
		r = run_probe(dirfd, &report, err);
	if (dirfd >= 0)
		dir_remove_all_at(store->rootfd, staging, NULL);
	if (r < 0)
		return error_wrap(err, r, "probe overlay");
	info->has_overlay = report.code == 0;
	info->overlay_why[0] = '\0';
	if (report.code)
		snprintf(info->overlay_why, sizeof(info->overlay_why), "%.100s%.95s", report.text,
			overlay_remedy(report.code));
	return 0;
}

static int choose(struct store *store, struct storage_driver_info *info, struct error *err)
{
	info->driver = info->has_overlay ? STORAGE_OVERLAY
		       : info->has_fuse  ? STORAGE_FUSE
					 : STORAGE_COPY;
	if (!store->driver)
		return 0;
	if (storage_driver_parse(store->driver, &info->driver) < 0)
		return error_set(err, EINVAL, "unknown storage driver \"%s\"", store->driver);
	if (info->driver == STORAGE_OVERLAY && !info->has_overlay)
		return error_set(err, EOPNOTSUPP, "storage driver overlay: %s", info->overlay_why);
	if (info->driver == STORAGE_FUSE && !info->has_fuse)
		return error_set(
			err, EOPNOTSUPP, "storage driver fuse-overlayfs: %s", info->fuse_why);
	return 0;
}

int storage_choose_driver(
	struct store *store, bool maps_ids, enum storage_driver *ret, struct error *err)
{
	struct storage_driver_info info = {0};
	bool may_overlay = !store->driver ||
		str_eq(store->driver, storage_driver_name(STORAGE_OVERLAY));
	int r;

	/* The common case asks nobody but the cache. */
	if (!maps_ids && may_overlay && read_cache(store, &info) && info.has_overlay) {
		*ret = STORAGE_OVERLAY;
		return 0;
	}
	r = storage_probe_driver(store, &info, err);
	if (r < 0)
		return r;
	*ret = info.driver;
	/* The kernel's overlay shows owners as they are. */
	if (maps_ids && info.driver == STORAGE_OVERLAY)
		*ret = info.has_fuse ? STORAGE_FUSE : STORAGE_COPY;
	return 0;
}

int storage_probe_driver(struct store *store, struct storage_driver_info *ret, struct error *err)
{
	struct storage_driver_info info = {0};
	int r;

	if (!read_cache(store, &info)) {
		r = probe_overlay(store, &info, err);
		if (r < 0)
			return r;
		write_cache(store, &info);
	}
	fuse_probe(info.fuse_why, sizeof(info.fuse_why));
	info.has_fuse = !info.fuse_why[0];
	r = choose(store, &info, err);
	if (r == 0)
		*ret = info;
	return r;
}
