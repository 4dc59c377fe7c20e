/* SPDX-License-Identifier: Apache-2.0 */
#include "common/command.h"

static size_t name_width(const struct command *command)
{
	size_t width = 0;

	for (const struct command_entry *entry = command->children; entry->name; entry++) {
		if (!entry->hidden && strlen(entry->name) > width)
			width = strlen(entry->name);
	}
	return width;
}

static void add_children(struct strbuf *help, const struct command *command)
{
	size_t width = name_width(command);

	strbuf_adds(help, "\nCommands:\n");
	for (const struct command_entry *entry = command->children; entry->name; entry++) {
		if (!entry->hidden)
			strbuf_addf(help, "  %-*s  %s\n", (int)width, entry->name,
				entry->command->summary);
	}
}

char *command_help(const struct command *command, const char *path)
{
	AUTO(strbuf_release) struct strbuf help = STRBUF_INIT;
	const char *arguments = command->arguments ? command->arguments : "[OPTIONS]";

	strbuf_addf(&help, "%s\n\nUsage:\n  %s %s\n", command->summary, path,
		command->children ? "[OPTIONS] COMMAND" : arguments);
	if (command->children)
		add_children(&help, command);
	if (command->opts && command->opts->kind != OPT_KIND_END) {
		strbuf_adds(&help, "\nOptions:\n");
		opt_help(command->opts, &help);
	}
	if (command->children)
		strbuf_addf(&help, "\nUse \"%s COMMAND --help\" for more about a command.\n", path);
	return strbuf_take(&help);
}

struct dump {
	const char *path;
	struct strbuf *ret;
};

static void dump_option(void *context, const struct opt *opt)
{
	struct dump *dump = context;

	if (opt->hidden)
		return;
	strbuf_addf(dump->ret, "%s --%s", dump->path, opt->name);
	if (opt->letter)
		strbuf_addf(dump->ret, " -%c", opt->letter);
	strbuf_addc(dump->ret, '\n');
}

void command_dump_options(const struct command *command, const char *path, struct strbuf *ret)
{
	struct dump dump = {.path = path, .ret = ret};

	strbuf_addf(ret, "%s\n", path);
	opt_each(command->opts, dump_option, &dump);
	for (const struct command_entry *entry = command->children; entry && entry->name; entry++) {
		autofree char *below = xasprintf("%s %s", path, entry->name);

		if (!entry->hidden)
			command_dump_options(entry->command, below, ret);
	}
}
