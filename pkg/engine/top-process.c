/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/top-process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/file.h"

/* The kernel's limit of supplementary groups makes the longest line. */
#define STATUS_MAX (1 << 20)
#define STAT_MAX 4096
#define LABEL_MAX 4096
#define GROUPS_MAX 65536

void top_process_release(struct top_process *process)
{
	free(process->groups);
	free(process->comm);
	free(process->args);
	free(process->label);
	*process = (struct top_process){0};
}

/* ---- /proc/PID/status ---- */

/* What follows "KEY:\t" in its line, without the newline; NULL. Owned by the caller. */
static char *status_value(const char *status, const char *key)
{
	autofree char *start = xasprintf("\n%s:\t", key);
	const char *at = strstr(status, start);

	/* "Name" is the first line. */
	if (!at) {
		at = str_after(status, start + 1);
		if (!at)
			return NULL;
	} else {
		at += strlen(start);
	}
	return xstrndup(at, strcspn(at, "\n"));
}

/* Number @index of a line of them. */
static int status_number(
	const char *status, const char *key, size_t index, unsigned base, uint64_t *ret)
{
	autofree char *value = status_value(status, key);
	AUTO(strv_free) char **words = value ? strv_split(value, '\t') : NULL;

	if (!words || strv_len(words) <= index)
		return -EBADMSG;
	return str_to_u64(words[index], base, ret) < 0 ? -EBADMSG : 0;
}

static int status_id(const char *status, const char *key, size_t index, uint32_t *ret)
{
	uint64_t value;

	if (status_number(status, key, index, 10, &value) < 0 || value > UINT32_MAX)
		return -EBADMSG;
	*ret = (uint32_t)value;
	return 0;
}

static void parse_groups(const char *status, struct top_process *ret)
{
	autofree char *value = status_value(status, "Groups");
	AUTO(strv_free) char **words = value ? strv_split(value, ' ') : NULL;
	size_t count = strv_len(words);
	uint64_t id;

	if (count > GROUPS_MAX)
		count = GROUPS_MAX;
	ret->groups = xcalloc(count, sizeof(*ret->groups));
	for (size_t i = 0; i < count; i++) {
		if (str_to_u64(words[i], 10, &id) == 0 && id <= UINT32_MAX)
			ret->groups[ret->group_count++] = (uint32_t)id;
	}
}

/* Members that not every kernel has stay 0. */
static void parse_security(const char *status, struct top_process *ret)
{
	(void)status_number(status, "CapInh", 0, 16, &ret->cap_inheritable);
	(void)status_number(status, "CapPrm", 0, 16, &ret->cap_permitted);
	(void)status_number(status, "CapEff", 0, 16, &ret->cap_effective);
	(void)status_number(status, "CapBnd", 0, 16, &ret->cap_bounding);
	(void)status_number(status, "CapAmb", 0, 16, &ret->cap_ambient);
	(void)status_number(status, "Seccomp", 0, 10, &ret->seccomp);
}

static int parse_status(const char *status, size_t depth, struct top_process *ret)
{
	enum { REAL, EFFECTIVE };
	uint64_t pid, pgid;

	/* Fewer numbers: not in the container's namespace, but in one above it. */
	if (status_number(status, "NSpid", depth, 10, &pid) < 0 ||
		status_number(status, "NSpgid", depth, 10, &pgid) < 0 ||
		status_id(status, "Uid", REAL, &ret->ruid) < 0 ||
		status_id(status, "Uid", EFFECTIVE, &ret->euid) < 0 ||
		status_id(status, "Gid", REAL, &ret->rgid) < 0 ||
		status_id(status, "Gid", EFFECTIVE, &ret->egid) < 0)
		return -EBADMSG;
	ret->pid = (int64_t)pid;
	ret->pgid = (int64_t)pgid;
	ret->comm = status_value(status, "Name");
	if (!ret->comm)
		return -EBADMSG;
	parse_groups(status, ret);
	parse_security(status, ret);
	return 0;
}

/* ---- /proc/PID/stat ---- */

static int parse_stat(const char *stat, struct top_process *ret)
{
	/* The name may hold anything, brackets and blanks too: the last bracket ends it. */
	const char *rest = strrchr(stat, ')');
	AUTO(strv_free) char **words = rest ? strv_split(rest, ' ') : NULL;
	/* proc(5) counts from 1, and ")" is the second of its fields. */
	enum { STATE = 1, PPID, TTY = 5, UTIME = 12, STIME, NICE = 17, START = 20, VSIZE, RSS };
	uint64_t ppid, user, system;
	int64_t tty;

	if (!words || strv_len(words) <= RSS || !words[STATE][0] ||
		str_to_u64(words[PPID], 10, &ppid) < 0 || ppid > INT32_MAX ||
		str_to_i64(words[TTY], &tty) < 0 || str_to_u64(words[UTIME], 10, &user) < 0 ||
		str_to_u64(words[STIME], 10, &system) < 0 ||
		str_to_i64(words[NICE], &ret->nice) < 0 ||
		str_to_u64(words[START], 10, &ret->start_ticks) < 0 ||
		str_to_u64(words[VSIZE], 10, &ret->vsz_bytes) < 0 ||
		str_to_u64(words[RSS], 10, &ret->rss_pages) < 0)
		return -EBADMSG;
	ret->state = words[STATE][0];
	ret->hppid = (pid_t)ppid;
	/* The kernel prints its bits as a signed number. */
	ret->tty = (uint32_t)tty;
	ret->cpu_ticks = user + system;
	return 0;
}

int top_process_parse(const char *stat, const char *status, size_t depth, struct top_process *ret)
{
	int r = parse_stat(stat, ret);

	return r < 0 ? r : parse_status(status, depth, ret);
}

/* ---- a process ---- */

static char *read_file(pid_t pid, const char *file, size_t limit, size_t *ret_len)
{
	autofree char *path = xasprintf("/proc/%d/%s", (int)pid, file);
	char *text = NULL;

	return file_read_at(AT_FDCWD, path, limit, &text, ret_len, NULL) < 0 ? NULL : text;
}

/* The process may write what it likes there, and as much. */
static char *read_args(pid_t pid)
{
	autofree char *path = xasprintf("/proc/%d/cmdline", (int)pid);
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	autofree char *text = xcalloc(1, TOP_MAX_ARGS + 1);
	ssize_t len = fd < 0 ? 0 : read(fd, text, TOP_MAX_ARGS);

	while (len > 0 && !text[len - 1])
		len--;
	for (ssize_t i = 0; i < len; i++) {
		if (!text[i])
			text[i] = ' ';
	}
	return xstrndup(text, len > 0 ? (size_t)len : 0);
}

int top_process_read(pid_t pid, size_t depth, struct top_process *ret, struct error *err)
{
	autofree char *stat = read_file(pid, "stat", STAT_MAX, NULL);
	autofree char *status = read_file(pid, "status", STATUS_MAX, NULL);

	if (!stat || !status || top_process_parse(stat, status, depth, ret) < 0)
		return error_set(err, ESRCH, "process %d is not in the container", (int)pid);
	ret->hpid = pid;
	ret->args = read_args(pid);
	ret->label = read_file(pid, "attr/current", LABEL_MAX, NULL);
	if (!ret->label)
		ret->label = xstrdup("");
	ret->label[strcspn(ret->label, "\n")] = '\0';
	return 0;
}

int top_process_depth(pid_t pid, size_t *ret, struct error *err)
{
	autofree char *status = read_file(pid, "status", STATUS_MAX, NULL);
	autofree char *value = status ? status_value(status, "NSpid") : NULL;
	AUTO(strv_free) char **words = value ? strv_split(value, '\t') : NULL;

	if (!words || !words[0])
		return error_set(err, ESRCH, "the container has just ended");
	*ret = strv_len(words) - 1;
	return 0;
}
