/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/file.h"
#include "sys/process-stat.h"
#include "sys/process.h"

const struct json_field process_id_fields[] = {
	JSON_I64(struct process_id, pid, "pid", JSON_REQUIRED),
	JSON_U64(struct process_id, start, "startTime", JSON_REQUIRED),
	JSON_STRING(struct process_id, boot_id, "bootId", JSON_REQUIRED),
	JSON_END,
};

void process_id_release(struct process_id *id)
{
	json_release(process_id_fields, id);
	*id = (struct process_id){ 0 };
}

const char *boot_id_short(void)
{
	static char id[9];
	autofree char *text = NULL;

	if (!id[0]) {
		if (file_read_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 64, &text, NULL,
			    NULL) == 0)
			snprintf(id, sizeof(id), "%.8s", text);
		else
			snprintf(id, sizeof(id), "00000000");
	}
	return id;
}

/* The name before the fields may hold blanks and ")". */
int process_read_stat(pid_t pid, struct process_stat *ret)
{
	char path[64], text[1024];
	autoclose int fd = -1;
	const char *at, *last;
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	len = read(fd, text, sizeof(text) - 1);
	if (len <= 0)
		return -ESRCH;
	text[len] = '\0';
	at = strrchr(text, ')');
	last = strrchr(text, ' ');
	if (!at || sscanf(at + 1,
			   " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			   "%*s %*s %" SCNu64,
			   &ret->state, &ret->start) != 2)
		return -EBADMSG;
	return sscanf(last, "%d", &ret->exit_status) == 1 ? 0 : -EBADMSG;
}

int process_id_get(pid_t pid, struct process_id *ret, struct error *err)
{
	struct process_stat stat;
	int r = process_read_stat(pid, &stat);

	if (r < 0)
		return error_sys(err, -r, "process %d", (int)pid);
	process_id_release(ret);
	*ret = (struct process_id){
		.pid = pid, .start = stat.start, .boot_id = xstrdup(boot_id_short()) };
	return 0;
}

int pidfd_open_pid(pid_t pid)
{
	long fd = syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : (int)fd;
}

int process_id_open(const struct process_id *id)
{
	autoclose int pidfd = -1;
	struct process_stat stat;
	int r;

	if (id->pid <= 0 || !str_eq(id->boot_id, boot_id_short()))
		return -ESRCH;
	pidfd = pidfd_open_pid((pid_t)id->pid);
	if (pidfd < 0)
		return pidfd == -EINVAL ? -ESRCH : pidfd;
	/* The order matters: what the pidfd holds cannot be replaced while stat is read. */
	r = process_read_stat((pid_t)id->pid, &stat);
	if (r < 0)
		return r;
	if (stat.start != id->start || stat.state == 'Z' || stat.state == 'X')
		return -ESRCH;
	return take_fd(pidfd);
}

int pidfd_signal(int pidfd, int sig)
{
	return syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0) < 0 ? -errno : 0;
}

int pidfd_wait_end(int pidfd, int timeout_ms)
{
	struct pollfd pfd = { .fd = pidfd, .events = POLLIN };
	int r;

	do {
		r = poll(&pfd, 1, timeout_ms);
	} while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : r;
}
