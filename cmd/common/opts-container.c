/* SPDX-License-Identifier: Apache-2.0 */
#include "common/opts-container.h"

#include <errno.h>
#include <string.h>

#define IMAGE_PROGRAM "coracle-image"

static const struct opt export_opts[] = {
	OPT_STRING(struct export_options, output, "output", 'o', "FILE",
		"Write to a file instead of standard output", .complete = COMPLETE_FILES),
	OPT_END,
};

const struct command export_command = {
	.name = "export",
	.summary = "Write the file system of a container as a tar",
	.arguments = "[OPTIONS] CONTAINER",
	.opts = export_opts,
	.options_size = sizeof(struct export_options),
	.min_args = 1,
	.max_args = 1,
	.complete = COMPLETE_CONTAINERS,
	.program = IMAGE_PROGRAM,
};

static const struct opt commit_opts[] = {
	OPT_STRING(struct commit_options, author, "author", 'a', "TEXT", "Author of the image"),
	OPT_LIST(struct commit_options, changes, "change", 'c', "INSTRUCTION",
		"Containerfile instruction for the image's configuration, such as CMD=sh"),
	/* Not .values: the message is podman's. */
	OPT_STRING(struct commit_options, format, "format", 'f', "FORMAT",
		"Format of manifest and configuration: oci or docker"),
	OPT_STRING(struct commit_options, iidfile, "iidfile", 0, "FILE",
		"Write the id of the image to a file", .complete = COMPLETE_FILES),
	OPT_BOOL(struct commit_options, include_volumes, "include-volumes", 0,
		"Volumes of the container become volumes of the image"),
	OPT_STRING(struct commit_options, message, "message", 'm', "TEXT",
		"Comment in the image's history (--format docker)"),
	OPT_BOOL(struct commit_options, pause, "pause", 'p',
		"Pause the container while its files are read"),
	OPT_BOOL(struct commit_options, quiet, "quiet", 'q', "Print nothing but the id"),
	OPT_BOOL(struct commit_options, squash, "squash", 's',
		"Make one layer of all that the container has"),
	OPT_END,
};

const struct command commit_command = {
	.name = "commit",
	.summary = "Make an image of a container and its changes",
	.arguments = "[OPTIONS] CONTAINER [IMAGE]",
	.opts = commit_opts,
	.options_size = sizeof(struct commit_options),
	.min_args = 1,
	.max_args = 2,
	.complete = COMPLETE_CONTAINERS,
	.program = IMAGE_PROGRAM,
};

void cp_place_release(struct cp_place *place)
{
	free(place->container);
	free(place->path);
	*place = (struct cp_place){0};
}

static void parse_place(const char *text, struct cp_place *ret)
{
	const char *colon = strchr(text, ':');

	*ret = (struct cp_place){.is_stream = str_eq(text, "-")};
	/* "./a:b" is a file; a container's name does not begin so. */
	if (!colon || text[0] == '/' || text[0] == '.') {
		ret->path = xstrdup(text);
	} else {
		ret->container = xstrndup(text, (size_t)(colon - text));
		ret->path = xstrdup(colon + 1);
	}
}

int cp_places_parse(
	char *const *args, struct cp_place *ret_from, struct cp_place *ret_to, struct error *err)
{
	parse_place(args[0], ret_from);
	parse_place(args[1], ret_to);
	if (!*ret_from->path || !*ret_to->path)
		return error_set(err, EINVAL,
			"invalid arguments \"%s\", \"%s\": you must specify paths", args[0],
			args[1]);
	if (!ret_from->container && !ret_to->container)
		return error_set(err, EINVAL,
			"invalid arguments \"%s\", \"%s\": one of them must be CONTAINER:PATH",
			args[0], args[1]);
	return 0;
}

static void cp_init(void *data)
{
	struct cp_options *options = data;

	options->archive = true;
}

static const struct opt cp_opts[] = {
	OPT_BOOL(struct cp_options, archive, "archive", 'a',
		"Files belong to the user of the container they are copied to (default true)"),
	OPT_BOOL(struct cp_options, overwrite, "overwrite", 0,
		"Directories may be replaced by files, and files by directories"),
	OPT_END,
};

const struct command cp_command = {
	.name = "cp",
	.summary = "Copy files between containers and the host",
	.arguments = "[OPTIONS] [CONTAINER:]SOURCE|- [CONTAINER:]DESTINATION|-",
	.opts = cp_opts,
	.options_size = sizeof(struct cp_options),
	.init = cp_init,
	.min_args = 2,
	.max_args = 2,
	.complete = COMPLETE_FILES,
	.program = IMAGE_PROGRAM,
};
