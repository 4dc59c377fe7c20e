/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/str.h"
#include "storage/mount.h"
#include "sys/dirs.h"
#include "sys/file.h"
#include "sys/process.h"

#define STORE_FORMAT 1
#define FORMAT_FILE "format"
#define PARTIAL_MAX_AGE_S (7 * 24 * 3600)

static const char *const store_dirs[] = {
	"blobs",
	"blobs/sha256",
	"partial",
	"layers",
	"images",
	"names",
	"volumes",
	"staging",
};

static char *absolute_path(const char *path, struct error *err)
{
	autofree char *cwd = NULL;

	if (path[0] == '/')
		return xstrdup(path);
	cwd = getcwd(NULL, 0);
	if (!cwd) {
		error_sys(err, errno, "current directory");
		return NULL;
	}
	return xasprintf("%s/%s", cwd, path);
}

static int open_private(const char *path, struct error *err)
{
	autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0 && errno == ENOENT) {
		r = dir_make_all(path, 0700, err);
		if (r < 0)
			return r;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_sys(err, errno, "open %s", path);
	/* /tmp and shared file systems are open to all: what we trust must be ours. */
	if (st.st_uid != geteuid())
		return error_set(err, EPERM, "%s belongs to another user", path);
	if ((st.st_mode & 022) && fchmod(fd, 0700) < 0)
		return error_sys(err, errno, "%s: make it private", path);
	return take_fd(fd);
}

static int make_layout(struct store *store, struct error *err)
{
	char text[16];

	for (size_t i = 0; i < ARRAY_SIZE(store_dirs); i++) {
		if (mkdirat(store->rootfd, store_dirs[i], 0700) < 0 && errno != EEXIST)
			return error_sys(err, errno, "create %s/%s", store->root, store_dirs[i]);
	}
	/* Last: a store with a format file has all its directories. */
	snprintf(text, sizeof(text), "%d\n", STORE_FORMAT);
	return file_write_at(store->rootfd, FORMAT_FILE, text, strlen(text), 0600, 0, err);
}

static int check_format(struct store *store, struct error *err)
{
	autofree char *text = NULL;
	uint64_t version;
	int r = file_read_at(store->rootfd, FORMAT_FILE, 64, &text, NULL, err);

	if (r == -ENOENT)
		return make_layout(store, err);
	if (r < 0)
		return error_wrap(err, r, "store %s", store->root);
	text[strcspn(text, "\n")] = '\0';
	/* Empty: a power cut came between the file's name and its content. */
	if (!*text)
		return make_layout(store, err);
	if (str_to_u64(text, 10, &version) < 0 || version == 0)
		return error_set(err, EPROTONOSUPPORT,
			"store %s: not a coracle store (format \"%s\")", store->root, text);
	if (version > STORE_FORMAT)
		return error_set(err, EPROTONOSUPPORT,
			"store %s: format %" PRIu64 " was written by a newer coracle, this one "
			"knows up to %d: update coracle or choose another --root",
			store->root, version, STORE_FORMAT);
	return 0;
}

int store_open(const struct store_options *options, struct store **ret, struct error *err)
{
	AUTO(store_close) struct store *store = xnew(struct store);
	autofree char *root = options->root ? NULL : dirs_data_root();
	autofree char *run = options->runroot ? NULL : dirs_run_root();
	enum storage_driver driver;
	int r;

	store->rootfd = store->runfd = -1;
	if (options->driver && storage_driver_parse(options->driver, &driver) < 0)
		return error_set(err, EINVAL,
			"unknown storage driver \"%s\": use overlay, fuse-overlayfs or copy",
			options->driver);
	if (options->driver)
		store->driver = xstrdup(storage_driver_name(driver));
	store->root = absolute_path(root ? root : options->root, err);
	store->run = absolute_path(run ? run : options->runroot, err);
	if (!store->root || !store->run)
		return -EINVAL;
	store->rootfd = open_private(store->root, err);
	if (store->rootfd < 0)
		return error_wrap(err, store->rootfd, "store");
	store->runfd = open_private(store->run, err);
	if (store->runfd < 0)
		return error_wrap(err, store->runfd, "runtime directory");
	store->events_fd = options->no_events ? -1 : store->runfd;
	r = check_format(store, err);
	if (r < 0)
		return r;
	*ret = take_ptr(store);
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	close_fd(&store->rootfd);
	close_fd(&store->runfd);
	free(store->root);
	free(store->run);
	free(store->driver);
	free(store);
}

int store_staging_name(char **ret_path, struct error *err)
{
	struct process_id self = {0};
	autofree char *random = random_hex(8);
	int r = process_id_get(getpid(), &self, err);

	if (r < 0)
		return r;
	*ret_path = xasprintf("staging/%" PRId64 "-%" PRIu64 "-%s-%s", self.pid, self.start,
		self.boot_id, random);
	process_id_release(&self);
	return 0;
}

int store_staging_new(struct store *store, char **ret_path, struct error *err)
{
	autofree char *path = NULL;
	int r = store_staging_name(&path, err);
	int fd;

	if (r < 0)
		return r;
	if (mkdirat(store->rootfd, path, 0700) < 0)
		return error_sys(err, errno, "create %s/%s", store->root, path);
	fd = openat(store->rootfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		r = error_sys(err, errno, "open %s/%s", store->root, path);
		unlinkat(store->rootfd, path, AT_REMOVEDIR);
		return r;
	}
	/* For those who cannot see our process; best effort, as some file systems have no locks. */
	flock(fd, LOCK_SH);
	*ret_path = take_ptr(path);
	return fd;
}

/* The owner may be in another pid namespace, such as a container that shares the store. */
static bool is_locked(struct store *store, const char *path)
{
	autoclose int fd = dir_open_at(store->rootfd, path, NULL);

	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

/* False for names that we did not make: those have no owner at all. */
static bool staging_owner_lives(const char *name)
{
	struct process_id id = {0};
	char boot[9] = "";
	autoclose int pidfd = -1;

	if (sscanf(name, "%" SCNd64 "-%" SCNu64 "-%8[0-9a-f]-", &id.pid, &id.start, boot) != 3)
		return false;
	id.boot_id = boot;
	pidfd = process_id_open(&id);
	/* Any other failure than "gone" says nothing about the owner: keep. */
	return pidfd >= 0 || pidfd != -ESRCH;
}

static void collect_staging(struct store *store)
{
	AUTO(strv_free) char **names = NULL;
	struct error err = {0};

	if (dir_list_at(store->rootfd, "staging", &names, &err) < 0) {
		log_debug("collect garbage: %s", error_text(&err));
		return;
	}
	for (size_t i = 0; names[i]; i++) {
		autofree char *path = xasprintf("staging/%s", names[i]);

		if (staging_owner_lives(names[i]) || is_locked(store, path))
			continue;
		log_debug("collect garbage: %s", path);
		if (dir_remove_all_at(store->rootfd, path, &err) < 0)
			log_debug("collect garbage: %s", error_text(&err));
	}
}

static void collect_partial(struct store *store, const char *name)
{
	autofree char *path = xasprintf("partial/%s", name);
	autofree char *owner = xasprintf("partial/%.*s.owner", (int)strcspn(name, "."), name);
	autofree char *content = xasprintf("partial/%.*s", (int)strcspn(name, "."), name);
	autoclose int fd = -1;
	struct stat st;

	if (fstatat(store->rootfd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		st.st_mtime + PARTIAL_MAX_AGE_S > clock_now_ns() / 1000000000)
		return;
	fd = openat(store->rootfd, owner, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0)
		return;
	unlinkat(store->rootfd, content, 0);
	unlinkat(store->rootfd, owner, 0);
}

void store_collect_garbage(struct store *store)
{
	AUTO(strv_free) char **names = NULL;

	collect_staging(store);
	if (dir_list_at(store->rootfd, "partial", &names, NULL) < 0)
		return;
	for (size_t i = 0; names[i]; i++)
		collect_partial(store, names[i]);
}

int store_sync(struct store *store, struct error *err)
{
	if (syncfs(store->rootfd) < 0)
		return error_sys(err, errno, "write %s to disk", store->root);
	return 0;
}

int store_reset(struct store *store, struct error *err)
{
	/* Names first, so that nothing half removed can be found. */
	static const char *const order[] = {
		"names",
		"images",
		"layers",
		"blobs",
		"partial",
		"volumes",
		"staging",
	};

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		int r = dir_remove_all_at(store->rootfd, order[i], err);

		if (r < 0)
			return error_wrap(err, r, "store %s", store->root);
	}
	return make_layout(store, err);
}
