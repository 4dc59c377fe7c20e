/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/out.h"
#include "container/event.h"
#include "pull/import.h"
#include "session.h"

/* Opened before the user namespace is entered: the file may be readable only outside of it. */
static int open_tar(const char *path, int *ret, struct error *err)
{
	int fd;

	if (str_after(path, "http://") || str_after(path, "https://"))
		return error_set(
			err, EINVAL, "%s: import reads files and - only; fetch it first", path);
	if (str_eq(path, "-") && isatty(STDIN_FILENO))
		return error_set(err, EINVAL, "a tar cannot be read from a terminal");
	fd = str_eq(path, "-") ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
			       : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_sys(err, errno, "open %s", path);
	*ret = fd;
	return 0;
}

int cmd_import(struct cli *cli, void *data, char **args)
{
	const struct import_options *options = data;
	AUTO(store_close) struct store *store = NULL;
	AUTO(platform_release) struct platform platform = {0};
	autofree char *id = NULL;
	autoclose int fd = -1;
	struct import_request request = {
		.reference = args[1],
		.changes = options->change,
		.message = options->message,
	};
	struct error err = {0};
	int r = session_platform(&options->platform, &platform, &err);

	if (r > 0)
		request.platform = &platform;
	if (r >= 0)
		r = open_tar(args[0], &fd, &err);
	if (r >= 0)
		r = session_open(cli, &store, &err);
	if (r < 0)
		return out_failed(&err);
	request.store = store;
	request.fd = fd;
	r = import_image(&request, &id, &err);
	if (r < 0) {
		error_wrap(&err, r, "import %s", args[0]);
		return out_failed(&err);
	}
	image_note_event(store->events_fd, EVENT_IMPORT, id, args[1]);
	if (args[1])
		image_note_event(store->events_fd, EVENT_TAG, id, args[1]);
	out_linef("sha256:%s", id);
	return 0;
}
