/* SPDX-License-Identifier: Apache-2.0 */
#include "container/exec-session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "sys/file.h"

#define EXECS_DIR "execs"
#define SESSION_FILE "session.json"
/* A command line of the kernel's largest size, escaped. */
#define SESSION_MAX_JSON (16 << 20)
#define KILL_WAIT_MS 10000

#define SESSION struct exec_session
const struct json_field exec_session_fields[] = {
	JSON_STRING(SESSION, id, "id", JSON_REQUIRED),
	JSON_OBJECT(SESSION, monitor, "monitor", process_id_fields),
	JSON_OBJECT(SESSION, process, "process", process_id_fields),
	JSON_STRINGS(SESSION, command, "command"),
	JSON_STRING(SESSION, user, "user"),
	JSON_BOOL(SESSION, tty, "tty"),
	JSON_I64(SESSION, started_ns, "started"),
	JSON_I64(SESSION, finished_ns, "finished"),
	JSON_I64(SESSION, exit_code, "exitCode"),
	JSON_END,
};

void exec_session_release(struct exec_session *session)
{
	json_release(exec_session_fields, session);
	*session = (struct exec_session){0};
}

static char *session_path(const char *id)
{
	return xasprintf(EXECS_DIR "/%s", id);
}

int exec_session_make(int run_dirfd, const char *id, struct error *err)
{
	autofree char *path = session_path(id);

	if (mkdirat(run_dirfd, path, 0700) < 0) {
		if (errno == ENOENT)
			(void)mkdirat(run_dirfd, EXECS_DIR, 0700);
		if (mkdirat(run_dirfd, path, 0700) < 0)
			return error_sys(err, errno, "create exec session");
	}
	return dir_open_at(run_dirfd, path, err);
}

int exec_session_write(int dirfd, const struct exec_session *session, struct error *err)
{
	autofree char *text = json_write(exec_session_fields, session, false);

	return file_write_at(dirfd, SESSION_FILE, text, strlen(text), 0600, 0, err);
}

int exec_session_remove(int run_dirfd, const char *id, struct error *err)
{
	autofree char *path = session_path(id);

	return dir_remove_all_at(run_dirfd, path, err);
}

static int read_session(int run_dirfd, const char *id, struct exec_session *ret)
{
	autofree char *path = xasprintf(EXECS_DIR "/%s/" SESSION_FILE, id);
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(run_dirfd, path, SESSION_MAX_JSON, &text, &len, NULL);

	if (r == 0)
		r = json_read_bytes(text, len, SESSION_FILE, exec_session_fields, ret, NULL);
	if (r < 0)
		exec_session_release(ret);
	return r;
}

static void end_lost(int run_dirfd, const struct exec_session *session)
{
	autoclose int pidfd = session->process.pid ? process_id_open(&session->process) : -ESRCH;

	log_debug("exec session %.12s lost its monitor", session->id);
	if (pidfd >= 0) {
		pidfd_signal(pidfd, SIGKILL);
		pidfd_wait_end(pidfd, KILL_WAIT_MS);
	}
	exec_session_remove(run_dirfd, session->id, NULL);
}

/* 1: it runs, in *@ret; 0: it does not. */
static int look_at(int run_dirfd, const char *id, struct exec_session *ret)
{
	autoclose int monitor = -1;
	int r = read_session(run_dirfd, id, ret);

	/* Not there yet, or no more. */
	if (r < 0)
		return 0;
	if (ret->finished_ns) {
		exec_session_release(ret);
		return 0;
	}
	monitor = process_id_open(&ret->monitor);
	if (monitor >= 0)
		return 1;
	exec_session_release(ret);
	/* It may have ended properly since; its last words count then. */
	if (read_session(run_dirfd, id, ret) < 0)
		return 0;
	if (!ret->finished_ns)
		end_lost(run_dirfd, ret);
	exec_session_release(ret);
	return 0;
}

static int by_start(const void *left, const void *right)
{
	const struct exec_session *a = left, *b = right;

	return (a->started_ns > b->started_ns) - (a->started_ns < b->started_ns);
}

int exec_session_list(
	struct store *store, const char *container_id, struct exec_sessions *ret, struct error *err)
{
	AUTO(exec_sessions_release) struct exec_sessions list = {0};
	autofree char *path = xasprintf("containers/%s", container_id);
	autoclose int run = openat(store->runfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(strv_free) char **ids = NULL;
	struct error ignored = {0};
	int r = run < 0 ? -errno : dir_list_at(run, EXECS_DIR, &ids, &ignored);

	if (r < 0 && r != -ENOENT)
		return error_sys(err, -r, "exec sessions of container %.12s", container_id);
	for (size_t i = 0; ids && ids[i]; i++) {
		list.items = list_grow(list.items, list.count, sizeof(*list.items));
		list.items[list.count] = (struct exec_session){0};
		if (look_at(run, ids[i], &list.items[list.count]) > 0)
			list.count++;
	}
	if (list.count)
		qsort(list.items, list.count, sizeof(*list.items), by_start);
	*ret = list;
	list = (struct exec_sessions){0};
	return 0;
}

void exec_sessions_release(struct exec_sessions *list)
{
	for (size_t i = 0; i < list->count; i++)
		exec_session_release(&list->items[i]);
	free(list->items);
	*list = (struct exec_sessions){0};
}

void exec_session_collect(int run_dirfd)
{
	AUTO(strv_free) char **ids = NULL;
	struct error ignored = {0};
	int64_t now = clock_now_ns();

	if (dir_list_at(run_dirfd, EXECS_DIR, &ids, &ignored) < 0)
		return;
	for (size_t i = 0; ids[i]; i++) {
		struct exec_session session = {0};

		if (read_session(run_dirfd, ids[i], &session) == 0 && session.finished_ns &&
			now - session.finished_ns > EXEC_SESSION_KEEP_NS)
			exec_session_remove(run_dirfd, ids[i], NULL);
		exec_session_release(&session);
	}
}
