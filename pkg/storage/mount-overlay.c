/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/str.h"
#include "storage/mount-drivers.h"
#include "sys/mount.h"

#define OPTIONS_MAX 4095 /* one page for mount(2) */

/* Descriptors of what is mounted; closed by overlay_dirs_release(). */
struct overlay_dirs {
	int *lower;
	size_t count;
	int upper;
	int work;
};

static int open_dir(int storefd, const char *path, struct error *err)
{
	int fd = openat(storefd, path, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? error_sys(err, errno, "open %s", path) : fd;
}

static int open_dirs(
	const struct mount_plan *plan, int storefd, struct overlay_dirs *dirs, struct error *err)
{
	autofree char *upper = xasprintf("%s/upper", plan->container);
	autofree char *work = xasprintf("%s/work", plan->container);
	size_t count = strv_len(plan->layers);

	dirs->lower = xcalloc(count + 1, sizeof(*dirs->lower));
	for (; dirs->count < count; dirs->count++) {
		int fd = open_dir(storefd, plan->layers[dirs->count], err);

		if (fd < 0)
			return fd;
		dirs->lower[dirs->count] = fd;
	}
	dirs->upper = open_dir(storefd, upper, err);
	dirs->work = dirs->upper < 0 ? -1 : open_dir(storefd, work, err);
	return dirs->upper < 0 ? dirs->upper : dirs->work < 0 ? dirs->work : 0;
}

static void overlay_dirs_release(struct overlay_dirs *dirs)
{
	for (size_t i = 0; i < dirs->count; i++)
		close(dirs->lower[i]);
	free(dirs->lower);
	close_fd(&dirs->upper);
	close_fd(&dirs->work);
}

/* One option per layer: no limit of a page, no escapes (Linux 6.5). */
static int mount_by_words(const struct mount_plan *plan, const struct overlay_dirs *dirs,
	const char *target, struct error *err)
{
	AUTO(strv_free) char **words = NULL;
	autoclose int fd = -1;

	strv_add(&words, "userxattr");
	if (plan->no_sync)
		strv_add(&words, "volatile");
	for (size_t i = 0; i < dirs->count; i++)
		strv_take(&words, xasprintf("lowerdir+=/proc/self/fd/%d", dirs->lower[i]));
	strv_take(&words, xasprintf("upperdir=/proc/self/fd/%d", dirs->upper));
	strv_take(&words, xasprintf("workdir=/proc/self/fd/%d", dirs->work));
	fd = mount_new("overlay", "overlay", words, 0, err);
	return fd < 0 ? fd : mount_put(fd, target, err);
}

static int mount_by_text(const struct mount_plan *plan, const struct overlay_dirs *dirs,
	const char *target, struct error *err)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;

	strbuf_adds(&text, plan->no_sync ? "userxattr,volatile,lowerdir=" : "userxattr,lowerdir=");
	for (size_t i = 0; i < dirs->count; i++)
		strbuf_addf(&text, "%s/proc/self/fd/%d", i ? ":" : "", dirs->lower[i]);
	strbuf_addf(&text, ",upperdir=/proc/self/fd/%d,workdir=/proc/self/fd/%d", dirs->upper,
		dirs->work);
	if (text.len > OPTIONS_MAX)
		return error_set(err, E2BIG,
			"overlay: this kernel cannot stack %zu layers: use another "
			"--storage-driver",
			dirs->count);
	if (mount("overlay", target, "overlay", 0, text.data) < 0)
		return error_sys(err, errno, "mount overlay");
	return 0;
}

int mount_overlay(const struct mount_plan *plan, int storefd, const char *target, struct error *err)
{
	struct overlay_dirs dirs = {.upper = -1, .work = -1};
	struct error first = {0};
	int r = open_dirs(plan, storefd, &dirs, err);

	if (r == 0) {
		r = mount_by_words(plan, &dirs, target, &first);
		/* EINVAL, ENOSYS: an older kernel, or what both ways will say. */
		if (r == -EINVAL || r == -ENOSYS || r == -EPERM)
			r = mount_by_text(plan, &dirs, target, err);
		else if (r < 0 && err)
			*err = first;
	}
	overlay_dirs_release(&dirs);
	return r;
}
