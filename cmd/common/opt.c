/* SPDX-License-Identifier: Apache-2.0 */
#include "common/opt.h"

#include <errno.h>

/* Where opt_parse() is. */
struct parser {
	const struct opt *opts;
	char **argv;
	size_t next; /* index of the word after the one that is looked at */
	void *data;
	struct error *err;
};

const struct opt *opt_find(const struct opt *opts, const char *name, char letter, size_t *ret_base)
{
	for (const struct opt *opt = opts; opt && opt->kind != OPT_KIND_END; opt++) {
		if (opt->kind == OPT_KIND_GROUP) {
			size_t base = 0;
			const struct opt *found = opt_find(opt->group, name, letter, &base);

			if (!found)
				continue;
			*ret_base = opt->offset + base;
			return found;
		}
		if ((name && str_eq(opt->name, name)) || (letter && opt->letter == letter)) {
			*ret_base = 0;
			return opt;
		}
	}
	return NULL;
}

void opt_each(
	const struct opt *opts, void (*visit)(void *context, const struct opt *opt), void *context)
{
	for (const struct opt *opt = opts; opt && opt->kind != OPT_KIND_END; opt++) {
		if (opt->kind == OPT_KIND_GROUP)
			opt_each(opt->group, visit, context);
		else
			visit(context, opt);
	}
}

static bool is_value(const char *values, const char *text)
{
	AUTO(strv_free) char **all = strv_split(values, '|');

	return strv_has(all, text);
}

static int bad_value(struct error *err, const struct opt *opt, const char *value, const char *why)
{
	return error_set(err, EINVAL, "invalid argument \"%s\" for \"--%s\" flag: %s", value,
		opt->name, why);
}

static int set_map(struct strmap *map, const char *value)
{
	const char *equals = strchr(value, '=');
	autofree char *key = equals ? xstrndup(value, (size_t)(equals - value)) : xstrdup(value);

	strmap_set(map, key, equals ? equals + 1 : "");
	return 0;
}

static void add_csv(char ***list, const char *value)
{
	AUTO(strv_free) char **parts = strv_split(value, ',');

	strv_add_all(list, parts);
}

static int set_number(const struct opt *opt, void *member, const char *value, struct error *err)
{
	int64_t number;

	if (str_to_i64(value, &number) < 0)
		return bad_value(err, opt, value, "not a whole number");
	if (opt->kind == OPT_KIND_I64) {
		*(int64_t *)member = number;
		return 0;
	}
	if (number < INT32_MIN || number > INT32_MAX)
		return bad_value(err, opt, value, "value out of range");
	*(int32_t *)member = (int32_t)number;
	return 0;
}

static int set_value(struct parser *parser, const struct opt *opt, size_t base, const char *value)
{
	char *group = (char *)parser->data + base;
	void *member = group + opt->offset;

	if (opt->has_offset)
		*(bool *)(group + opt->has_offset) = true;
	if (opt->values && !is_value(opt->values, value)) {
		autofree char *why = xasprintf("must be one of %s", opt->values);

		return bad_value(parser->err, opt, value, why);
	}
	switch (opt->kind) {
	case OPT_KIND_BOOL:
		if (str_to_bool(value, member) < 0)
			return bad_value(parser->err, opt, value, "must be true or false");
		return 0;
	case OPT_KIND_STRING:
		free(*(char **)member);
		*(char **)member = xstrdup(value);
		return 0;
	case OPT_KIND_LIST:
		strv_add(member, value);
		return 0;
	case OPT_KIND_CSV:
		add_csv(member, value);
		return 0;
	case OPT_KIND_MAP:
		return set_map(member, value);
	case OPT_KIND_SIZE:
		if (str_to_size(value, member) < 0)
			return bad_value(parser->err, opt, value,
				"must be a number with b, k, m, g or t behind it");
		return 0;
	default:
		return set_number(opt, member, value, parser->err);
	}
}

static int parse_long(struct parser *parser, const char *word)
{
	const char *equals = strchr(word, '=');
	autofree char *name = equals ? xstrndup(word, (size_t)(equals - word)) : xstrdup(word);
	size_t base = 0;
	const struct opt *opt = opt_find(parser->opts, name, 0, &base);

	if (!opt && str_eq(name, "help"))
		return OPT_HELP;
	if (!opt)
		return error_set(parser->err, EINVAL, "unknown flag: --%s", name);
	if (equals)
		return set_value(parser, opt, base, equals + 1);
	if (opt->kind == OPT_KIND_BOOL)
		return set_value(parser, opt, base, "true");
	if (!parser->argv[parser->next])
		return error_set(parser->err, EINVAL, "flag needs an argument: --%s", name);
	return set_value(parser, opt, base, parser->argv[parser->next++]);
}

static int parse_letters(struct parser *parser, const char *letters)
{
	for (const char *at = letters; *at; at++) {
		size_t base = 0;
		const struct opt *opt = opt_find(parser->opts, NULL, *at, &base);
		int r;

		if (!opt && *at == 'h')
			return OPT_HELP;
		if (!opt)
			return error_set(parser->err, EINVAL, "unknown shorthand flag: '%c' in -%s",
				*at, letters);
		if (opt->kind != OPT_KIND_BOOL) {
			const char *value = at[1] == '=' ? at + 2 : at + 1;

			if (at[1])
				return set_value(parser, opt, base, value);
			if (!parser->argv[parser->next])
				return error_set(parser->err, EINVAL,
					"flag needs an argument: '%c' in -%s", *at, letters);
			return set_value(parser, opt, base, parser->argv[parser->next++]);
		}
		if (at[1] == '=')
			return set_value(parser, opt, base, at + 2);
		r = set_value(parser, opt, base, "true");
		if (r != 0)
			return r;
	}
	return 0;
}

int opt_parse(const struct opt *opts, char **argv, unsigned flags, void *data, size_t *ret_args,
	struct error *err)
{
	struct parser parser = {.opts = opts, .argv = argv, .data = data, .err = err};
	size_t args = 0;
	bool only_args = false;

	while (argv[parser.next]) {
		char *word = argv[parser.next++];
		int r = 0;

		if (only_args || word[0] != '-' || !word[1]) {
			argv[args++] = word;
			if (flags & OPT_STOP_AT_ARGUMENT)
				only_args = true;
		} else if (str_eq(word, "--")) {
			only_args = true;
		} else if (word[1] == '-') {
			r = parse_long(&parser, word + 2);
		} else {
			r = parse_letters(&parser, word + 1);
		}
		if (r != 0)
			return r;
	}
	argv[args] = NULL;
	*ret_args = args;
	return OPT_PARSED;
}

static void release_row(const struct opt *opt, void *member)
{
	switch (opt->kind) {
	case OPT_KIND_STRING:
		free(*(char **)member);
		*(char **)member = NULL;
		return;
	case OPT_KIND_LIST:
	case OPT_KIND_CSV:
		strv_free(*(char ***)member);
		*(char ***)member = NULL;
		return;
	case OPT_KIND_MAP:
		strmap_release(member);
		return;
	default:
		return;
	}
}

void opt_release(const struct opt *opts, void *data)
{
	for (const struct opt *opt = opts; opt && opt->kind != OPT_KIND_END; opt++) {
		if (opt->kind == OPT_KIND_GROUP)
			opt_release(opt->group, (char *)data + opt->offset);
		else
			release_row(opt, (char *)data + opt->offset);
	}
}
