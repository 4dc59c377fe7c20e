/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "runtime/internal.h"
#include "sys/file.h"
#include "sys/mount.h"
#include "sys/pty.h"

/* A terminal from @ptsfd, which must be a devpts: an image could have anything there. */
static int open_terminal(const struct spec_process *process, int ptsfd, int *ret_master,
	int *ret_slave, struct error *err)
{
	struct statfs fs;
	int r;

	if (fstatfs(ptsfd, &fs) < 0)
		return error_sys(err, errno, "open /dev/pts");
	if (fs.f_type != DEVPTS_SUPER_MAGIC)
		return error_set(err, ENODEV, "a terminal needs devpts on /dev/pts");
	r = pty_open(ptsfd, "ptmx", ret_master, ret_slave, err);
	if (r < 0)
		return r;
	if (process->has_console_size)
		(void)pty_set_size(*ret_master, (uint16_t)process->console_size.height,
			(uint16_t)process->console_size.width);
	/* EINVAL: an id that is not mapped; setting the user fails with a better text. */
	(void)!fchown(*ret_slave, process->user.uid, (gid_t)-1);
	return 0;
}

int console_make(const struct spec_process *process, int rootfd, int *ret_master, int *ret_slave,
	struct error *err)
{
	autoclose int pts = root_open(rootfd, "/dev/pts", O_PATH | O_DIRECTORY, 0, err);
	autoclose int dev = -1;
	autoclose int tree = -1;
	autoclose int master = -1;
	autoclose int slave = -1;
	int r;

	if (pts < 0)
		return pts;
	r = open_terminal(process, pts, &master, &slave, err);
	if (r < 0)
		return r;
	dev = root_open(rootfd, "/dev", O_PATH | O_DIRECTORY, 0, err);
	if (dev < 0)
		return dev;
	tree = mount_clone(slave, "", false, err);
	if (tree < 0)
		return error_wrap(err, tree, "/dev/console");
	r = devices_bind(dev, "console", tree, err);
	if (r < 0 && r != -EEXIST)
		return r;
	*ret_master = take_fd(master);
	*ret_slave = take_fd(slave);
	return 0;
}

int console_open(
	const struct spec_process *process, int *ret_master, int *ret_slave, struct error *err)
{
	autoclose int pts = open("/dev/pts", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (pts < 0)
		return error_sys(err, errno, "open /dev/pts");
	return open_terminal(process, pts, ret_master, ret_slave, err);
}
