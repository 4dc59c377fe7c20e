/* SPDX-License-Identifier: Apache-2.0 */
#include "common/out.h"
#include "verbs.h"

/*
 * The shells' stubs call `coracle __complete WORDS…` with all words up to the cursor; the last
 * one is unfinished, and may be empty. Answers are lines; ":files" and ":dirs" leave it to the
 * shell.
 */
struct completion {
	struct cli cli;
	const struct command *command;
	const char *word;
	struct strbuf out;
};

static void offer(struct completion *completion, const char *text)
{
	if (text && str_after(text, completion->word))
		strbuf_addf(&completion->out, "%s\n", text);
}

static void offer_option(void *context, const struct opt *opt)
{
	struct completion *completion = context;
	autofree char *name = xasprintf("--%s", opt->name);

	if (!opt->hidden)
		offer(completion, name);
}

static void offer_values(struct completion *completion, const char *values, const char *before)
{
	AUTO(strv_free) char **list = strv_split(values, '|');

	for (size_t i = 0; list[i]; i++) {
		autofree char *text = xasprintf("%s%s", before, list[i]);

		offer(completion, text);
	}
}

/* @state: of those that are offered; NULL: all. */
static void offer_containers(
	struct completion *completion, struct engine *engine, const char *state)
{
	AUTO(engine_ps_release) struct engine_ps list = {0};

	if (engine_ps(engine, &list, NULL) < 0)
		return;
	for (size_t i = 0; i < list.count; i++) {
		if (!state || str_eq(list.rows[i].state, state))
			offer(completion, list.rows[i].name);
	}
}

/* Short forms too, as people type them. */
static void offer_images(struct completion *completion, struct engine *engine)
{
	AUTO(engine_images_release) struct engine_images list = {0};

	if (engine_images(engine, &list, NULL) < 0)
		return;
	for (size_t i = 0; i < list.count; i++) {
		for (char **name = list.items[i].names; name && *name; name++) {
			const char *slash = strrchr(*name, '/');

			offer(completion, *name);
			if (slash)
				offer(completion, slash + 1);
		}
	}
}

static void offer_volumes(struct completion *completion, struct engine *engine)
{
	AUTO(engine_volumes_release) struct engine_volumes list = {0};

	if (engine_volumes(engine, &list, NULL) < 0)
		return;
	for (size_t i = 0; i < list.count; i++)
		offer(completion, list.items[i].name);
}

static void offer_kind(struct completion *completion, enum opt_complete kind)
{
	AUTO(engine_close) struct engine *engine = NULL;

	if (kind == COMPLETE_NONE)
		return;
	if (kind == COMPLETE_FILES || kind == COMPLETE_DIRS) {
		strbuf_adds(&completion->out, kind == COMPLETE_FILES ? ":files\n" : ":dirs\n");
		return;
	}
	if (cli_engine_open(&completion->cli, &engine, NULL) < 0)
		return;
	if (kind == COMPLETE_IMAGES)
		offer_images(completion, engine);
	else if (kind == COMPLETE_VOLUMES)
		offer_volumes(completion, engine);
	else
		offer_containers(completion, engine,
			kind == COMPLETE_RUNNING  ? "running"
			: kind == COMPLETE_PAUSED ? "paused"
						  : NULL);
}

/* The row of an option word that wants its argument in the next word; NULL. */
static const struct opt *awaits_value(const struct opt *opts, const char *word)
{
	const struct opt *opt = NULL;
	size_t base;

	if (str_after(word, "--") && !strchr(word, '='))
		opt = opt_find(opts, word + 2, 0, &base);
	else if (word[0] == '-' && word[1] && word[1] != '-')
		opt = opt_find(opts, NULL, word[strlen(word) - 1], &base);
	return opt && opt->kind != OPT_KIND_BOOL ? opt : NULL;
}

static void offer_option_values(
	struct completion *completion, const struct opt *opt, const char *before)
{
	if (opt->values)
		offer_values(completion, opt->values, before);
	else
		offer_kind(completion, opt->complete);
}

static void offer_commands(struct completion *completion)
{
	const struct command_entry *entry = completion->command->children;

	for (; entry && entry->name; entry++) {
		if (!entry->hidden)
			offer(completion, entry->name);
	}
}

/* Words before the last: descends into verbs, counts arguments, keeps options before the verb. */
static const struct opt *walk(
	struct completion *completion, char **words, size_t count, size_t *ret_args)
{
	const struct opt *wants = NULL;
	size_t args = 0;

	for (size_t i = 0; i < count; i++) {
		const struct command_entry *entry = command_find(completion->command, words[i]);

		if (wants) {
			wants = NULL;
		} else if (words[i][0] == '-') {
			wants = awaits_value(completion->command->opts, words[i]);
		} else if (entry) {
			completion->command = entry->command;
		} else {
			args++;
		}
	}
	*ret_args = args;
	return wants;
}

/* --root and the like decide where names come from. */
static void take_globals(struct completion *completion, char **words, size_t count)
{
	autofree char **copy = xcalloc(count + 1, sizeof(*copy));
	size_t args = 0;

	memcpy(copy, words, count * sizeof(*copy));
	opt_parse(global_opts, copy, OPT_STOP_AT_ARGUMENT, &completion->cli.globals, &args, NULL);
}

static void complete_word(struct completion *completion, size_t args)
{
	const struct command *command = completion->command;
	const char *equals = strchr(completion->word, '=');
	size_t base;

	if (str_after(completion->word, "--") && equals) {
		autofree char *name =
			xstrndup(completion->word + 2, (size_t)(equals - completion->word - 2));
		autofree char *before = xasprintf("--%s=", name);
		const struct opt *opt = opt_find(command->opts, name, 0, &base);

		if (opt)
			offer_option_values(completion, opt, before);
	} else if (completion->word[0] == '-' &&
		   !((command->parse_flags & OPT_STOP_AT_ARGUMENT) && args > 0)) {
		opt_each(command->opts, offer_option, completion);
		offer(completion, "--help");
	} else if (command->children) {
		offer_commands(completion);
	} else if ((command->parse_flags & OPT_STOP_AT_ARGUMENT) && args > 0) {
		strbuf_adds(&completion->out, ":files\n");
	} else {
		offer_kind(completion, command->complete);
	}
}

int complete_main(char **words)
{
	struct completion completion = {.command = &root_command, .out = STRBUF_INIT};
	size_t count = strv_len(words);
	const struct opt *wants;
	size_t args = 0;

	if (count == 0)
		return 0;
	completion.word = words[count - 1];
	take_globals(&completion, words, count - 1);
	wants = walk(&completion, words, count - 1, &args);
	if (wants)
		offer_option_values(&completion, wants, "");
	else
		complete_word(&completion, args);
	out_text(strbuf_get(&completion.out));
	strbuf_release(&completion.out);
	opt_release(global_opts, &completion.cli.globals);
	return 0;
}
