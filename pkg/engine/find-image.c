/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/internal.h"
#include "image/config.h"
#include "image/platform.h"
#include "storage/layer.h"
#include "storage/tree.h"
#include "sys/file.h"
#include "sys/process.h"

/* Longest message that coracle-image hands back. */
#define PULL_MAX_MESSAGE 4096

static char **pull_arguments(
	struct engine *engine, const struct run_request *req, const char *policy)
{
	char **argv = NULL;

	strv_add(&argv, "coracle-image");
	strv_take(&argv, xasprintf("--root=%s", engine->store->root));
	strv_take(&argv, xasprintf("--runroot=%s", engine->store->run));
	if (engine->store->events_fd < 0)
		strv_add(&argv, "--events-backend=none");
	strv_add(&argv, "pull");
	strv_take(&argv, xasprintf("--policy=%s", policy));
	if (req->quiet)
		strv_add(&argv, "--quiet");
	if (req->platform)
		strv_take(&argv, xasprintf("--platform=%s", req->platform));
	if (req->authfile)
		strv_take(&argv, xasprintf("--authfile=%s", req->authfile));
	if (req->tls_verify)
		strv_take(&argv, xasprintf("--tls-verify=%s", req->tls_verify));
	strv_add(&argv, req->image);
	return argv;
}

/*
 * Runs "coracle-image pull" with our standard error for its progress. Its message of failure comes
 * through a pipe (CORACLE_ERROR_FD), so that the person reads one line, from one program.
 */
static int pull(
	struct engine *engine, const struct run_request *req, const char *policy, struct error *err)
{
	autofree char *program = libexec_path("coracle-image");
	AUTO(strv_free) char **argv = pull_arguments(engine, req, policy);
	AUTO(strv_free) char **env = strv_dup(engine->host_env);
	autofree char *message = NULL;
	struct process_spawn spawn = {.path = program,
		.argv = argv,
		.stdin_fd = STDIN_FILENO,
		.stdout_fd = -1,
		.stderr_fd = -1,
		.fd_count = 1};
	int ends[2];
	pid_t pid;
	int r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_sys(err, errno, "pipe");
	strv_env_set(&env, "CORACLE_ERROR_FD", "3");
	spawn.env = env;
	spawn.fds = &ends[1];
	r = process_spawn(&spawn, &pid, NULL, err);
	close(ends[1]);
	if (r == 0) {
		fd_read_all(ends[0], PULL_MAX_MESSAGE, &message, NULL, NULL);
		r = process_wait(pid);
		if (r != 0)
			r = error_set(err, ENOENT, "%s",
				str_is_empty(message) ? "the image could not be pulled" : message);
	}
	close(ends[0]);
	return r;
}

static bool platform_fits(const struct image_record *image, const char *wanted)
{
	AUTO(image_config_release) struct image_config config = {0};
	struct platform want = {0}, have = {0};
	bool fits = true;

	if (!wanted)
		return true;
	if (platform_parse(wanted, &want, NULL) == 0 &&
		image_config_parse(image->config, image->config_len, &config, NULL) == 0) {
		image_config_platform(&config, &have);
		fits = platform_rank(&want, &have) > 0;
		platform_release(&have);
	}
	platform_release(&want);
	return fits;
}

int engine_find_image(struct engine *engine, const struct run_request *req,
	struct image_record **ret, char **ret_name, struct error *err)
{
	static const char *const policies[] = {
		[RUN_PULL_MISSING] = "missing",
		[RUN_PULL_ALWAYS] = "always",
		[RUN_PULL_NEVER] = "never",
		[RUN_PULL_NEWER] = "newer",
	};
	bool must_pull = req->pull == RUN_PULL_ALWAYS || req->pull == RUN_PULL_NEWER;
	int r = 0;

	if (!must_pull) {
		r = image_resolve_name(engine->store, req->image, ret, ret_name, err);
		if (r == 0 && platform_fits(*ret, req->platform))
			return 0;
		if (r < 0 && (r != -ENOENT || req->pull == RUN_PULL_NEVER))
			return r;
		if (r == 0) {
			image_record_free(*ret);
			*ret = NULL;
			free(*ret_name);
			*ret_name = NULL;
			if (req->pull == RUN_PULL_NEVER)
				return error_set(err, ENOENT, "%s: image not known for platform %s",
					req->image, req->platform);
		}
	}
	r = pull(engine, req, r == 0 && !must_pull ? "always" : policies[req->pull], err);
	return r < 0 ? r : image_resolve_name(engine->store, req->image, ret, ret_name, err);
}

/* What one layer says of a path: 1 and the text, 0 nothing, -ENOENT it is deleted here. */
static int look_in_layer(int diff, const char *path, size_t limit, char **ret)
{
	autofree char *dir = xstrdup(path);
	char *slash = strrchr(dir, '/');
	autoclose int parent = -1;
	autoclose int fd = -1;
	struct stat st;

	if (slash)
		*slash = '\0';
	parent = root_open(diff, slash ? dir : ".", O_PATH | O_DIRECTORY, 0, NULL);
	if (parent < 0)
		return 0;
	if (fstatat(parent, slash ? slash + 1 : path, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		autoclose int readable = root_open(diff, slash ? dir : ".", O_RDONLY, 0, NULL);

		return readable >= 0 && tree_is_opaque(readable) ? -ENOENT : 0;
	}
	if (tree_is_whiteout(&st))
		return -ENOENT;
	fd = root_open(diff, path, O_RDONLY | O_NONBLOCK, 0, NULL);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
		fd_read_all(fd, limit, ret, NULL, NULL) < 0)
		return -ENOENT;
	return 1;
}

char *image_read_file(struct store *store, char *const *layers, const char *path, size_t limit)
{
	for (size_t i = strv_len(layers); i > 0; i--) {
		autoclose int diff = layer_open_diff(store, layers[i - 1], NULL);
		char *text = NULL;
		int r = diff < 0 ? 0 : look_in_layer(diff, path, limit, &text);

		if (r > 0)
			return text;
		if (r < 0)
			break;
	}
	return xstrdup("");
}
