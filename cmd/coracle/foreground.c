/* SPDX-License-Identifier: Apache-2.0 */
#include "foreground.h"

#include <strings.h>

#include "base/log.h"
#include "common/out.h"
#include "container/attach.h"

static bool has_stream(char *const *streams, const char *name)
{
	for (size_t i = 0; streams && streams[i]; i++) {
		if (strcasecmp(streams[i], name) == 0)
			return true;
	}
	return !streams;
}

int foreground_run(struct engine_start_result *started, const struct foreground *options)
{
	struct attach_client client = {
		.tty = started->tty,
		.interactive = options->interactive && has_stream(options->streams, "stdin"),
		.no_stdout = !has_stream(options->streams, "stdout"),
		.no_stderr = !has_stream(options->streams, "stderr"),
		/* In raw mode ^C is a byte that the container's terminal turns into a signal. */
		.sig_proxy = options->sig_proxy,
		.detach_keys = options->detach_keys ? options->detach_keys : started->detach_keys,
	};
	struct attach_result result;
	struct error err = {0};
	int r;

	if (client.tty && client.interactive && !isatty(STDIN_FILENO))
		log_warn("the input device is not a TTY: --tty and --interactive together may "
			 "not work as expected");
	r = attach_client_run(started->attach_fd, &client, &result, &err);
	close_fd(&started->attach_fd);
	if (r < 0) {
		out_error(&err);
		if (options->failure_code)
			return options->failure_code;
		return result.exit_code ? result.exit_code : ENGINE_EXIT_ENGINE;
	}
	return result.exit_code;
}
