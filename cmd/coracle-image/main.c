/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>

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

static const struct command image_command = {
	.name = "image",
	.summary = "Manage images",
	.arguments = "COMMAND",
	.children = image_verbs,
};

static const struct command_entry verbs[] = {
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

int main(int argc, char **argv)
{
	(void)argc;
	/* Unpackers and registries may hang up; that is an error of the write, not our end. */
	(void)signal(SIGPIPE, SIG_IGN);
	return command_main(&root_command, argv);
}
