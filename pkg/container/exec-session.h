/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTAINER_EXEC_SESSION_H
#define CONTAINER_EXEC_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "container/container.h"
#include "sys/process.h"

/*
 * An exec session is one more process in a running container, with a small monitor of its own. It
 * has a directory in the container's run directory, which goes when the container ends:
 *
 *   execs/ID/session.json   this struct
 *   execs/ID/attach.sock    while the process runs; see container/attach.h
 *
 * The directory is made after the process was born in the container's pid namespace and settled
 * before it is reaped. The container's init cannot end in between, so its monitor never removes the
 * run directory under our hands.
 */
#define EXEC_SESSION_ID_BYTES 32
/* An ended session whose client did not wait for it can be asked for its exit code that long. */
#define EXEC_SESSION_KEEP_NS (INT64_C(300) * 1000000000)

struct exec_session {
	char *id;                  /* 64 hex digits */
	struct process_id monitor; /* of this session */
	struct process_id process;
	char **command;
	char *user; /* as asked for; NULL: the container's */
	bool tty;
	int64_t started_ns;
	int64_t finished_ns; /* 0: it runs */
	int64_t exit_code;   /* once it has ended */
};
extern const struct json_field exec_session_fields[];
void exec_session_release(struct exec_session *session);

/*
 * exec_session_make - the directory of a new session; execs/ is made where it is missing.
 * @run_dirfd: of the container
 * Returns its descriptor; negative errno.
 */
int exec_session_make(int run_dirfd, const char *id, struct error *err);
/* Writes session.json; a session that is looked at meanwhile is seen as it was, or not at all. */
int exec_session_write(int dirfd, const struct exec_session *session, struct error *err);
/* Removes a session's directory; absence is success. */
int exec_session_remove(int run_dirfd, const char *id, struct error *err);

struct exec_sessions {
	struct exec_session *items; /* oldest first */
	size_t count;
};
/*
 * exec_session_list - the sessions of a container that run now.
 * One whose monitor was killed is no session any more: what it left running is killed, and it is
 * removed. Nothing to read is no error.
 */
int exec_session_list(struct store *store, const char *container_id, struct exec_sessions *ret,
	struct error *err);
void exec_sessions_release(struct exec_sessions *list);
static inline void auto_exec_sessions_release(struct exec_sessions *list)
{
	exec_sessions_release(list);
}
/* exec_session_collect - remove sessions that have ended EXEC_SESSION_KEEP_NS ago. */
void exec_session_collect(int run_dirfd);

#endif
