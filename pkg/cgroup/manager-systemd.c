/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user's own systemd: a transient scope with Delegate=yes around the monitor, made by
 * coracle-scope, which speaks D-Bus. Nobody else can take a process out of a login session, whose
 * cgroup belongs to root. The scope, and what is in it, disappears with its last process.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "cgroup/internal.h"
#include "sys/file.h"
#include "sys/process.h"

#define SCOPE_PROGRAM "coracle-scope"
/* podman's, too: what scripts that look for containers' scopes know. */
#define DEFAULT_SLICE "user.slice"
/* coracle-scope gives up by itself before that. */
#define SCOPE_TIMEOUT_MS 40000
#define SCOPE_OUTPUT_MAX 8192

struct scope {
	pid_t pid;
	int pidfd;
	int output_fd; /* its standard output and error */
	char *name;
};

/* The number of user 0 of our user namespace outside of it: whose session it is. */
static uint64_t owner_uid(void)
{
	autofree char *text = NULL;
	AUTO(strv_free) char **words = NULL;
	uint64_t uid = geteuid();

	if (file_read_at(AT_FDCWD, "/proc/self/uid_map", 65536, &text, NULL, NULL) < 0)
		return uid;
	words = strv_split(text, ' ');
	for (size_t i = 0, number = 0; words[i]; i++)
		if (*words[i] && ++number == 2 && uid == 0)
			str_to_u64(words[i], 10, &uid);
	return uid;
}

/* $XDG_RUNTIME_DIR may be missing (su, cron) although the session's directory is there. */
static char *runtime_dir(void)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");

	return str_is_empty(dir) ? xasprintf("/run/user/%" PRIu64, owner_uid()) : xstrdup(dir);
}

bool systemd_is_there(void)
{
	autofree char *dir = runtime_dir();
	autofree char *socket_path = xasprintf("%s/systemd/private", dir);
	autofree char *program = libexec_path(SCOPE_PROGRAM);
	struct stat st;

	return stat(socket_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	       faccessat(AT_FDCWD, socket_path, W_OK, AT_EACCESS) == 0 &&
	       access(program, X_OK) == 0;
}

void scope_free(struct scope *scope)
{
	if (!scope)
		return;
	if (scope->pid) {
		pidfd_signal(scope->pidfd, SIGKILL);
		process_wait(scope->pid);
	}
	close_fd(&scope->pidfd);
	close_fd(&scope->output_fd);
	free(scope->name);
	free(scope);
}
DEFINE_AUTO(struct scope *, scope_free);

static int spawn(char *const *argv, struct scope *scope, struct error *err)
{
	autofree char *program = libexec_path(SCOPE_PROGRAM);
	autofree char *dir = runtime_dir();
	AUTO(strv_free) char **env = strv_dup(environ);
	int ends[2], r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_sys(err, errno, "pipe");
	strv_env_set(&env, "XDG_RUNTIME_DIR", dir);
	r = process_spawn(&(struct process_spawn){.path = program,
				  .argv = argv,
				  .env = env,
				  .stdin_fd = -1,
				  .stdout_fd = ends[1],
				  .stderr_fd = ends[1]},
		&scope->pid, &scope->pidfd, err);
	close(ends[1]);
	scope->output_fd = ends[0];
	if (r < 0)
		scope->pid = 0;
	return r < 0 ? error_wrap(err, r, SCOPE_PROGRAM) : 0;
}

/* What it prints, to the end: the result, or what went wrong. */
static int collect(int fd, struct strbuf *ret)
{
	int64_t end_ns = clock_monotonic_ns() + SCOPE_TIMEOUT_MS * INT64_C(1000000);

	for (;;) {
		struct pollfd pfd = {fd, POLLIN, 0};
		int64_t left_ms = (end_ns - clock_monotonic_ns()) / 1000000;
		char chunk[1024];
		ssize_t n;

		if (left_ms <= 0)
			return -ETIMEDOUT;
		if (poll(&pfd, 1, (int)left_ms) <= 0)
			continue;
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		if (ret->len + (size_t)n > SCOPE_OUTPUT_MAX)
			return -EFBIG;
		strbuf_add(ret, chunk, (size_t)n);
	}
}

static int finish(struct scope *scope, char **ret_output, struct error *err)
{
	AUTO(strbuf_release) struct strbuf output = STRBUF_INIT;
	int r = collect(scope->output_fd, &output), code;

	if (r < 0)
		return error_sys(err, -r, SCOPE_PROGRAM);
	code = process_wait(scope->pid);
	scope->pid = 0;
	if (output.len && output.data[output.len - 1] == '\n')
		output.data[--output.len] = '\0';
	if (code != 0)
		return error_set(
			err, ENOTSUP, "%s", output.len ? output.data : SCOPE_PROGRAM " failed");
	*ret_output = strbuf_take(&output);
	return 0;
}

static struct scope *scope_new(char *name)
{
	struct scope *scope = xnew(struct scope);

	*scope = (struct scope){.pidfd = -1, .output_fd = -1, .name = name};
	return scope;
}

int systemd_begin(struct cgroup_pending *pending, struct error *err)
{
	const struct cgroup_request *req = pending->req;
	AUTO(scope_free) struct scope *scope = scope_new(xasprintf("coracle-%s.scope", req->id));
	const char *slice = str_is_empty(req->parent) ? DEFAULT_SLICE : req->parent;
	autofree char *pid = xasprintf("%d", (int)getpid());
	autofree char *description = xasprintf("Description=coracle container %s", req->id);
	autofree char *patience = xasprintf(
		"TimeoutStopUSec=%" PRIu64, (uint64_t)req->stop_timeout_s * UINT64_C(1000000));
	char *argv[] = {(char *)SCOPE_PROGRAM, (char *)"start", (char *)slice, scope->name, pid,
		description, patience, NULL};
	int r;

	if (!str_has_suffix(slice, ".slice") || strchr(slice, '/'))
		return error_set(err, EINVAL,
			"cgroup parent \"%s\": systemd is the manager and wants a NAME.slice",
			slice);
	r = spawn(argv, scope, err);
	if (r == 0)
		pending->scope = take_ptr(scope);
	return r;
}

int systemd_find_site(
	struct cgroup_pending *pending, char **ret_base, char **ret_name, struct error *err)
{
	autofree char *path = NULL;
	int r = finish(pending->scope, &path, err);

	if (r < 0)
		return r;
	if (!path || *path != '/' || !str_has_suffix(path, pending->scope->name))
		return error_set(err, EPROTO, "systemd put us into cgroup %s", path ? path : "");
	*ret_base = take_ptr(path);
	*ret_name = xstrdup(CGROUP_PAYLOAD);
	return 0;
}

/* Where in @path the component is that names one of our scopes; NULL. */
static const char *find_scope(const char *path, size_t *ret_len)
{
	for (const char *at = path; (at = strstr(at, "/coracle-")); at++) {
		size_t len = strcspn(at + 1, "/");
		autofree char *name = xstrndup(at + 1, len);

		if (str_has_suffix(name, ".scope")) {
			*ret_len = len;
			return at + 1;
		}
	}
	return NULL;
}

char *systemd_scope_of(const char *path)
{
	size_t len;
	const char *name = find_scope(path, &len);

	return name ? xstrndup(name, len) : NULL;
}

int systemd_attach(const char *path, pid_t pid, struct error *err)
{
	AUTO(scope_free) struct scope *scope = scope_new(systemd_scope_of(path));
	autofree char *number = xasprintf("%d", (int)pid);
	autofree char *ignored = NULL;
	size_t len;
	const char *name = find_scope(path, &len);
	char *argv[] = {(char *)SCOPE_PROGRAM, (char *)"attach", scope->name,
		(char *)(name ? name + len : ""), number, NULL};
	int r;

	if (!name)
		return error_set(err, EACCES, "cgroup %s is not in a scope of ours", path);
	r = spawn(argv, scope, err);
	return r < 0 ? r : finish(scope, &ignored, err);
}
