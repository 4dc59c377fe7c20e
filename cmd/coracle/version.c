/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/utsname.h>

#include "base/json.h"
#include "common/out.h"
#include "object-types.h"
#include "verbs.h"

struct version_options {
	char *format;
};

static const struct opt version_opts[] = {
	OPT_STRING(struct version_options, format, "format", 'f', "FORMAT",
		"json, or a Go template such as {{.Client.Version}}"),
	OPT_END,
};

static const char default_format[] = "Client:       Coracle\n"
				     "Version:      {{.Client.Version}}\n"
				     "OS/Arch:      {{.Client.OsArch}}";

/* Go's names, which scripts know, for the machines they know. */
static const char *go_architecture(const char *machine)
{
	if (str_eq(machine, "x86_64"))
		return "amd64";
	return str_eq(machine, "aarch64") ? "arm64" : machine;
}

static struct json_object *client_json(void)
{
	struct json_object *client = json_object_new_object();
	struct utsname uts = {0};
	autofree char *platform = NULL;

	uname(&uts);
	platform = xasprintf("linux/%s", go_architecture(uts.machine));
	json_object_object_add(client, "Version", json_object_new_string(CORACLE_VERSION));
	json_object_object_add(client, "APIVersion", json_object_new_string(CORACLE_VERSION));
	json_object_object_add(client, "OsArch", json_object_new_string(platform));
	json_object_object_add(client, "Os", json_object_new_string("linux"));
	return client;
}

static int cmd_version(struct cli *cli, void *data, char **args)
{
	const struct version_options *options = data;
	AUTO(json_free) struct json_object *version = json_object_new_object();
	const void *const items[] = {version};
	const struct format_rows rows = {
		.verb = "version", .type = &version_object_type, .items = items, .count = 1};
	const char *format = options->format ? options->format : default_format;
	struct error err = {0};

	(void)cli;
	(void)args;
	json_object_object_add(version, "Client", client_json());
	if (format_is_json(format))
		out_json(version);
	else if (out_rows(format, &rows, &err) < 0)
		return out_failed(&err);
	return 0;
}

const struct command version_command = {
	.name = "version",
	.summary = "Show the version",
	.opts = version_opts,
	.options_size = sizeof(struct version_options),
	.run = cmd_version,
};
