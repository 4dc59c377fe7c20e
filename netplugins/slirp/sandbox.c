/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"
#include "filter.h"
#include "sys/file.h"

/* Exists everywhere; only our own mount namespace sees what is put there. */
#define NEW_ROOT "/tmp"

static int write_resolv(const char *text)
{
	autoclose int fd = open("etc/resolv.conf", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);

	return fd < 0 ? -errno : fd_write_all(fd, text, strlen(text));
}

/*
 * The folder of a resolver that replaces its file: with it in our root, slirp, which looks at the
 * time of /etc/resolv.conf, follows the host from network to network.
 */
static int bind_folder(const struct resolv *resolv)
{
	autofree char *target = xasprintf("../host/%s", resolv->file);
	unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY;

	if (mkdir("host", 0555) < 0 || mount(resolv->dir, "host", NULL, MS_BIND, NULL) < 0)
		return -errno;
	if (mount(NULL, "host", NULL, MS_REMOUNT | MS_BIND | flags, NULL) < 0) {
		umount2("host", MNT_DETACH);
		return -EPERM;
	}
	return symlink(target, "etc/resolv.conf") < 0 ? -errno : 0;
}

static int fill_root(const struct resolv *resolv)
{
	if (mkdir("etc", 0555) < 0)
		return -errno;
	if (resolv->dir && bind_folder(resolv) == 0)
		return 0;
	return write_resolv(resolv->text);
}

static int write_proc(const char *path, const char *text)
{
	autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd_write_all(fd, text, strlen(text));
}

/*
 * A plain user who runs the plugin by hand has no capabilities but in a namespace of his own;
 * without a map nothing could be created in it.
 */
static int own_namespace(void)
{
	autofree char *uids = xasprintf("0 %u 1", geteuid());
	autofree char *gids = xasprintf("0 %u 1", getegid());
	int r;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return -errno;
	r = write_proc("/proc/self/setgroups", "deny");
	if (r == 0)
		r = write_proc("/proc/self/gid_map", gids);
	return r < 0 ? r : write_proc("/proc/self/uid_map", uids);
}

static int leave_file_system(const struct resolv *resolv, struct error *err)
{
	unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
	int r = unshare(CLONE_NEWNS) < 0 ? -errno : 0;

	if (r == -EPERM)
		r = own_namespace();
	if (r < 0)
		return error_sys(err, -r, "sandbox: new mount namespace");
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0 ||
		mount("tmpfs", NEW_ROOT, "tmpfs", flags, "mode=0555,size=256k,nr_inodes=16") < 0 ||
		chdir(NEW_ROOT) < 0)
		return error_sys(err, errno, "sandbox: empty root");
	r = fill_root(resolv);
	if (r < 0)
		return error_sys(err, -r, "sandbox: resolv.conf");
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
		chdir("/") < 0 ||
		mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | flags, NULL) < 0)
		return error_sys(err, errno, "sandbox: change root");
	return 0;
}

static int drop_privilege(struct error *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {0};

	int cap = 0;

	/* Up to the last that the kernel knows. Who may not drop them has none to get by them. */
	while (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
		cap++;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capset, &header, none) < 0)
		return error_sys(err, errno, "sandbox: drop capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_sys(err, errno, "sandbox: no new privileges");
	return 0;
}

int sandbox_enter(const struct resolv *resolv, struct error *err)
{
	int r = leave_file_system(resolv, err);

	if (r == 0)
		r = drop_privilege(err);
	return r < 0 ? r : filter_load(err);
}
