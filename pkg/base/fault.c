/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ends a process where it hurts, to show that what it leaves behind can be recovered from.
 *
 * A boundary is any call that changes what other processes find on disk: rename, link, unlink,
 * mkdir, and the calls that wait for the disk. The programs in tests/fault are linked from the
 * objects of the real ones with the linker's --wrap for each of these calls
 * (tests/fault/meson.build), so that no boundary can be forgotten, no line of the code knows of it,
 * and nothing of it is in what gets installed.
 *
 *     CORACLE_FAULT=PROGRAM:N        kill the process of that name (as in /proc/PID/comm) in front
 * of its N-th boundary, counted from 1 in each process CORACLE_FAULT_REPORT=FILE      where a line
 * about it is appended
 *
 * What was done up to the N-th boundary is on disk and the rest is not; the state between two
 * boundaries is the same everywhere. A process that cannot write the report, because it is in the
 * root of a container by then, goes on: the test could not tell what happened.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMM_SIZE 16

/* N of "PROGRAM:N" when this process has that name, else 0. */
static unsigned long fatal_number(const char *name)
{
	const char *fault = getenv("CORACLE_FAULT");
	size_t len = strlen(name);

	if (!fault || strncmp(fault, name, len) != 0 || fault[len] != ':')
		return 0;
	return strtoul(fault + len + 1, NULL, 10);
}

static int report(const char *name, unsigned long number, const char *call, const char *object)
{
	const char *path = getenv("CORACLE_FAULT_REPORT");
	int fd = path ? open(path, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;
	int len;

	if (fd < 0)
		return -1;
	len = dprintf(fd, "%s %lu %s %s\n", name, number, call, object);
	close(fd);
	return len < 0 ? -1 : 0;
}

/* In front of a boundary. */
static void fault_point(const char *call, const char *object)
{
	static unsigned long count;
	static pid_t counted;
	char name[COMM_SIZE + 1] = "";

	/* A child counts for itself, whatever its parent had done before. */
	if (counted != getpid()) {
		counted = getpid();
		count = 0;
	}
	count++;
	prctl(PR_GET_NAME, name);
	if (count == fatal_number(name) && report(name, count, call, object) == 0)
		kill(getpid(), SIGKILL);
}

/* The call as the linker renames it, and ours in its place; @object is what the report names. */
#define FAULT_BOUNDARY(call, parameters, arguments, object) \
	int __real_##call parameters; \
	int __wrap_##call parameters; \
	int __wrap_##call parameters \
	{ \
		fault_point(#call, object); \
		return __real_##call arguments; \
	}

FAULT_BOUNDARY(rename, (const char *from, const char *to), (from, to), to)
FAULT_BOUNDARY(
	renameat, (int fd, const char *from, int to_fd, const char *to), (fd, from, to_fd, to), to)
FAULT_BOUNDARY(renameat2, (int fd, const char *from, int to_fd, const char *to, unsigned flags),
	(fd, from, to_fd, to, flags), to)
FAULT_BOUNDARY(link, (const char *from, const char *to), (from, to), to)
FAULT_BOUNDARY(linkat, (int fd, const char *from, int to_fd, const char *to, int flags),
	(fd, from, to_fd, to, flags), to)
FAULT_BOUNDARY(symlink, (const char *text, const char *path), (text, path), path)
FAULT_BOUNDARY(symlinkat, (const char *text, int fd, const char *path), (text, fd, path), path)
FAULT_BOUNDARY(unlink, (const char *path), (path), path)
FAULT_BOUNDARY(unlinkat, (int fd, const char *path, int flags), (fd, path, flags), path)
FAULT_BOUNDARY(rmdir, (const char *path), (path), path)
FAULT_BOUNDARY(mkdir, (const char *path, mode_t mode), (path, mode), path)
FAULT_BOUNDARY(mkdirat, (int fd, const char *path, mode_t mode), (fd, path, mode), path)
FAULT_BOUNDARY(fsync, (int fd), (fd), "")
FAULT_BOUNDARY(fdatasync, (int fd), (fd), "")
FAULT_BOUNDARY(syncfs, (int fd), (fd), "")
