/* SPDX-License-Identifier: Apache-2.0 */
#include "common/opts-container.h"

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
