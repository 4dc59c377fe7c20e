/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/events.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "cgroup/flat.h"

void cgroup_events_parse(const char *text, struct cgroup_events *ret)
{
	ret->populated = flat_get(text, "populated") != 0;
	ret->frozen = flat_get(text, "frozen") != 0;
}

int cgroup_events_read(int dirfd, struct cgroup_events *ret)
{
	autofree char *text = NULL;
	int r = flat_read(dirfd, "cgroup.events", &text);

	if (r == 0)
		cgroup_events_parse(text, ret);
	return r;
}

void cgroup_memory_events_parse(const char *text, struct cgroup_memory_events *ret)
{
	ret->max = flat_get(text, "max");
	ret->oom = flat_get(text, "oom");
	ret->oom_kill = flat_get(text, "oom_kill");
}

int cgroup_memory_events_read(int dirfd, struct cgroup_memory_events *ret)
{
	autofree char *text = NULL;
	int r = flat_read(dirfd, "memory.events", &text);

	if (r == 0)
		cgroup_memory_events_parse(text, ret);
	return r;
}

static int add_watch(int watch_fd, int dirfd, const char *name)
{
	autofree char *path = xasprintf("/proc/self/fd/%d/%s", dirfd, name);

	return inotify_add_watch(watch_fd, path, IN_MODIFY) < 0 ? -errno : 0;
}

int cgroup_watch(int dirfd, struct error *err)
{
	autoclose int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	int r;

	if (fd < 0)
		return error_sys(err, errno, "inotify");
	r = add_watch(fd, dirfd, "cgroup.events");
	if (r < 0)
		return error_sys(err, -r, "watch cgroup.events");
	/* It is missing where memory is not controlled; then there is nothing to see. */
	r = add_watch(fd, dirfd, "memory.events");
	if (r < 0 && r != -ENOENT)
		return error_sys(err, -r, "watch memory.events");
	return take_fd(fd);
}

void cgroup_watch_clear(int watch_fd)
{
	char buffer[4096];

	while (read(watch_fd, buffer, sizeof(buffer)) > 0)
		;
}

static int read_events(int fd, struct cgroup_events *ret)
{
	char text[256];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	cgroup_events_parse(text, ret);
	return 0;
}

typedef bool events_test(const struct cgroup_events *events);

/* The kernel wakes those who poll the file for POLLPRI whenever its text changes. */
static int wait_events(int dirfd, events_test *test, bool wanted, int timeout_ms)
{
	autoclose int fd = openat(dirfd, "cgroup.events", O_RDONLY | O_CLOEXEC);
	int64_t end_ns = clock_monotonic_ns() + timeout_ms * INT64_C(1000000);

	if (fd < 0)
		return -errno;
	for (;;) {
		struct pollfd pfd = {fd, POLLPRI, 0};
		struct cgroup_events events = {0};
		int r = read_events(fd, &events);
		int64_t left_ns = end_ns - clock_monotonic_ns();

		if (r < 0)
			return r;
		if (test(&events) == wanted)
			return 1;
		if (left_ns <= 0)
			return 0;
		if (poll(&pfd, 1, (int)(left_ns / 1000000) + 1) < 0 && errno != EINTR)
			return -errno;
	}
}

static bool is_populated(const struct cgroup_events *events)
{
	return events->populated;
}

static bool is_frozen(const struct cgroup_events *events)
{
	return events->frozen;
}

int cgroup_wait_populated(int dirfd, bool wanted, int timeout_ms)
{
	return wait_events(dirfd, is_populated, wanted, timeout_ms);
}

int cgroup_wait_frozen(int dirfd, bool wanted, int timeout_ms)
{
	return wait_events(dirfd, is_frozen, wanted, timeout_ms);
}
