/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slirp - a CNI plugin that joins a network namespace to the host without privilege: a tap in
 * the namespace, libslirp's TCP/IP on this side of it, ordinary sockets of the user to the world.
 */
#include <errno.h>
#include <unistd.h>

#include "cni/failure.h"
#include "cni/result.h"
#include "commands.h"
#include "sys/file.h"

extern char **environ;

typedef int (*command_function)(
	const struct cni_request *request, char **ret_output, struct error *err);

static const command_function command_table[] = {
	[CNI_COMMAND_ADD] = command_add,
	[CNI_COMMAND_DEL] = command_del,
	[CNI_COMMAND_CHECK] = command_check,
	[CNI_COMMAND_GC] = command_gc,
	[CNI_COMMAND_STATUS] = command_status,
	[CNI_COMMAND_VERSION] = command_version,
};

/* Versions before 1.0.0 have another form of result. */
static int check_version(const struct cni_request *request, unsigned *ret_code, struct error *err)
{
	if (request->command == CNI_COMMAND_VERSION || strcmp(request->version, "1.0.0") >= 0)
		return 0;
	*ret_code = CNI_INCOMPATIBLE_VERSION;
	return error_set(err, EPROTONOSUPPORT, "CNI version %s is not supported (1.0.0 and %s are)",
		request->version, CNI_VERSION);
}

static int run(char **ret_output, char **ret_version, unsigned *ret_code, struct error *err)
{
	AUTO(cni_request_release) struct cni_request request = {0};
	autofree char *text = NULL;
	size_t len;
	int r = fd_read_all(STDIN_FILENO, CNI_MAX_CONFIG_BYTES, &text, &len, err);

	*ret_code = CNI_IO;
	if (r < 0)
		return error_wrap(err, r, "configuration");
	r = cni_request_parse(environ, text, len, &request, ret_code, err);
	if (r < 0)
		return r;
	*ret_version = xstrdup(request.version);
	r = check_version(&request, ret_code, err);
	if (r < 0)
		return r;
	r = command_table[request.command](&request, ret_output, err);
	*ret_code = r < 0 ? cni_code_of_errno(r) : CNI_OK;
	return r;
}

int main(void)
{
	autofree char *output = NULL, *version = NULL;
	struct error err = {0};
	unsigned code = CNI_IO;
	int r;

	/* What the caller forgot to close must not live on in the packet process. */
	close_range(3, ~0U, 0);
	r = run(&output, &version, &code, &err);
	if (r < 0)
		output = cni_failure_write(cni_version_is_supported(version) ? version : NULL, code,
			error_text(&err), NULL);
	if (output && fd_write_all(STDOUT_FILENO, output, strlen(output)) < 0)
		return 1;
	return r < 0;
}
