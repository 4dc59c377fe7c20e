/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/export.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/out.h"
#include "container.h"

/* Opened before the user namespace is entered, where it may be out of reach. */
static int open_output(const char *path, bool *ret_is_new, struct error *err)
{
	int fd;

	if (!path) {
		if (isatty(STDOUT_FILENO))
			return error_set(err, EINVAL,
				"refusing to export to terminal. Use -o flag or redirect");
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
		return fd < 0 ? error_sys(err, errno, "standard output") : fd;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	*ret_is_new = fd >= 0;
	if (fd < 0 && errno == EEXIST)
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return fd < 0 ? error_sys(err, errno, "open %s", path) : fd;
}

int cmd_export(struct cli *cli, void *data, char **args)
{
	const struct export_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	struct error err = {0};
	bool is_new = false;
	autoclose int fd = open_output(options->output, &is_new, &err);
	int r = fd < 0 ? fd : container_engine_open(cli, &engine, &err);

	if (r == 0)
		r = engine_export(engine, args[0], fd, &err);
	if (r == 0)
		return 0;
	/* Half an archive is no archive. */
	if (is_new)
		unlink(options->output);
	if (r == -EPIPE && !options->output) {
		/* Whoever reads has seen enough. */
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	return out_failed(&err);
}
