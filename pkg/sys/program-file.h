/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_PROGRAM_FILE_H
#define SYS_PROGRAM_FILE_H

#include "base/error.h"

/*
 * program_file_protect - go on as a copy of our program that nobody can write to.
 *
 * An image may have a container execute /proc/self/exe: that is still our program then, and what
 * else runs in the container opens its file through /proc/PID/exe (as in CVE-2019-5736). Where the
 * file is the caller's own, it is the container's root's too, who would write to what the caller
 * runs next. A file of another user's is harmless, and so is everything to real root, who is nobody
 * in there.
 *
 * @argv: of main(); to be called before there is anything to lose
 * Returns 0 when there is nothing to do, or no more; else does not return, or negative errno.
 */
int program_file_protect(char *const *argv, struct error *err);

/* The path of our program, copied or not: owned by the caller; NULL when it is not known. */
char *program_file_path(void);

#endif
