/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

int pty_open(int dirfd, const char *ptmx, int *ret_master, int *ret_slave, struct error *err)
{
	autoclose int master = openat(dirfd, ptmx, O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	int unlock = 0;
	int slave;

	if (master < 0)
		return error_sys(err, errno, "open the terminal multiplexer");
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return error_sys(err, errno, "unlock the terminal");
	/* By descriptor: a name in /dev/pts might lead elsewhere. */
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return error_sys(err, errno, "open the terminal");
	*ret_master = take_fd(master);
	*ret_slave = slave;
	return 0;
}

int pty_take_control(int slave_fd, struct error *err)
{
	if (ioctl(slave_fd, TIOCSCTTY, 0) < 0)
		return error_sys(err, errno, "take the controlling terminal");
	return 0;
}

int pty_set_size(int fd, uint16_t rows, uint16_t columns)
{
	struct winsize size = {.ws_row = rows, .ws_col = columns};

	return ioctl(fd, TIOCSWINSZ, &size) < 0 ? -errno : 0;
}

int pty_get_size(int fd, uint16_t *ret_rows, uint16_t *ret_columns)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) < 0)
		return -errno;
	*ret_rows = size.ws_row;
	*ret_columns = size.ws_col;
	return 0;
}

int pty_make_raw(int fd, struct termios *saved)
{
	struct termios raw;

	if (tcgetattr(fd, &raw) < 0)
		return -errno;
	*saved = raw;
	cfmakeraw(&raw);
	return tcsetattr(fd, TCSANOW, &raw) < 0 ? -errno : 0;
}

void pty_restore(int fd, const struct termios *saved)
{
	(void)tcsetattr(fd, TCSADRAIN, saved);
}
