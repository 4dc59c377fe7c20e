/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_OPT_H
#define COMMON_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/*
 * One table per verb gives parsing, --help and completion. A row names a member of the verb's
 * options struct, which owns what is put there:
 *
 *         static const struct opt rm_opts[] = {
 *                 OPT_BOOL(struct rm_options, force, "force", 'f', "Kill running containers"),
 *                 OPT_END,
 *         };
 */
enum opt_kind {
	OPT_KIND_END = 0,
	OPT_KIND_BOOL,   /* bool: --x, --x=false */
	OPT_KIND_STRING, /* char *, the last one counts */
	OPT_KIND_LIST,   /* char ** (strv), one item per use */
	OPT_KIND_CSV,    /* char ** (strv), items separated by commas */
	OPT_KIND_MAP,    /* struct strmap of KEY=VALUE */
	OPT_KIND_I64,    /* int64_t */
	OPT_KIND_I32,    /* int32_t */
	OPT_KIND_SIZE,   /* uint64_t bytes, "64m" */
	OPT_KIND_GROUP,  /* the rows of another table */
};

/* What completion offers as an argument, of an option or of the verb itself. */
enum opt_complete {
	COMPLETE_NONE = 0,
	COMPLETE_FILES,
	COMPLETE_DIRS,
	COMPLETE_CONTAINERS,
	COMPLETE_RUNNING, /* containers that run */
	COMPLETE_PAUSED,
	COMPLETE_IMAGES,
	COMPLETE_VOLUMES,
};

struct opt {
	const char *name; /* without dashes */
	char letter;      /* 0: none */
	enum opt_kind kind;
	size_t offset;
	size_t has_offset;   /* bool set when given; 0: none (never the first member) */
	const char *metavar; /* NULL for bools */
	const char *help;
	const char *values; /* "a|b|c": all that is taken; NULL: anything */
	enum opt_complete complete;
	bool hidden;             /* not in --help (an alias) */
	const struct opt *group; /* OPT_KIND_GROUP; offsets count from @offset */
};

#define OPT_ROW(opt_kind, type, member, long_name, short_name, ...) \
	{ \
		.name = (long_name), .letter = (short_name), .kind = (opt_kind), \
		.offset = offsetof(type, member), __VA_ARGS__ \
	}
#define OPT_BOOL(type, member, name, letter, text, ...) \
	OPT_ROW(OPT_KIND_BOOL, type, member, name, letter, .help = (text), ##__VA_ARGS__)
#define OPT_STRING(type, member, name, letter, meta, text, ...) \
	OPT_ROW(OPT_KIND_STRING, type, member, name, letter, .metavar = (meta), .help = (text), \
		##__VA_ARGS__)
#define OPT_LIST(type, member, name, letter, meta, text, ...) \
	OPT_ROW(OPT_KIND_LIST, type, member, name, letter, .metavar = (meta), .help = (text), \
		##__VA_ARGS__)
#define OPT_CSV(type, member, name, letter, meta, text, ...) \
	OPT_ROW(OPT_KIND_CSV, type, member, name, letter, .metavar = (meta), .help = (text), \
		##__VA_ARGS__)
#define OPT_MAP(type, member, name, letter, meta, text, ...) \
	OPT_ROW(OPT_KIND_MAP, type, member, name, letter, .metavar = (meta), .help = (text), \
		##__VA_ARGS__)
#define OPT_I64(type, member, name, letter, meta, text, ...) \
	OPT_ROW(OPT_KIND_I64, type, member, name, letter, .metavar = (meta), .help = (text), \
		##__VA_ARGS__)
#define OPT_I32(type, member, name, letter, meta, text, ...) \
	OPT_ROW(OPT_KIND_I32, type, member, name, letter, .metavar = (meta), .help = (text), \
		##__VA_ARGS__)
#define OPT_SIZE(type, member, name, letter, meta, text, ...) \
	OPT_ROW(OPT_KIND_SIZE, type, member, name, letter, .metavar = (meta), .help = (text), \
		##__VA_ARGS__)
/* Rows of @table, whose options struct is embedded as @member. */
#define OPT_GROUP(type, member, table) \
	{ \
		.kind = OPT_KIND_GROUP, .offset = offsetof(type, member), .group = (table) \
	}
#define OPT_END \
	{ \
		.kind = OPT_KIND_END \
	}

enum opt_flags {
	OPT_STOP_AT_ARGUMENT = 1, /* what follows the first argument is not ours (run, exec) */
};

enum opt_result {
	OPT_PARSED = 0,
	OPT_HELP, /* --help or -h was found first (-h only where no row has it) */
};

/*
 * opt_parse - GNU style: --x=y, --x y, -x y, -xy, bundles of letters, --.
 * @argv:     NULL-terminated, without the verb
 * @data:     the options struct, with defaults; opt_release() it in any case
 * @ret_args: number of strings in argv that are arguments; they are moved to its front
 *
 * Returns an enum opt_result; -EINVAL with podman's words ("unknown flag: --x").
 */
int opt_parse(const struct opt *opts, char **argv, unsigned flags, void *data, size_t *ret_args,
	struct error *err);

/* Frees and zeroes what the table's members own. */
void opt_release(const struct opt *opts, void *data);

/* The row of a long name or a letter, through groups; NULL. @ret_base: offset of its group. */
const struct opt *opt_find(const struct opt *opts, const char *name, char letter, size_t *ret_base);

/* Calls @visit for each row, groups opened. */
void opt_each(
	const struct opt *opts, void (*visit)(void *context, const struct opt *opt), void *context);

/* The lines of --help, sorted, at most 80 columns wide. */
void opt_help(const struct opt *opts, struct strbuf *ret);

#endif
