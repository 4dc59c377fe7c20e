/* SPDX-License-Identifier: Apache-2.0 */
#include "network/holder.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/file.h"

#define HOLDER_FILE "holder.json"
#define HOLDER_MAX_BYTES 4096

int holder_read(int dirfd, struct process_id *ret)
{
	struct process_id holder = {0};
	autofree char *text = NULL;
	size_t len;
	int pidfd;

	if (file_read_at(dirfd, HOLDER_FILE, HOLDER_MAX_BYTES, &text, &len, NULL) < 0 ||
		json_read(text, len, HOLDER_FILE, process_id_fields, &holder, NULL) < 0)
		return 0;
	pidfd = process_id_open(&holder);
	if (pidfd < 0) {
		process_id_release(&holder);
		return 0;
	}
	close(pidfd);
	*ret = holder;
	return 1;
}

static int record(int dirfd, pid_t pid, struct process_id *ret, struct error *err)
{
	struct process_id holder = {0};
	autofree char *text = NULL;
	int r = process_id_get(pid, &holder, err);

	if (r < 0)
		return r;
	text = json_write(process_id_fields, &holder, false);
	r = file_write_at(dirfd, HOLDER_FILE, text, strlen(text), 0600, 0, err);
	if (r < 0)
		process_id_release(&holder);
	else
		*ret = holder;
	return r;
}

/* It says R when the namespace exists, or ends with errno as its status. */
static int wait_ready(int sock, pid_t pid, struct error *err)
{
	char byte;
	int status;

	if (read(sock, &byte, 1) == 1)
		return 0;
	status = process_wait(pid);
	return error_sys(
		err, status > 0 && status < 127 ? status : EIO, "create a network namespace");
}

static int spawn(int sock, pid_t *ret_pid, struct error *err)
{
	autofree char *program = libexec_path("coracle-keeper");
	char *argv[] = {(char *)"coracle-keeper", (char *)"net", NULL};
	char *env[] = {NULL};

	return process_spawn(&(struct process_spawn){.path = program,
				     .argv = argv,
				     .env = env,
				     .stdin_fd = -1,
				     .stdout_fd = -1,
				     .stderr_fd = -2,
				     .fds = &sock,
				     .fd_count = 1,
				     .new_session = true},
		ret_pid, NULL, err);
}

/* Until it hears G it ends with us: there is no holder without a record. */
int holder_start(int dirfd, struct process_id *ret, struct error *err)
{
	autoclose int ours = -1;
	int sock[2], r;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock) < 0)
		return error_sys(err, errno, "socketpair");
	ours = sock[0];
	r = spawn(sock[1], &pid, err);
	close(sock[1]);
	if (r == 0)
		r = wait_ready(ours, pid, err);
	if (r < 0)
		return r;
	r = record(dirfd, pid, ret, err);
	if (r == 0 && write(ours, "G", 1) != 1)
		r = error_sys(err, errno, "start the holder of a network namespace");
	if (r < 0) {
		kill(pid, SIGKILL);
		process_wait(pid);
	}
	return r;
}

void holder_end(int dirfd)
{
	struct process_id holder = {0};

	if (holder_read(dirfd, &holder) == 1) {
		autoclose int pidfd = process_id_open(&holder);

		if (pidfd >= 0)
			pidfd_signal(pidfd, SIGKILL);
		process_id_release(&holder);
	}
	unlinkat(dirfd, HOLDER_FILE, 0);
}

char *holder_netns_path(const struct process_id *holder)
{
	return xasprintf("/proc/%" PRId64 "/ns/net", holder->pid);
}
