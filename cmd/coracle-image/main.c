/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>

#include "base/str.h"
#include "common/out.h"
#include "container.h"
#include "session.h"

/*
 * The verbs that need libcurl or libarchive. coracle executes this program with its own command
 * line, so that the names below are those people typed.
 */
static const struct command_entry image_verbs[] = {
	{.name = "import", .command = &import_command, .run = cmd_import},
	{.name = "pull", .command = &pull_command, .run = cmd_pull},
	{0},
};

static const struct command_entry container_verbs[] = {
	{.name = "commit", .command = &commit_command, .run = cmd_commit},
	{.name = "cp", .command = &cp_command, .run = cmd_cp},
	{.name = "export", .command = &export_command, .run = cmd_export},
	{0},
};

static const struct command container_command = {
	.name = "container",
	.summary = "Manage containers",
	.arguments = "COMMAND",
	.children = container_verbs,
};

static const struct command image_command = {
	.name = "image",
	.summary = "Manage images",
	.arguments = "COMMAND",
	.children = image_verbs,
};

static const struct command_entry verbs[] = {
	{.name = "commit", .command = &commit_command, .run = cmd_commit},
	{.name = "container", .command = &container_command},
	{.name = "cp", .command = &cp_command, .run = cmd_cp},
	{.name = "export", .command = &export_command, .run = cmd_export},
	{.name = "image", .command = &image_command},
	{.name = "import", .command = &import_command, .run = cmd_import},
	{.name = "login", .command = &login_command, .run = cmd_login},
	{.name = "logout", .command = &logout_command, .run = cmd_logout},
	{.name = "pull", .command = &pull_command, .run = cmd_pull},
	{0},
};

static const struct command root_command = {
	.name = "coracle",
	.summary = "Containers without root",
	.arguments = "[OPTIONS] COMMAND",
	.children = verbs,
};

/* engine/find-image.c names a descriptor when it runs us to pull a missing image. */
static void hand_over_errors(void)
{
	const char *text = getenv("CORACLE_ERROR_FD");
	uint64_t fd;

	if (text && str_to_u64(text, 10, &fd) == 0 && fd > STDERR_FILENO && fd < 1024) {
		fcntl((int)fd, F_SETFD, FD_CLOEXEC);
		out_set_error_fd((int)fd);
	}
}

int main(int argc, char **argv)
{
	(void)argc;
	hand_over_errors();
	/* Unpackers and registries may hang up; that is an error of the write, not our end. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	return command_main(&root_command, argv);
}
