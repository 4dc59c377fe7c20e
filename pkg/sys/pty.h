/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_PTY_H
#define SYS_PTY_H

#include <stdint.h>
#include <termios.h>

#include "base/error.h"

/*
 * pty_open - a pseudo-terminal from a devpts instance.
 * @dirfd, @ptmx: its multiplexer, e.g. "ptmx" in the devpts directory
 * Both ends are close-on-exec and become nobody's controlling terminal.
 */
int pty_open(int dirfd, const char *ptmx, int *ret_master, int *ret_slave, struct error *err);

/* Makes the slave the controlling terminal of the caller, which must lead its session. */
int pty_take_control(int slave_fd, struct error *err);

int pty_set_size(int fd, uint16_t rows, uint16_t columns); /* 0 or negative errno */
int pty_get_size(int fd, uint16_t *ret_rows, uint16_t *ret_columns);

/* Raw mode for the terminal of the person who is attached; *@saved is for pty_restore(). */
int pty_make_raw(int fd, struct termios *saved);
void pty_restore(int fd, const struct termios *saved);

#endif
