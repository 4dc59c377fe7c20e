/* SPDX-License-Identifier: Apache-2.0 */
#include "cni/invoke.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "cni/failure.h"
#include "cni/result.h"
#include "sys/file.h"
#include "sys/process.h"

extern char **environ;

/* Standard error is for people; more than this of it helps nobody. */
#define PLUGIN_MAX_LOG_BYTES 65536
#define DELEGATE_TIMEOUT_MS 20000

struct plugin_stream {
	int fd; /* our end; -1 when at its end */
	size_t limit;
	struct strbuf buf;
};

struct plugin_run {
	char *type;
	enum cni_command command;
	pid_t pid;
	int pidfd;
	unsigned timeout_ms;
	int64_t deadline_ns;
	struct plugin_stream out, log;
};

static void plugin_free(struct plugin_run *run)
{
	close_fd(&run->pidfd);
	close_fd(&run->out.fd);
	close_fd(&run->log.fd);
	strbuf_release(&run->out.buf);
	strbuf_release(&run->log.buf);
	free(run->type);
	free(run);
}

static int find_plugin(const struct plugin_call *call, char **ret, struct error *err)
{
	autofree char *searched = NULL;

	for (size_t i = 0; call->plugin_dirs && call->plugin_dirs[i]; i++) {
		autofree char *path = xasprintf("%s/%s", call->plugin_dirs[i], call->type);

		if (access(path, X_OK) == 0) {
			*ret = take_ptr(path);
			return 0;
		}
	}
	searched = strv_join(call->plugin_dirs, ", ");
	return error_set(err, ENOENT, "network plugin %s: not found in %s", call->type,
		*searched ? searched : "any directory");
}

static void set_env(char ***env, const char *name, const char *value)
{
	if (value)
		strv_env_set(env, name, value);
}

static char **make_environment(const struct plugin_call *call)
{
	autofree char *path = strv_join(call->plugin_dirs, ":");
	char **env = NULL;

	for (size_t i = 0; environ[i]; i++) {
		/* What a program around us was told about its own network is not for ours. */
		if (!str_after(environ[i], "CNI_"))
			strv_add(&env, environ[i]);
	}
	set_env(&env, "CNI_COMMAND", cni_command_name(call->command));
	set_env(&env, "CNI_CONTAINERID", call->container_id);
	set_env(&env, "CNI_NETNS", call->netns);
	set_env(&env, "CNI_IFNAME", call->ifname);
	set_env(&env, "CNI_ARGS", call->args);
	set_env(&env, "CNI_PATH", path);
	return env;
}

/* A file, not a pipe: nobody has to feed it while the plugin runs. */
static int input_file(const char *input)
{
	autoclose int fd = memfd_create("cni-config", MFD_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = fd_write_all(fd, input, strlen(input));
	if (r < 0)
		return r;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	return take_fd(fd);
}

static int spawn_plugin(struct plugin_run *run, const char *path, const char *input,
	char *const *env, const int *netns_fd, struct error *err)
{
	char *argv[] = {run->type, NULL};
	autoclose int in = input_file(input);
	int out[2], log[2], r;

	if (in < 0)
		return error_sys(err, -in, "network plugin %s: input", run->type);
	if (pipe2(out, O_CLOEXEC) < 0)
		return error_sys(err, errno, "network plugin %s", run->type);
	run->out.fd = out[0];
	if (pipe2(log, O_CLOEXEC) < 0) {
		r = error_sys(err, errno, "network plugin %s", run->type);
		close(out[1]);
		return r;
	}
	run->log.fd = log[0];
	r = process_spawn(&(struct process_spawn){.path = path,
				  .argv = argv,
				  .env = env,
				  .stdin_fd = in,
				  .stdout_fd = out[1],
				  .stderr_fd = log[1],
				  .new_session = true,
				  .netns_fd = netns_fd},
		&run->pid, &run->pidfd, err);
	close(out[1]);
	close(log[1]);
	return r < 0 ? error_wrap(err, r, "network plugin %s", run->type) : 0;
}

int plugin_start(const struct plugin_call *call, const char *input, struct plugin_run **ret,
	struct error *err)
{
	AUTO(strv_free) char **env = NULL;
	autofree char *path = NULL;
	struct plugin_run *run;
	int r = find_plugin(call, &path, err);

	if (r < 0)
		return r;
	env = make_environment(call);
	run = xnew(struct plugin_run);
	*run = (struct plugin_run){.type = xstrdup(call->type),
		.command = call->command,
		.pidfd = -1,
		.timeout_ms = call->timeout_ms,
		.deadline_ns = clock_monotonic_ns() + call->timeout_ms * INT64_C(1000000),
		.out = {.fd = -1, .limit = CNI_MAX_RESULT_BYTES},
		.log = {.fd = -1, .limit = PLUGIN_MAX_LOG_BYTES}};
	r = spawn_plugin(run, path, input, env, call->host_netns_fd, err);
	if (r < 0) {
		plugin_free(run);
		return r;
	}
	*ret = run;
	return 0;
}

/* Takes what is there; beyond the limit everything is read and dropped. */
static void drain(struct plugin_stream *stream)
{
	char chunk[16384];
	ssize_t got = read(stream->fd, chunk, sizeof(chunk));

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0)
		close_fd(&stream->fd);
	else if (stream->buf.len <= stream->limit)
		strbuf_add(&stream->buf, chunk, (size_t)got);
}

/* After the end of the plugin: what it wrote is in the pipe, but a child may hold it open. */
static void drain_rest(struct plugin_stream *stream)
{
	struct pollfd pfd = {.fd = stream->fd, .events = POLLIN};

	while (stream->fd >= 0 && stream->buf.len <= stream->limit && poll(&pfd, 1, 0) > 0)
		drain(stream);
}

static int wait_end(struct plugin_run *run)
{
	for (;;) {
		int64_t left_ms = (run->deadline_ns - clock_monotonic_ns()) / 1000000;
		struct pollfd fds[3] = {{.fd = run->pidfd, .events = POLLIN},
			{.fd = run->out.fd, .events = POLLIN},
			{.fd = run->log.fd, .events = POLLIN}};
		int r = left_ms > 0 ? poll(fds, 3, (int)left_ms) : 0;

		if (r < 0 && errno != EINTR)
			return -errno;
		if (r == 0)
			return -ETIME;
		if (r < 0)
			continue;
		if (fds[1].revents)
			drain(&run->out);
		if (fds[2].revents)
			drain(&run->log);
		if (fds[0].revents)
			return 0;
	}
}

static void kill_session(struct plugin_run *run)
{
	/* Not reaped yet, so the number is still the plugin's, and so is the group. */
	kill(-run->pid, SIGKILL);
	pidfd_signal(run->pidfd, SIGKILL);
}

/* What a plugin says goes to a terminal: one line, without control characters. */
static char *clean_text(const char *text)
{
	AUTO(strbuf_release) struct strbuf buf = STRBUF_INIT;

	for (; *text && buf.len < 600; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte < 0x20 || byte == 0x7f)
			byte = ' ';
		if (byte != ' ' || (buf.len && buf.data[buf.len - 1] != ' '))
			strbuf_addc(&buf, (char)byte);
	}
	while (buf.len && (buf.data[buf.len - 1] == ' ' || buf.data[buf.len - 1] == '.'))
		buf.data[--buf.len] = '\0';
	return strbuf_take(&buf);
}

static int report_failure(const struct plugin_run *run, int status, struct error *err)
{
	AUTO(cni_failure_release) struct cni_failure failure = {0};
	autofree char *words = NULL, *details = NULL;

	if (run->out.buf.len &&
		cni_failure_parse(run->out.buf.data, run->out.buf.len, &failure, NULL) == 0) {
		int code = -cni_errno_of_code(failure.code);

		words = clean_text(failure.msg);
		details = clean_text(failure.details ? failure.details : "");
		return error_set(err, code, "network plugin %s: %s%s%s", run->type,
			*words ? words : "unknown error", *details ? ": " : "", details);
	}
	words = clean_text(strbuf_get(&run->log.buf));
	if (status > 128)
		return error_set(err, EIO, "network plugin %s: killed by %s%s%s", run->type,
			signal_name(status - 128), *words ? ": " : "", words);
	return error_set(err, EIO, "network plugin %s: %s failed with status %d%s%s", run->type,
		cni_command_name(run->command), status, *words ? ": " : "", words);
}

int plugin_finish(struct plugin_run *run, char **ret_output, struct error *err)
{
	int r = wait_end(run);
	int status;

	if (r < 0)
		kill_session(run);
	status = process_wait(run->pid);
	drain_rest(&run->out);
	drain_rest(&run->log);
	if (run->log.buf.len) {
		autofree char *words = clean_text(run->log.buf.data);

		log_debug("network plugin %s: %s", run->type, words);
	}
	if (r == -ETIME)
		r = error_set(err, ETIME, "network plugin %s: %s did not end within %u seconds",
			run->type, cni_command_name(run->command), run->timeout_ms / 1000);
	else if (r < 0)
		r = error_sys(err, -r, "network plugin %s", run->type);
	else if (status != 0)
		r = report_failure(run, status, err);
	else if (run->out.buf.len > run->out.limit)
		r = error_set(err, EBADMSG, "network plugin %s: its answer is larger than %u bytes",
			run->type, CNI_MAX_RESULT_BYTES);
	if (r == 0 && ret_output)
		*ret_output = strbuf_take(&run->out.buf);
	plugin_free(run);
	return r;
}

void plugin_cancel(struct plugin_run *run)
{
	if (!run)
		return;
	kill_session(run);
	process_wait(run->pid);
	plugin_free(run);
}

int plugin_delegate(const struct cni_request *request, enum cni_command command, const char *type,
	char **ret_output, struct error *err)
{
	AUTO(strv_free) char **dirs = strv_split(request->path ? request->path : "", ':');
	const struct plugin_call call = {
		.command = command,
		.type = type,
		.container_id = request->container_id,
		.netns = request->netns,
		.ifname = request->ifname,
		.args = request->args,
		.plugin_dirs = dirs,
		.timeout_ms = DELEGATE_TIMEOUT_MS,
	};
	struct plugin_run *run;
	int r;

	/* A type is a name in those directories, not a path out of them. */
	if (!cni_name_is_valid(type))
		return error_set(
			err, EINVAL, "ipam: type \"%s\" is not the name of a plugin", type);
	r = plugin_start(&call, json_object_to_json_string(request->conf), &run, err);
	return r < 0 ? r : plugin_finish(run, ret_output, err);
}
