/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/commit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/out.h"
#include "container.h"
#include "sys/file.h"

/* Opened before the user namespace is entered, where it may be out of reach. */
static int open_iidfile(const char *path, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	return fd < 0 ? error_sys(err, errno, "open %s", path) : fd;
}

static int parse_format(const char *text, bool *ret_docker, struct error *err)
{
	if (text && !str_eq(text, "oci") && !str_eq(text, "docker"))
		return error_set(err, EINVAL, "unrecognized image format \"%s\"", text);
	*ret_docker = str_eq(text, "docker");
	return 0;
}

static int commit(struct cli *cli, const struct commit_options *options, char **args, char **ret_id,
	struct error *err)
{
	AUTO(engine_close) struct engine *engine = NULL;
	struct engine_commit request = {
		.container = args[0],
		.image = args[1],
		.author = options->author,
		.message = options->message,
		.changes = options->changes,
		.pause = options->pause,
		.squash = options->squash,
		.include_volumes = options->include_volumes,
	};
	autoclose int iidfile = -1;
	int r = parse_format(options->format, &request.docker, err);

	if (r == 0 && options->iidfile)
		r = iidfile = open_iidfile(options->iidfile, err);
	if (r >= 0)
		r = container_engine_open(cli, &engine, err);
	if (r >= 0)
		r = engine_commit(engine, &request, ret_id, err);
	if (r >= 0 && iidfile >= 0) {
		r = fd_write_all(iidfile, *ret_id, strlen(*ret_id));
		if (r < 0)
			error_sys(err, -r, "write %s", options->iidfile);
	}
	return r;
}

int cmd_commit(struct cli *cli, void *data, char **args)
{
	autofree char *id = NULL;
	struct error err = {0};

	if (commit(cli, data, args, &id, &err) < 0)
		return out_failed(&err);
	out_linef("%s", id);
	return 0;
}
