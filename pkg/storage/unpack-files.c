/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/unpack-files.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "storage/unpack-child.h"
#include "sys/process.h"

/* From a process that has parsed hostile data. */
static int read_result(int fd, struct error *err)
{
	struct unpack_result result;
	char *at = (char *)&result;
	size_t have = 0;

	while (have < sizeof(result)) {
		ssize_t got = read(fd, at + have, sizeof(result) - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return error_set(err, EIO, "unpacking process ended early");
		have += (size_t)got;
	}
	result.error.text[sizeof(result.error.text) - 1] = '\0';
	if (result.error.code == 0)
		return 0;
	return error_set(
		err, result.error.code > 0 ? result.error.code : EIO, "%s", result.error.text);
}

int unpack_files(
	int input, int rootfd, int dirfd, const struct unpack_merge *merge, struct error *err)
{
	/* Not one of the standard streams: the child has others. */
	autoclose int own_input = fcntl(input, F_DUPFD_CLOEXEC, 3);
	struct unpack_child child = {
		.input = own_input,
		.root = rootfd,
		.fixups = dirfd,
		.limits = {.max_entries = UINT64_MAX, .max_size = INT64_MAX},
		.merge = merge,
	};
	int result[2];
	pid_t pid;
	int r;

	if (own_input < 0)
		return error_sys(err, errno, "open archive");
	if (pipe2(result, O_CLOEXEC) < 0)
		return error_sys(err, errno, "create pipe");
	child.result = result[1];
	/* Not process_spawn(): no other program is run. The child ends in unpack_child_run(). */
	pid = fork();
	if (pid == 0)
		unpack_child_run(&child);
	close(result[1]);
	r = pid < 0 ? error_sys(err, errno, "start unpacking process")
		    : read_result(result[0], err);
	close(result[0]);
	if (pid > 0)
		process_wait(pid);
	return r;
}
