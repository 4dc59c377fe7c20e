/* SPDX-License-Identifier: Apache-2.0 */
#include "cni/plugin.h"

#include <errno.h>
#include <unistd.h>

#include "cni/failure.h"
#include "cni/result.h"
#include "sys/file.h"

extern char **environ;

static const struct json_field attachment_fields[] = {
	JSON_STRING(struct cni_attachment, container_id, "containerID", JSON_REQUIRED),
	JSON_STRING(struct cni_attachment, ifname, "ifname", JSON_REQUIRED),
	JSON_END,
};

static const struct json_field attachments_fields[] = {
	JSON_OBJECTS(struct cni_attachments, items, count, "cni.dev/valid-attachments",
		attachment_fields),
	JSON_END,
};

int cni_attachments_parse(
	const struct cni_request *request, struct cni_attachments *ret, struct error *err)
{
	int r = json_decode(request->conf, "configuration", attachments_fields, ret, err);

	if (r < 0)
		cni_attachments_release(ret);
	return r;
}

bool cni_attachments_have(
	const struct cni_attachments *list, const char *container_id, const char *ifname)
{
	for (size_t i = 0; i < list->count; i++) {
		if (str_eq(list->items[i].container_id, container_id) &&
			str_eq(list->items[i].ifname, ifname))
			return true;
	}
	return false;
}

void cni_attachments_release(struct cni_attachments *list)
{
	json_release(attachments_fields, list);
	*list = (struct cni_attachments){0};
}

static int command_version(const struct cni_request *request, char **ret_output, struct error *err)
{
	(void)request;
	(void)err;
	*ret_output = xstrdup("{\"cniVersion\":\"" CNI_VERSION
			      "\",\"supportedVersions\":[\"1.0.0\",\"" CNI_VERSION "\"]}\n");
	return 0;
}

static cni_command_fn *find_command(const struct cni_commands *commands, enum cni_command command)
{
	switch (command) {
	case CNI_COMMAND_ADD:
		return commands->add;
	case CNI_COMMAND_DEL:
		return commands->del;
	case CNI_COMMAND_CHECK:
		return commands->check;
	case CNI_COMMAND_GC:
		return commands->gc;
	case CNI_COMMAND_STATUS:
		return commands->status;
	case CNI_COMMAND_VERSION:
		return command_version;
	case CNI_COMMAND_NONE:
		break;
	}
	return NULL;
}

/* Versions before 1.0.0 have another form of result. */
static int check_version(const struct cni_request *request, unsigned *ret_code, struct error *err)
{
	if (request->command == CNI_COMMAND_VERSION || strcmp(request->version, "1.0.0") >= 0)
		return 0;
	*ret_code = CNI_INCOMPATIBLE_VERSION;
	return error_set(err, EPROTONOSUPPORT, "CNI version %s is not supported (1.0.0 and %s are)",
		request->version, CNI_VERSION);
}

static int run(const struct cni_commands *commands, char **ret_output, char **ret_version,
	unsigned *ret_code, struct error *err)
{
	AUTO(cni_request_release) struct cni_request request = {0};
	autofree char *text = NULL;
	cni_command_fn *command;
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
	command = find_command(commands, request.command);
	r = command ? command(&request, ret_output, err) : 0;
	*ret_code = r < 0 ? cni_code_of_errno(r) : CNI_OK;
	return r;
}

int cni_plugin_main(const struct cni_commands *commands)
{
	autofree char *output = NULL, *version = NULL;
	struct error err = {0};
	unsigned code = CNI_IO;
	int r = run(commands, &output, &version, &code, &err);

	if (r < 0) {
		free(output);
		output = cni_failure_write(cni_version_is_supported(version) ? version : NULL, code,
			error_text(&err), NULL);
	}
	if (output && fd_write_all(STDOUT_FILENO, output, strlen(output)) < 0)
		return 1;
	return r < 0;
}
