/* SPDX-License-Identifier: Apache-2.0 */
#include "network/choice.h"

#include <errno.h>

#include "cni/conflist.h"
#include "network/default.h"

static const char *const mode_names[] = {
	[NETWORK_MODE_NONE] = "none",
	[NETWORK_MODE_HOST] = "host",
	[NETWORK_MODE_SLIRP] = "slirp",
	[NETWORK_MODE_CONTAINER] = "container",
	[NETWORK_MODE_NS] = "ns",
	[NETWORK_MODE_NAMED] = "bridge",
};

/* Words without an argument, podman's and docker's among them. */
static const struct {
	const char *word;
	enum network_mode mode;
} word_table[] = {
	{"", NETWORK_MODE_SLIRP},
	{"default", NETWORK_MODE_SLIRP},
	{"private", NETWORK_MODE_SLIRP},
	{"slirp", NETWORK_MODE_SLIRP},
	{"slirp4netns", NETWORK_MODE_SLIRP},
	{"none", NETWORK_MODE_NONE},
	{"host", NETWORK_MODE_HOST},
};

const char *network_mode_name(enum network_mode mode)
{
	return mode_names[mode];
}

bool network_choice_is_private(const struct network_choice *choice)
{
	return choice->mode == NETWORK_MODE_NONE || choice->mode == NETWORK_MODE_SLIRP ||
	       choice->mode == NETWORK_MODE_NAMED;
}

static int parse_options(const char *text, struct network_choice *choice, struct error *err)
{
	AUTO(strv_free) char **items = strv_split(text, ',');

	for (size_t i = 0; items[i]; i++) {
		char *equals = strchr(items[i], '=');
		int r;

		if (!*items[i])
			continue;
		if (equals)
			*equals = '\0';
		r = network_default_check(items[i], equals ? equals + 1 : NULL, err);
		if (r < 0)
			return r;
		strmap_set(&choice->options, items[i], equals + 1);
	}
	return 0;
}

/* "KIND:ARGUMENT"; 1 when @text is none of these. */
static int parse_with_argument(const char *text, struct network_choice *choice, struct error *err)
{
	const char *arg;

	arg = str_after(text, "slirp:");
	if (!arg)
		arg = str_after(text, "slirp4netns:");
	if (arg) {
		choice->mode = NETWORK_MODE_SLIRP;
		return parse_options(arg, choice, err);
	}
	arg = str_after(text, "container:");
	if (arg) {
		if (!cni_name_is_valid(arg))
			return error_set(
				err, EINVAL, "network %s: not the name of a container", text);
		choice->mode = NETWORK_MODE_CONTAINER;
		choice->target = xstrdup(arg);
		return 0;
	}
	arg = str_after(text, "ns:");
	if (arg) {
		if (*arg != '/')
			return error_set(err, EINVAL, "network %s: not an absolute path", text);
		choice->mode = NETWORK_MODE_NS;
		choice->target = xstrdup(arg);
		return 0;
	}
	return 1;
}

int network_choice_parse(const char *text, struct network_choice *ret, struct error *err)
{
	AUTO(network_choice_release) struct network_choice choice = {0};
	int r = 1;

	for (size_t i = 0; r == 1 && i < ARRAY_SIZE(word_table); i++) {
		if (str_eq(text, word_table[i].word)) {
			choice.mode = word_table[i].mode;
			r = 0;
		}
	}
	if (r == 1)
		r = parse_with_argument(text, &choice, err);
	if (r == 1) {
		if (!cni_name_is_valid(text))
			return error_set(err, EINVAL,
				"network \"%s\": not none, host, slirp, "
				"container:NAME, ns:PATH or the name of a network",
				text);
		choice.mode = NETWORK_MODE_NAMED;
		choice.target = xstrdup(text);
		r = 0;
	}
	if (r < 0)
		return r;
	*ret = choice;
	choice = (struct network_choice){0};
	return 0;
}

char *network_choice_format(const struct network_choice *choice)
{
	AUTO(strbuf_release) struct strbuf buf = STRBUF_INIT;

	if (choice->mode == NETWORK_MODE_NAMED)
		return xstrdup(choice->target);
	strbuf_adds(&buf, mode_names[choice->mode]);
	if (choice->target)
		strbuf_addf(&buf, ":%s", choice->target);
	for (size_t i = 0; i < choice->options.count; i++)
		strbuf_addf(&buf, "%c%s=%s", i ? ',' : ':', choice->options.items[i].key,
			choice->options.items[i].value);
	return strbuf_take(&buf);
}

void network_choice_copy(struct network_choice *to, const struct network_choice *from)
{
	to->mode = from->mode;
	to->target = xstrdup(from->target);
	strmap_copy(&to->options, &from->options);
}

void network_choice_release(struct network_choice *choice)
{
	free(choice->target);
	strmap_release(&choice->options);
	*choice = (struct network_choice){0};
}
