/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/pidns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/file.h"
#include "sys/process.h"

#define STAT_MAX 4096
/* The kernel nests pid namespaces no deeper. */
#define MAX_DEPTH 32

int pidns_of(pid_t pid, int pidfd, struct pidns *ret, struct error *err)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int)pid);
	if (stat(path, &st) < 0)
		return error_sys(err, errno == ENOENT ? ESRCH : errno, "%s", path);
	/* Only now is it certain that the number was still this process's. */
	if (pidfd_signal(pidfd, 0) < 0)
		return error_sys(err, ESRCH, "process %d", (int)pid);
	*ret = (struct pidns){.dev = st.st_dev, .ino = st.st_ino};
	return 0;
}

int pidns_stat_parse(const char *text, struct pidns_process *ret)
{
	/* The name may hold anything, brackets and blanks too: the last bracket ends it. */
	const char *rest = strrchr(text, ')');
	AUTO(strv_free) char **words = rest ? strv_split(rest, ' ') : NULL;
	/* proc(5) counts from 1, and ")" is the second of its fields. */
	enum { STATE = 1, UTIME = 12, STIME, CUTIME, CSTIME, THREADS = 18, START = 20, RSS = 22 };
	uint64_t user, system, waited_user, waited_system;

	if (!words || strv_len(words) <= RSS || !words[STATE][0] ||
		str_to_u64(words[UTIME], 10, &user) < 0 ||
		str_to_u64(words[STIME], 10, &system) < 0 ||
		str_to_u64(words[CUTIME], 10, &waited_user) < 0 ||
		str_to_u64(words[CSTIME], 10, &waited_system) < 0 ||
		str_to_u64(words[THREADS], 10, &ret->threads) < 0 ||
		str_to_u64(words[START], 10, &ret->start_ticks) < 0 ||
		str_to_u64(words[RSS], 10, &ret->rss_pages) < 0)
		return -EBADMSG;
	ret->user_ticks = user + waited_user;
	ret->system_ticks = system + waited_system;
	ret->state = words[STATE][0];
	return 0;
}

static bool is_same(const struct pidns *ns, const struct stat *st)
{
	return st->st_ino == ns->ino && st->st_dev == ns->dev;
}

/* Is the namespace @fd below @ns? Climbs until it leaves what we may see. */
static bool is_below(const struct pidns *ns, int fd)
{
	autoclose int at = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	for (int i = 0; at >= 0 && i < MAX_DEPTH; i++) {
		int above = ioctl(at, NS_GET_PARENT);
		struct stat st;

		close_fd(&at);
		at = above;
		if (at >= 0 && fstat(at, &st) == 0 && is_same(ns, &st))
			return true;
	}
	return false;
}

/* @own: our own namespace, in which most processes are: nothing above it is asked for. */
static bool is_member(const struct pidns *ns, const struct pidns *own, pid_t pid)
{
	autoclose int fd = -1;
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int)pid);
	if (stat(path, &st) < 0)
		return false;
	if (is_same(ns, &st))
		return true;
	if (is_same(own, &st))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd >= 0 && is_below(ns, fd);
}

static struct pidns own_namespace(void)
{
	struct stat st = {0};

	stat("/proc/self/ns/pid", &st);
	return (struct pidns){.dev = st.st_dev, .ino = st.st_ino};
}

bool pidns_has(const struct pidns *ns, pid_t pid)
{
	struct pidns own = own_namespace();

	return is_member(ns, &own, pid);
}

static int read_process(int proc, const char *name, struct pidns_process *ret)
{
	autofree char *file = xasprintf("%s/stat", name);
	autofree char *text = NULL;
	int r = file_read_at(proc, file, STAT_MAX, &text, NULL, NULL);

	return r < 0 ? r : pidns_stat_parse(text, ret);
}

int pidns_each(const struct pidns *ns, pidns_visit *visit, void *data, struct error *err)
{
	struct pidns own = own_namespace();
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return error_sys(err, errno, "/proc");
	while (r == 0 && (entry = readdir(dir))) {
		struct pidns_process process = {0};
		uint64_t pid;

		if (str_to_u64(entry->d_name, 10, &pid) < 0 || pid > INT32_MAX)
			continue;
		process.pid = (pid_t)pid;
		if (is_member(ns, &own, process.pid) &&
			read_process(dirfd(dir), entry->d_name, &process) == 0)
			r = visit(data, &process);
	}
	closedir(dir);
	return r;
}
