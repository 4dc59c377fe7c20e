/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/opt.h"

struct group {
	char *color;
	bool has_level;
	int64_t level;
};
struct options {
	bool all;
	bool sure;
	bool has_sure;
	char *name;
	char **list;
	char **csv;
	struct strmap map;
	int32_t small;
	uint64_t size;
	struct group group;
};

static const struct opt group_opts[] = {
	OPT_STRING(struct group, color, "color", 'c', "COLOR", "A color", .values = "red|green"),
	OPT_I64(struct group, level, "level", 0, "N", "A level",
		.has_offset = offsetof(struct group, has_level)),
	OPT_END,
};
static const struct opt opts[] = {
	OPT_BOOL(struct options, all, "all", 'a', "All of them"),
	OPT_BOOL(struct options, sure, "sure", 's', "Being sure",
		.has_offset = offsetof(struct options, has_sure)),
	OPT_STRING(struct options, name, "name", 'n', "NAME", "A name"),
	OPT_LIST(struct options, list, "list", 'l', "ITEM", "Items"),
	OPT_CSV(struct options, csv, "csv", 0, "ITEM", "Items"),
	OPT_MAP(struct options, map, "map", 'm', "KEY=VALUE", "Pairs"),
	OPT_I32(struct options, small, "small", 0, "N", "A small number"),
	OPT_SIZE(struct options, size, "size", 0, "SIZE", "A size"),
	OPT_GROUP(struct options, group, group_opts),
	OPT_END,
};

#define WORDS_MAX 12

/* Parses words that end with NULL; the arguments are left at the front of @words. */
static int parse(const char **words, unsigned flags, struct options *options, size_t *args,
	struct error *err)
{
	*options = (struct options){0};
	return opt_parse(opts, (char **)words, flags, options, args, err);
}

static void values_come_in_all_gnu_forms(void **state)
{
	const char *forms[][WORDS_MAX] = {
		{"--name=x", NULL},
		{"--name", "x", NULL},
		{"-n", "x", NULL},
		{"-nx", NULL},
		{"-n=x", NULL},
		{"-an", "x", NULL},
		{"-asnx", NULL},
		{"--name", "y", "--name=x", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct options options;
		struct error err = {0};
		size_t args;

		assert_int_equal(parse(forms[i], 0, &options, &args, &err), OPT_PARSED);
		assert_string_equal(options.name, "x");
		assert_int_equal(args, 0);
		opt_release(opts, &options);
	}
}

static void an_empty_value_is_a_value(void **state)
{
	const char *words[] = {"--name=", "--name", "", NULL};
	struct options options;
	struct error err = {0};
	size_t args;

	(void)state;
	assert_int_equal(parse(words, 0, &options, &args, &err), OPT_PARSED);
	assert_string_equal(options.name, "");
	opt_release(opts, &options);
}

static void bools_can_be_switched_off(void **state)
{
	const char *words[] = {"--all", "--sure", "--sure=false", "-a=false", NULL};
	struct options options;
	struct error err = {0};
	size_t args;

	(void)state;
	assert_int_equal(parse(words, 0, &options, &args, &err), OPT_PARSED);
	assert_false(options.sure);
	assert_true(options.has_sure);
	assert_false(options.all);
	opt_release(opts, &options);
}

static void lists_collect_and_csv_splits(void **state)
{
	const char *words[] = {"-l", "a,b", "--list=c", "--csv", "d,e", "--csv=f", "-m", "k=v=w",
		"--map", "bare", NULL};
	struct options options;
	struct error err = {0};
	size_t args;

	(void)state;
	assert_int_equal(parse(words, 0, &options, &args, &err), OPT_PARSED);
	assert_int_equal(strv_len(options.list), 2);
	assert_string_equal(options.list[0], "a,b");
	assert_int_equal(strv_len(options.csv), 3);
	assert_string_equal(options.csv[1], "e");
	assert_string_equal(strmap_get(&options.map, "k"), "v=w");
	assert_string_equal(strmap_get(&options.map, "bare"), "");
	opt_release(opts, &options);
}

static void groups_fill_their_own_struct(void **state)
{
	const char *words[] = {
		"--level", "-7", "-c", "green", "--size", "64m", "--small=-1000", NULL};
	struct options options;
	struct error err = {0};
	size_t args;

	(void)state;
	assert_int_equal(parse(words, 0, &options, &args, &err), OPT_PARSED);
	assert_string_equal(options.group.color, "green");
	assert_true(options.group.has_level);
	assert_int_equal(options.group.level, -7);
	assert_int_equal(options.size, 64 << 20);
	assert_int_equal(options.small, -1000);
	opt_release(opts, &options);
}

static void arguments_and_options_may_be_mixed(void **state)
{
	const char *words[] = {"one", "-a", "two", "-", "--", "-n", NULL};
	struct options options;
	struct error err = {0};
	size_t args;

	(void)state;
	assert_int_equal(parse(words, 0, &options, &args, &err), OPT_PARSED);
	assert_int_equal(args, 4);
	assert_string_equal(words[2], "-");
	assert_string_equal(words[3], "-n");
	assert_null(words[4]);
	assert_true(options.all);
	opt_release(opts, &options);
}

static void parsing_stops_at_the_image(void **state)
{
	const char *words[] = {"-a", "image", "sh", "-n", "--", "--help", NULL};
	struct options options;
	struct error err = {0};
	size_t args;

	(void)state;
	assert_int_equal(parse(words, OPT_STOP_AT_ARGUMENT, &options, &args, &err), OPT_PARSED);
	assert_int_equal(args, 5);
	assert_string_equal(words[2], "-n");
	assert_string_equal(words[3], "--");
	assert_null(options.name);
	opt_release(opts, &options);
}

static void mistakes_are_named_as_podman_does(void **state)
{
	const struct {
		const char *words[WORDS_MAX];
		const char *text;
	} cases[] = {
		{{"--x", NULL}, "unknown flag: --x"},
		{{"--x=1", NULL}, "unknown flag: --x"},
		{{"-ax", NULL}, "unknown shorthand flag: 'x' in -ax"},
		{{"--name", NULL}, "flag needs an argument: --name"},
		{{"-an", NULL}, "flag needs an argument: 'n' in -an"},
		{{"--color=blue", NULL},
			"invalid argument \"blue\" for \"--color\" flag: must be one of red|green"},
		{{"--sure=maybe", NULL},
			"invalid argument \"maybe\" for \"--sure\" flag: must be true or false"},
		{{"--level", "many", NULL},
			"invalid argument \"many\" for \"--level\" flag: not a whole number"},
		{{"--small", "3000000000", NULL},
			"invalid argument \"3000000000\" for \"--small\" flag: value out of range"},
		{{"--size=1q", NULL}, "invalid argument \"1q\" for \"--size\" flag: must be a "
				      "number with b, k, m, g or t behind it"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct options options;
		struct error err = {0};
		const char *words[WORDS_MAX];
		size_t args;

		memcpy(words, cases[i].words, sizeof(words));
		assert_int_equal(parse(words, 0, &options, &args, &err), -EINVAL);
		assert_string_equal(error_text(&err), cases[i].text);
		opt_release(opts, &options);
	}
}

static void help_is_found_before_mistakes(void **state)
{
	const char *forms[][WORDS_MAX] = {{"--help", "--x", NULL}, {"-h", NULL}, {"-ah", NULL}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct options options;
		struct error err = {0};
		size_t args;

		assert_int_equal(parse(forms[i], 0, &options, &args, &err), OPT_HELP);
		opt_release(opts, &options);
	}
}

static void help_is_sorted_and_names_values(void **state)
{
	AUTO(strbuf_release) struct strbuf help = STRBUF_INIT;

	(void)state;
	opt_help(opts, &help);
	assert_non_null(strstr(help.data, "  -a, --all"));
	assert_non_null(strstr(help.data, "  -c, --color COLOR"));
	assert_non_null(strstr(help.data, "(red|green)"));
	assert_true(strstr(help.data, "--all") < strstr(help.data, "--color"));
	assert_true(strstr(help.data, "--color") < strstr(help.data, "--csv"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_come_in_all_gnu_forms),
		cmocka_unit_test(an_empty_value_is_a_value),
		cmocka_unit_test(bools_can_be_switched_off),
		cmocka_unit_test(lists_collect_and_csv_splits),
		cmocka_unit_test(groups_fill_their_own_struct),
		cmocka_unit_test(arguments_and_options_may_be_mixed),
		cmocka_unit_test(parsing_stops_at_the_image),
		cmocka_unit_test(mistakes_are_named_as_podman_does),
		cmocka_unit_test(help_is_found_before_mistakes),
		cmocka_unit_test(help_is_sorted_and_names_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
