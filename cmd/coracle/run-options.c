/* SPDX-License-Identifier: Apache-2.0 */
#include "run-options.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>

#include "base/json.h"
#include "container/attach.h"
#include "sys/file.h"
#include "sys/process.h"

#define MAX_LINE_FILE (1 << 20) /* --env-file, --label-file */

void run_options_init(void *data)
{
	struct run_options *options = data;

	run_request_init(&options->req);
	options->sig_proxy = true;
}

/* Calls @add for each line that is neither empty nor a comment. */
static int each_line(const char *path,
	int (*add)(void *context, const char *line, struct error *err), void *context,
	struct error *err)
{
	autofree char *text = NULL;
	AUTO(strv_free) char **lines = NULL;
	int r = file_read_at(AT_FDCWD, path, MAX_LINE_FILE, &text, NULL, err);

	if (r < 0)
		return error_wrap(err, r, "%s", path);
	lines = strv_split(text, '\n');
	for (size_t i = 0; lines[i]; i++) {
		char *line = lines[i] + strspn(lines[i], " \t");
		size_t len = strlen(line);

		if (len > 0 && line[len - 1] == '\r')
			line[len - 1] = '\0';
		if (!*line || *line == '#')
			continue;
		r = add(context, line, err);
		if (r < 0)
			return error_wrap(err, r, "%s", path);
	}
	return 0;
}

struct environment {
	char **list;
	char *const *host;
};

/* K* copies every variable of ours that begins so. */
static void add_glob(struct environment *env, const char *prefix, size_t len)
{
	for (size_t i = 0; env->host && env->host[i]; i++) {
		const char *equals = strchr(env->host[i], '=');
		autofree char *name = NULL;

		/* It names a socket of the host; what a container finds there --sdnotify decides. */
		if (!equals || strncmp(env->host[i], prefix, len) != 0 ||
			str_after(env->host[i], "NOTIFY_SOCKET="))
			continue;
		name = xstrndup(env->host[i], (size_t)(equals - env->host[i]));
		strv_env_set(&env->list, name, equals + 1);
	}
}

static int add_env(void *context, const char *line, struct error *err)
{
	struct environment *env = context;
	const char *equals = strchr(line, '=');
	size_t len = equals ? (size_t)(equals - line) : strlen(line);
	autofree char *name = xstrndup(line, len);
	const char *value = equals ? equals + 1 : NULL;

	if (len == 0)
		return error_set(err, EINVAL, "environment variable without a name: \"%s\"", line);
	if (!equals && name[len - 1] == '*') {
		add_glob(env, name, len - 1);
		return 0;
	}
	if (!equals)
		value = strv_env_get(env->host, name);
	if (value)
		strv_env_set(&env->list, name, value);
	return 0;
}

int run_environment(
	const struct run_options *options, char *const *host, char ***ret, struct error *err)
{
	struct environment env = {.host = host};
	int r = 0;

	if (options->env_host)
		add_glob(&env, "", 0);
	for (size_t i = 0; r == 0 && options->env_files && options->env_files[i]; i++)
		r = each_line(options->env_files[i], add_env, &env, err);
	for (size_t i = 0; r == 0 && options->env && options->env[i]; i++)
		r = add_env(&env, options->env[i], err);
	if (r < 0)
		strv_free(env.list);
	else
		*ret = env.list;
	return r;
}

static int add_label(void *context, const char *line, struct error *err)
{
	struct strmap *labels = context;
	const char *equals = strchr(line, '=');
	autofree char *key = equals ? xstrndup(line, (size_t)(equals - line)) : xstrdup(line);

	if (!*key)
		return error_set(err, EINVAL, "label without a name: \"%s\"", line);
	strmap_set(labels, key, equals ? equals + 1 : "");
	return 0;
}

static int finish_labels(struct run_options *options, struct error *err)
{
	for (size_t i = 0; options->label_files && options->label_files[i]; i++) {
		int r = each_line(options->label_files[i], add_label, &options->req.labels, err);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; options->labels && options->labels[i]; i++) {
		int r = add_label(&options->req.labels, options->labels[i], err);

		if (r < 0)
			return r;
	}
	return 0;
}

int run_entrypoint(const char *text, char ***ret, struct error *err)
{
	AUTO(json_free) struct json_object *list = NULL;
	AUTO(strv_free) char **words = NULL;

	if (*text != '[' || json_parse(text, strlen(text), &list, NULL) < 0 ||
		!json_object_is_type(list, json_type_array)) {
		if (*text)
			strv_add(&words, text);
		*ret = take_ptr(words);
		return 0;
	}
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		if (!json_object_is_type(item, json_type_string))
			return error_set(err, EINVAL, "--entrypoint: item %zu is not a string", i);
		strv_add(&words, json_object_get_string(item));
	}
	*ret = take_ptr(words);
	return 0;
}

static enum run_pull pull_policy(const char *text)
{
	if (str_eq(text, "always"))
		return RUN_PULL_ALWAYS;
	if (str_eq(text, "never"))
		return RUN_PULL_NEVER;
	return str_eq(text, "newer") ? RUN_PULL_NEWER : RUN_PULL_MISSING;
}

/* A path that stays right whatever directory the monitor is in. */
static void make_absolute(char **path)
{
	char cwd[PATH_MAX];
	char *full;

	if (!*path || **path == '/' || !getcwd(cwd, sizeof(cwd)))
		return;
	full = xasprintf("%s/%s", cwd, *path);
	free(*path);
	*path = full;
}

static void find_window(struct run_request *req)
{
	struct winsize size;

	if (!req->tty)
		return;
	for (int fd = 0; fd <= 2 && !req->has_window; fd++) {
		if (ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_row == 0)
			continue;
		req->has_window = true;
		req->window_rows = size.ws_row;
		req->window_columns = size.ws_col;
	}
}

static int check_attach(const struct run_options *options, struct error *err)
{
	for (size_t i = 0; options->attach && options->attach[i]; i++) {
		const char *name = options->attach[i];

		if (strcasecmp(name, "stdin") != 0 && strcasecmp(name, "stdout") != 0 &&
			strcasecmp(name, "stderr") != 0)
			return error_set(err, EINVAL,
				"invalid stream \"%s\" for --attach: must be one of stdin, "
				"stdout or stderr",
				name);
	}
	if (options->attach && options->req.detach)
		return error_set(err, EINVAL, "--attach and --detach exclude each other");
	return 0;
}

static int check_values(const struct run_options *options, struct error *err)
{
	const struct run_request *req = &options->req;
	struct detach_keys keys;
	int sig;

	if (req->stop_signal && signal_parse(req->stop_signal, &sig) < 0)
		return error_set(err, EINVAL, "invalid --stop-signal \"%s\"", req->stop_signal);
	if (req->stop_timeout_s < -1)
		return error_set(err, EINVAL, "--stop-timeout must not be negative");
	if (req->oom_score_adj != RUN_OOM_SCORE_UNSET &&
		(req->oom_score_adj < -1000 || req->oom_score_adj > 1000))
		return error_set(err, EINVAL, "--oom-score-adj must be between -1000 and 1000");
	if (req->detach_keys && detach_keys_parse(req->detach_keys, &keys, err) < 0)
		return -EINVAL;
	if (req->replace && !req->name)
		return error_set(err, EINVAL, "cannot replace a container without --name");
	return check_attach(options, err);
}

int run_options_finish(
	struct run_options *options, const struct cli *cli, char *const *args, struct error *err)
{
	struct run_request *req = &options->req;
	int r = check_values(options, err);

	if (r == 0)
		r = run_environment(options, environ, &req->env, err);
	if (r == 0)
		r = finish_labels(options, err);
	if (r == 0 && options->has_entrypoint)
		r = run_entrypoint(options->entrypoint, &req->entrypoint, err);
	if (r == 0)
		r = platform_cli_text(&options->platform, &req->platform, err);
	if (r < 0)
		return r;
	req->has_entrypoint = options->has_entrypoint;
	req->image = xstrdup(args[0]);
	req->command = args[1] ? strv_dup(args + 1) : NULL;
	req->create_command = strv_dup(cli->argv);
	req->limits.cgroup_manager = xstrdup(cli->globals.cgroup_manager);
	req->pull = pull_policy(options->pull);
	if (options->has_tls_verify)
		req->tls_verify = xstrdup(options->tls_verify ? "true" : "false");
	for (size_t i = 0; options->attach && options->attach[i]; i++)
		req->interactive |= strcasecmp(options->attach[i], "stdin") == 0;
	for (size_t i = 0; i < req->log_options.count; i++) {
		if (str_eq(req->log_options.items[i].key, "path"))
			make_absolute(&req->log_options.items[i].value);
	}
	make_absolute(&req->pidfile);
	make_absolute(&req->cidfile);
	find_window(req);
	return 0;
}

int cidfile_open(const char *path, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0 && errno == EEXIST)
		return error_set(err, EEXIST,
			"container id file exists. Ensure another container is not using it or "
			"delete %s",
			path);
	if (fd < 0)
		return error_sys(err, errno, "container id file %s", path);
	return fd;
}

int cidfile_finish(int fd, const char *path, const char *id, struct error *err)
{
	int r = 0;

	if (fd < 0)
		return 0;
	if (id)
		r = fd_write_all(fd, id, strlen(id));
	else
		unlink(path);
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r < 0 ? error_sys(err, -r, "container id file %s", path) : 0;
}
