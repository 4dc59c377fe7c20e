/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_PROCESS_H
#define SYS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/json.h"

/* Identity of a process that survives reuse of its number: pid, start time and boot. */
struct process_id {
	int64_t pid;        /* as seen in the pid namespace of the caller; 0: none */
	uint64_t start;     /* clock ticks after boot, field 22 of /proc/PID/stat */
	char *boot_id;      /* first 8 digits of the kernel's boot_id */
};
extern const struct json_field process_id_fields[];
void process_id_release(struct process_id *id);
/* Fills @ret for a living process; -ESRCH. */
int process_id_get(pid_t pid, struct process_id *ret, struct error *err);
/* A pidfd of exactly that process; -ESRCH when it is gone (zombies count as gone). */
int process_id_open(const struct process_id *id);
/* First 8 digits of this boot's id; borrowed, static. */
const char *boot_id_short(void);

/*
 * process_spawn - run another program (vfork, then exec).
 * All descriptors but 0-2 and those in @fds are closed in the child; signals are reset.
 */
struct process_spawn {
	const char *path;        /* absolute, or a name looked up in PATH */
	char *const *argv;
	char *const *env;        /* NULL: ours */
	int stdin_fd;            /* becomes 0; -1: /dev/null */
	int stdout_fd;           /* becomes 1; -1: /dev/null */
	int stderr_fd;           /* becomes 2; -1: ours; -2: /dev/null */
	const int *fds;          /* become 3, 4, … in this order */
	size_t fd_count;
	bool new_session;        /* setsid() */
	const int *netns_fd;     /* the network namespace that it is started in; NULL: ours */
};
/* Returns 0, the pid and (unless NULL) a pidfd; failure to exec is returned here as its errno. */
int process_spawn(const struct process_spawn *spawn, pid_t *ret_pid, int *ret_pidfd,
	struct error *err);
/*
 * process_fork - go on in a child of this program, for a role that is linked into it.
 * An exec costs more than a container does: page faults, relocations, and the C library asking
 * the processor what it is, which a virtual machine answers slowly. The child has the
 * descriptors, signals, session and title that process_spawn() would have given (@path and @env
 * are not used), calls @role and exits with its result. For programs with a single thread.
 */
typedef int process_role(void *data);
int process_fork(const struct process_spawn *spawn, process_role *role, void *data, pid_t *ret_pid,
	struct error *err);
/* Waits for a child: exit code, or 128 + signal. */
int process_wait(pid_t pid);
/* Runs to its end and collects output: exit code or negative errno. @limit bytes at most. */
int process_run(const struct process_spawn *spawn, const char *input, size_t input_len,
	size_t limit, char **ret_output, char **ret_errors, struct error *err);
int pidfd_open_pid(pid_t pid);                     /* negative errno */
int pidfd_signal(int pidfd, int sig);              /* 0 or negative errno */
/* Waits until the process of @pidfd has ended or @timeout_ms passed: 1 ended, 0 timeout. */
int pidfd_wait_end(int pidfd, int timeout_ms);

/* "TERM", "SIGTERM", "15", "RTMIN+3" to a number; -EINVAL. */
int signal_parse(const char *text, int *ret);
const char *signal_name(int sig); /* "SIGTERM"; borrowed, static */

/*
 * libexec_path - full path of one of our own programs ("coracle-monitor").
 * $CORACLE_LIBEXEC_DIR, else the build tree beside the running program, else the installed place.
 */
char *libexec_path(const char *program);

#endif
